//! `/activity`: what happened in the account.

pub mod export;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use askama::Template;
use time::{Date, Duration};

use crate::{
    app::activity::{self, By, Topic, Wanted},
    clock::TimeZone,
    domain::audit::Event,
    web::{
        cursor::Cursors,
        error::WebError,
        guard::Customer,
        layout::Layout,
        times,
        words::{self, EventWords, Reader},
    },
};

/// Events of a page.
const PAGE: usize = 50;

const TOPICS: [(Option<Topic>, &str, &str); 4] = [
    (None, "all", "Everything"),
    (Some(Topic::Tokens), "tokens", "Tokens"),
    (Some(Topic::Security), "security", "Sign-in and security"),
    (Some(Topic::Account), "account", "Account"),
];

const ACTORS: [(Option<By>, &str, &str); 5] = [
    (None, "all", "Anybody"),
    (Some(By::Holder), "you", "You"),
    (Some(By::Support), "support", "Support"),
    (Some(By::Tokens), "tokens", "Tokens"),
    (Some(By::Latchkey), "latchkey", "Latchkey"),
];

/// What the address says. An unknown value is the default, so that an old bookmark never becomes an error.
#[derive(Clone, Debug, Default)]
struct Parameters {
    topic: usize,
    by: usize,
    since: Option<Date>,
    before: String,
}

impl Parameters {
    fn read(query: &str) -> Self {
        let mut read = Self::default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "kind" => read.topic = TOPICS.iter().position(|(_, code, _)| *code == value).unwrap_or(0),
                "by" => read.by = ACTORS.iter().position(|(_, code, _)| *code == value).unwrap_or(0),
                "since" => read.since = times::parse_day(&value),
                "before" => read.before = value.into_owned(),
                _ => {}
            }
        }
        read
    }

    fn wanted(&self, zone: &TimeZone) -> Wanted {
        let before_since = self.since.and_then(Date::previous_day);
        Wanted {
            topic: TOPICS[self.topic].0,
            by: ACTORS[self.by].0,
            since: before_since.map(|day| zone.end_of_day(day) + Duration::SECOND),
        }
    }

    /// The address of the same events, from `before` on.
    fn address(&self, path: &str, before: Option<&str>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        if self.topic > 0 {
            query.append_pair("kind", TOPICS[self.topic].1);
        }
        if self.by > 0 {
            query.append_pair("by", ACTORS[self.by].1);
        }
        if let Some(since) = self.since {
            query.append_pair("since", &times::iso_day(since));
        }
        if let Some(before) = before {
            query.append_pair("before", before);
        }
        match query.finish() {
            query if query.is_empty() => path.to_owned(),
            query => format!("{path}?{query}"),
        }
    }

    fn is_filtered(&self) -> bool {
        self.topic > 0 || self.by > 0 || self.since.is_some()
    }
}

/// An entry of a choice: its code, its words, and whether it is the chosen one.
type Choice = (&'static str, &'static str, bool);

#[derive(Template)]
#[template(path = "activity/activity.html")]
struct ActivityPage {
    page: Layout,
    topics: Vec<Choice>,
    actors: Vec<Choice>,
    since: String,
    today: String,
    filtered: bool,
    events: Vec<EventWords>,
    /// Address of the page with older events; empty when there are none.
    older: String,
    /// Address of the first page; empty on it.
    latest: String,
    csv: String,
}

/// `GET /activity`.
pub async fn show(customer: Customer, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let parameters = Parameters::read(request.query_string());
    let (app, account) = (&customer.visit.app, &customer.account);
    let cursors = Cursors::of(app, &account.public_id);
    let before = cursors.read(&parameters.before);
    let one_more = i64::try_from(PAGE + 1).expect("it is a small number");
    let wanted = parameters.wanted(&customer.zone);
    let mut events = activity::list(app, &customer.caller, account.id, wanted, before, one_more).await?;
    let more = events.len() > PAGE;
    events.truncate(PAGE);
    let older = events.last().filter(|_| more).map(|last| cursors.write(last.id));
    let page = ActivityPage {
        page: customer.layout("Activity", "activity"),
        topics: choices(&TOPICS, parameters.topic),
        actors: choices(&ACTORS, parameters.by),
        since: parameters.since.map(times::iso_day).unwrap_or_default(),
        today: times::iso_day(customer.zone.today(app.now())),
        filtered: parameters.is_filtered(),
        events: events.iter().map(|event| in_words(&customer, event)).collect(),
        older: older
            .map(|id| parameters.address("/activity", Some(&id)))
            .unwrap_or_default(),
        latest: before
            .map(|_| parameters.address("/activity", None))
            .unwrap_or_default(),
        csv: parameters.address("/activity.csv", None),
    };
    customer.visit.page(StatusCode::OK, &page)
}

fn choices<T>(known: &[(T, &'static str, &'static str)], chosen: usize) -> Vec<Choice> {
    let numbered = known.iter().enumerate();
    numbered
        .map(|(place, (_, code, words))| (*code, *words, place == chosen))
        .collect()
}

fn in_words(customer: &Customer, event: &Event) -> EventWords {
    words::event_words(&customer.visit.app.catalogue, &customer.zone, Reader::Holder, event)
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn a_day_begins_in_the_accounts_zone() {
        let zone: TimeZone = "Asia/Kolkata".parse().unwrap();
        let wanted = Parameters::read("since=2026-11-23&kind=tokens&by=support").wanted(&zone);
        assert_eq!(wanted.since, Some(datetime!(2026-11-22 18:30)));
        assert_eq!((wanted.topic, wanted.by), (Some(Topic::Tokens), Some(By::Support)));
    }

    #[test]
    fn what_is_not_known_is_the_default() {
        let odd = Parameters::read("kind=x&by=&since=2026-02-30&colour=red");
        assert!(!odd.is_filtered());
        assert_eq!(odd.address("/activity", None), "/activity");
        let address = Parameters::read("by=you&since=2026-11-23&kind=all").address("/activity", Some("ab"));
        assert_eq!(address, "/activity?by=you&since=2026-11-23&before=ab");
    }
}
