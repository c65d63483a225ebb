//! When a token is to expire, as a program says it: `{"days": 30}`, `{"date": "2027-02-21"}`, `{"at": "2027-02-21T18:00:00Z"}`
//! or `"never"`.

use time::{Duration, OffsetDateTime, PrimitiveDateTime, UtcOffset, format_description::well_known::Rfc3339};

use super::{
    super::{
        json::Json,
        members::{At, Members},
        refused::said,
    },
    content::Ground,
};
use crate::{
    app::Rule,
    clock::TimeZone,
    domain::{
        limit::MAX_DAYS,
        policy::{DEFAULT_LIFETIME_DAYS, Policy},
        token::Expiry,
    },
    web::times,
};

/// For a token that never expires.
const NEVER: &str = "never";

/// Reads an expiry, and holds it against the policy.
pub fn read(ground: &Ground<'_>, at: &mut At<'_>, json: Json) -> Option<Expiry> {
    let expiry = match json {
        Json::Text(text) if text == NEVER => Expiry::Never,
        Json::Object(_) => at
            .object(json, |members| instant(ground.zone, ground.now, members))
            .map(Expiry::At)?,
        _ => {
            let how = "This must be \"never\" or an object with one of days, date and at.";
            at.fault("wrong-type", how);
            return None;
        }
    };
    // An earlier end is no widening, whatever the policy has become since.
    let narrows = ground.token.is_some_and(|token| !expiry.is_later_than(token.expiry));
    let policy = if narrows {
        &Policy::default()
    } else {
        &ground.terms.policy
    };
    match policy.check_expiry(expiry, ground.created_at(), ground.now) {
        Ok(()) => Some(expiry),
        Err(refusal) => {
            let said = said(&Rule::Expiry(refusal));
            at.fault(said.member.map_or("expiry", |(_, code)| code), said.detail);
            None
        }
    }
}

/// Reads the last instant of something, said in one of three ways; days are those of `zone`.
pub fn instant(zone: &TimeZone, now: PrimitiveDateTime, members: &mut Members<'_>) -> Option<PrimitiveDateTime> {
    let days = members.optional("days", |at, json| {
        let days = at.whole(&json, 1, i64::from(MAX_DAYS))?;
        let end = in_days(zone, now, days);
        if end.is_none() {
            at.fault("out-of-range", "That is later than there are dates.");
        }
        end
    });
    let date = members.optional("date", |at, json| {
        let day = times::parse_day(&at.text(json)?);
        if day.is_none() {
            at.fault("malformed", "A date is written as year, month and day: 2027-02-21.");
        }
        day.map(|day| zone.end_of_day(day))
    });
    let instant = members.optional("at", |at, json| {
        let instant = parse(&at.text(json)?);
        if instant.is_none() {
            at.fault(
                "malformed",
                "An instant is written as in RFC 3339: 2027-02-21T18:00:00Z.",
            );
        }
        instant
    });
    let mut given = [days, date, instant].into_iter().flatten();
    match (given.next(), given.next()) {
        (Some(one), None) => Some(one),
        (Some(_), Some(_)) => {
            members.fault("ambiguous", "Only one of days, date and at may be there.");
            None
        }
        // A wrong one was told.
        (None, _) => {
            if members.is_without(&["days", "date", "at"]) {
                members.fault("missing", "One of days, date and at must be there.");
            }
            None
        }
    }
}

/// The end of the day that is so many days from today in a zone (rule 3).
fn in_days(zone: &TimeZone, now: PrimitiveDateTime, days: i64) -> Option<PrimitiveDateTime> {
    let day = zone.today(now).checked_add(Duration::days(days))?;
    Some(zone.end_of_day(day))
}

/// An instant, UTC, without the part of a second.
pub fn parse(text: &str) -> Option<PrimitiveDateTime> {
    let at = OffsetDateTime::parse(text, &Rfc3339)
        .ok()?
        .checked_to_offset(UtcOffset::UTC)?;
    PrimitiveDateTime::new(at.date(), at.time()).replace_nanosecond(0).ok()
}

/// The expiry of a token of which nothing is said: after `days` where a template proposes so many, else after 90; sooner
/// where the policy or the token that asks ends sooner.
pub fn usual(ground: &Ground<'_>, own: Expiry, days: Option<u16>) -> Expiry {
    let days = days.unwrap_or(DEFAULT_LIFETIME_DAYS);
    let wanted = in_days(ground.zone, ground.now, days.into());
    let latest = ground.terms.policy.latest_expiry(ground.created_at(), ground.now);
    let ends = [wanted, latest, own.instant()];
    Expiry::from(ends.into_iter().flatten().min())
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn an_instant_may_name_any_zone() {
        assert_eq!(parse("2027-02-21T18:00:00.9Z"), Some(datetime!(2027-02-21 18:00)));
        assert_eq!(parse("2027-02-21T23:30:00+05:30"), Some(datetime!(2027-02-21 18:00)));
        for bad in [
            "",
            "2027-02-21",
            "2027-02-21T18:00:00",
            "2027-02-30T18:00:00Z",
            "9999-12-31T23:59:59-23:59",
            "1",
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
