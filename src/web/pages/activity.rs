//! `/activity`: what happened in the account; and the same list as staff read it.

pub mod export;

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use askama::Template;
use time::{Date, Duration};

use crate::{
    app::{
        App, Caller,
        activity::{self, By, Topic, Wanted},
    },
    clock::TimeZone,
    domain::{account::Account, audit::Event},
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

/// What the account's holder is called in addresses.
const HOLDER: &str = "you";

const TOPICS: [(Option<Topic>, &str, &str); 4] = [
    (None, "all", "Everything"),
    (Some(Topic::Tokens), "tokens", "Tokens"),
    (Some(Topic::Security), "security", "Sign-in and security"),
    (Some(Topic::Account), "account", "Account"),
];

const ACTORS: [(Option<By>, &str, &str); 5] = [
    (None, "all", "Anybody"),
    (Some(By::Holder), HOLDER, "You"),
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
pub(in crate::web::pages) type Choice = (&'static str, &'static str, bool);

/// An account's events, and who reads them where.
#[derive(Clone)]
pub(in crate::web::pages) struct View {
    pub(in crate::web::pages) app: Arc<App>,
    pub(in crate::web::pages) caller: Caller,
    pub(in crate::web::pages) account: Account,
    /// The zone of the reader.
    pub(in crate::web::pages) zone: TimeZone,
    pub(in crate::web::pages) reader: Reader,
    /// The path of the page; the file's is the same with `.csv`.
    pub(in crate::web::pages) path: String,
}

impl From<&Customer> for View {
    fn from(customer: &Customer) -> Self {
        Self {
            app: Arc::clone(&customer.visit.app),
            caller: customer.caller.clone(),
            account: customer.account.clone(),
            zone: customer.zone.clone(),
            reader: Reader::Holder,
            path: "/activity".to_owned(),
        }
    }
}

/// One page of events; `templates/activity/listing.html` shows it.
pub(in crate::web::pages) struct Listing {
    pub(in crate::web::pages) path: String,
    pub(in crate::web::pages) topics: Vec<Choice>,
    pub(in crate::web::pages) actors: Vec<Choice>,
    pub(in crate::web::pages) since: String,
    pub(in crate::web::pages) today: String,
    pub(in crate::web::pages) filtered: bool,
    pub(in crate::web::pages) events: Vec<EventWords>,
    /// Address of the page with older events; empty when there are none.
    pub(in crate::web::pages) older: String,
    /// Address of the first page; empty on it.
    pub(in crate::web::pages) latest: String,
    pub(in crate::web::pages) csv: String,
}

impl View {
    /// The events that an address asks for.
    pub(in crate::web::pages) async fn listing(&self, query: &str) -> Result<Listing, WebError> {
        let parameters = Parameters::read(query);
        let cursors = Cursors::of(&self.app, &self.account.public_id);
        let before = cursors.read(&parameters.before);
        let one_more = i64::try_from(PAGE + 1).expect("it is a small number");
        let wanted = parameters.wanted(&self.zone);
        let mut events = activity::list(&self.app, &self.caller, self.account.id, wanted, before, one_more).await?;
        let more = events.len() > PAGE;
        events.truncate(PAGE);
        let older = events.last().filter(|_| more).map(|last| cursors.write(last.id));
        let address = |before: Option<&str>| parameters.address(&self.path, before);
        Ok(Listing {
            topics: choices(&TOPICS, parameters.topic),
            actors: self.actors(parameters.by),
            since: parameters.since.map(times::iso_day).unwrap_or_default(),
            today: times::iso_day(self.zone.today(self.app.now())),
            filtered: parameters.is_filtered(),
            events: events.iter().map(|event| self.in_words(event)).collect(),
            older: older.map(|id| address(Some(&id))).unwrap_or_default(),
            latest: before.map(|_| address(None)).unwrap_or_default(),
            csv: parameters.address(&format!("{}.csv", self.path), None),
            path: self.path.clone(),
        })
    }

    fn actors(&self, chosen: usize) -> Vec<Choice> {
        let mut actors = choices(&ACTORS, chosen);
        if self.reader == Reader::Staff {
            for (_, words, _) in actors.iter_mut().filter(|(code, ..)| *code == HOLDER) {
                *words = "The customer";
            }
        }
        actors
    }

    fn in_words(&self, event: &Event) -> EventWords {
        words::event_words(&self.app.catalogue, &self.zone, self.reader, event)
    }
}

#[derive(Template)]
#[template(path = "activity/activity.html")]
struct ActivityPage {
    page: Layout,
    list: Listing,
}

/// `GET /activity`.
pub async fn show(customer: Customer, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let page = ActivityPage {
        page: customer.layout("Activity", "activity"),
        list: View::from(&customer).listing(request.query_string()).await?,
    };
    customer.visit.page(StatusCode::OK, &page)
}

fn choices<T>(known: &[(T, &'static str, &'static str)], chosen: usize) -> Vec<Choice> {
    let numbered = known.iter().enumerate();
    numbered
        .map(|(place, (_, code, words))| (*code, *words, place == chosen))
        .collect()
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
