//! Functions that read accounts.

use regex::Regex;
use serde_json::{Map, Value, json};
use time::{format_description::BorrowedFormatItem, macros::format_description};

use super::{
    super::{
        controls::{expression, whm},
        envelope::{Done, Refused},
        parameters::Parameters,
        tokens::unix,
        words::Failure,
    },
    Staff, no_account,
};
use crate::{
    app::accounts::every::{self, Whole},
    domain::account::{Account, Standing, Username},
};

const START_DATE: &[BorrowedFormatItem<'_>] =
    format_description!("[year repr:last_two] [month repr:short] [day] [hour]:[minute]");

/// What the interface has and accounts here do not, with the value that says "no limit" or "nothing".
const UNLIMITED: [&str; 13] = [
    "disklimit",
    "inodeslimit",
    "max_defer_fail_percentage",
    "max_email_per_hour",
    "max_emailacct_quota",
    "maxaddons",
    "maxftp",
    "maxlst",
    "maxparked",
    "maxpassengerapps",
    "maxpop",
    "maxsql",
    "maxsub",
];
const NOTHING: [&str; 6] = ["ip", "mailbox_format", "partition", "shell", "theme", "uid"];
const ZERO: [&str; 9] = [
    "backup",
    "has_backup",
    "inodesused",
    "is_locked",
    "legacy_backup",
    "min_defer_fail_percentage",
    "outgoing_mail_hold",
    "outgoing_mail_suspended",
    "temporary",
];

pub(super) async fn listaccts(staff: &Staff, parameters: &Parameters) -> Result<Done, Failure> {
    let wanted = Wanted::read(parameters)?;
    let mut rows = Vec::new();
    let mut last: Option<Username> = None;
    loop {
        let part = every::after(&staff.call.app, &staff.caller, last.as_ref()).await?;
        rows.extend(part.iter().filter(|whole| wanted.holds(whole)).map(row));
        last = match part.last() {
            Some((account, _)) if part.len() == every::PART => Some(account.username.clone()),
            _ => break,
        };
    }
    let (mut rows, metadata) = whm::list(parameters, rows)?;
    if let Some(columns) = parameters.one("want")?.filter(|columns| !columns.is_empty()) {
        let columns: Vec<&str> = columns.split(',').map(str::trim).collect();
        for row in &mut rows {
            if let Value::Object(members) = row {
                members.retain(|name, _| columns.contains(&name.as_str()));
            }
        }
    }
    Ok(Done {
        data: json!({"acct": rows}),
        message: None,
        metadata,
    })
}

pub(super) async fn accountsummary(staff: &Staff, parameters: &Parameters) -> Result<Done, Failure> {
    let (app, caller) = (&staff.call.app, &staff.caller);
    let (name, found) = match (parameters.one("user")?, parameters.one("domain")?) {
        (Some(user), _) => (user, find(staff, user).await?),
        (None, Some(domain)) => {
            let site = domain.parse().map_err(|_| no_account(domain))?;
            (domain, every::with_site(app, caller, &site).await?)
        }
        (None, None) => return Err(Refused::new("Give the parameter “user” or “domain”.").into()),
    };
    let whole = found.ok_or_else(|| no_account(name))?;
    Ok(Done::with(json!({"acct": [row(&whole)]})))
}

/// The account of a user name as somebody wrote it.
pub(super) async fn find(staff: &Staff, user: &str) -> Result<Option<Whole>, Failure> {
    let Ok(username) = user.trim().to_ascii_lowercase().parse::<Username>() else {
        return Ok(None);
    };
    Ok(every::of(&staff.call.app, &staff.caller, &username).await?)
}

/// The account that the first of these parameters names.
pub(super) async fn named(staff: &Staff, parameters: &Parameters, names: &[&str]) -> Result<Account, Failure> {
    let user = match parameters.first_of(names)? {
        Some(user) => user,
        None => parameters.needed(names[0])?,
    };
    let (account, _) = find(staff, user).await?.ok_or_else(|| no_account(user))?;
    Ok(account)
}

/// Which accounts are listed.
enum Wanted {
    All,
    Matching(Column, Test),
}

#[derive(Clone, Copy)]
enum Column {
    Domain,
    Owner,
    User,
    Address,
    Package,
}

enum Test {
    Exact(String),
    Expression(Regex),
}

impl Wanted {
    fn read(parameters: &Parameters) -> Result<Self, Refused> {
        let Some(search) = parameters.one("search")?.filter(|search| !search.is_empty()) else {
            return Ok(Self::All);
        };
        let column = match parameters.one("searchtype")? {
            Some("domain") => Column::Domain,
            Some("owner") => Column::Owner,
            None | Some("user" | "") => Column::User,
            Some("ip") => Column::Address,
            Some("package") => Column::Package,
            Some(_) => {
                return Err(Refused::new("“searchtype” must be domain, owner, user, ip or package."));
            }
        };
        let test = match parameters.one("searchmethod")? {
            Some("exact") => Test::Exact(search.to_lowercase()),
            None | Some("regex" | "") => Test::Expression(expression(search)?),
            Some(_) => return Err(Refused::new("“searchmethod” must be exact or regex.")),
        };
        Ok(Self::Matching(column, test))
    }

    fn holds(&self, (account, main): &Whole) -> bool {
        let Self::Matching(column, test) = self else {
            return true;
        };
        let value = match column {
            Column::Domain => main.as_ref().map(ToString::to_string).unwrap_or_default(),
            Column::Owner => OWNER.to_owned(),
            Column::User => account.username.to_string(),
            Column::Address => String::new(),
            Column::Package => account.plan_name.clone(),
        };
        match test {
            Test::Exact(wanted) => value.to_lowercase() == *wanted,
            Test::Expression(expression) => expression.is_match(&value),
        }
    }
}

/// Accounts belong to the installation and to no reseller.
const OWNER: &str = "root";

/// An account as lists have it.
fn row((account, main): &Whole) -> Value {
    let suspended = match &account.standing {
        Standing::Active => (0, "not suspended", 0),
        Standing::Suspended { at, reason } => (1, reason.as_str(), unix(*at)),
    };
    let start = account.created_at.format(START_DATE);
    let own = json!({
        "user": account.username.as_str(),
        "domain": main.as_ref().map(ToString::to_string),
        "email": account.email.to_string(),
        "owner": OWNER,
        "plan": account.plan_name,
        "suspended": suspended.0,
        "suspendreason": suspended.1,
        "suspendtime": suspended.2,
        "startdate": start.expect("an instant has every part that its format names"),
        "unix_startdate": unix(account.created_at),
        "diskused": "0M",
        "ipv6": [],
        "child_nodes": [],
    });
    let mut members: Map<String, Value> = Map::new();
    members.extend(UNLIMITED.map(|name| (name.to_owned(), "unlimited".into())));
    members.extend(NOTHING.map(|name| (name.to_owned(), Value::Null)));
    members.extend(ZERO.map(|name| (name.to_owned(), 0.into())));
    if let Value::Object(own) = own {
        members.extend(own);
    }
    Value::Object(members)
}
