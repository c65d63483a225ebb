//! `/staff/audit`: every event of the installation.

pub mod export;
pub mod file;
pub(in crate::web) mod parameters;
pub mod refusals;

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use askama::Template;

use self::parameters::{ACTORS, Choice, GROUPS, Parameters, choices};
use crate::{
    app::audit::{self, search},
    store::audit::search::Found,
    web::{
        cursor::Cursors,
        error::WebError,
        guard::Staff,
        layout::Layout,
        times,
        words::{self, EventWords, Reader},
    },
};

/// Events of a page.
const PAGE: usize = 50;
/// Path of the page.
const PATH: &str = "/staff/audit";
/// What masks the numbers in this page's addresses; no account has this id.
const CURSORS: &str = "staff audit";

/// One event as the page shows it.
struct Row {
    words: EventWords,
    number: i64,
    /// Public id of its account, unless that was removed; empty when there is no page of it.
    account: String,
    /// User name of its account; empty when it has none.
    username: String,
    /// What kind of actor did it.
    kind: &'static str,
}

#[derive(Template)]
#[template(path = "staff/audit/audit.html")]
struct AuditPage {
    page: Layout,
    search: String,
    groups: Vec<Choice>,
    actors: Vec<Choice>,
    since: String,
    until: String,
    today: String,
    filtered: bool,
    rows: Vec<Row>,
    /// Address of the page with older events; empty when there are none.
    older: String,
    /// Address of the first page; empty on it.
    latest: String,
    csv: String,
    jsonl: String,
    /// How many events there are.
    count: i64,
    /// The command that verifies them.
    verify: String,
}

/// `GET /staff/audit`
pub async fn show(staff: Staff, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let parameters = Parameters::read(request.query_string());
    if parameters.has_secret {
        // To an address without it: pages say where they are, and browsers remember it.
        return Ok(staff.visit.go(&parameters.address(PATH, None), None));
    }
    let (app, zone) = (&staff.visit.app, staff.zone());
    let cursors = Cursors::of(app, CURSORS);
    let before = cursors.read(&parameters.before);
    let filter = search::understand(app, &staff.caller, parameters.wanted(&zone)).await?;
    let mut found = search::list(app, &staff.caller, &filter, before, PAGE + 1).await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let older = found.last().filter(|_| more).map(|last| cursors.write(last.event.id));
    let head = audit::head(app).await?;
    let older = older.map(|id| parameters.address(PATH, Some(&id)));
    let latest = before.map(|_| parameters.address(PATH, None));
    let page = AuditPage {
        page: staff.layout("Audit", "audit"),
        groups: choices(&GROUPS, parameters.group),
        actors: choices(&ACTORS, parameters.actor),
        since: parameters.since.map(times::iso_day).unwrap_or_default(),
        until: parameters.until.map(times::iso_day).unwrap_or_default(),
        today: times::iso_day(zone.today(app.now())),
        filtered: parameters.is_filtered(),
        rows: found.iter().map(|found| row(&staff, found)).collect(),
        older: older.unwrap_or_default(),
        latest: latest.unwrap_or_default(),
        csv: parameters.address("/staff/audit.csv", None),
        jsonl: parameters.address("/staff/audit.jsonl", None),
        count: head.as_ref().map_or(0, |head| head.seq),
        verify: head.map_or_else(String::new, |head| format!("latchkey audit verify --head {head}")),
        search: parameters.text,
    };
    staff.visit.page(StatusCode::OK, &page)
}

fn row(staff: &Staff, found: &Found) -> Row {
    let (catalogue, event) = (&staff.visit.app.catalogue, &found.event);
    let account = found.account.as_ref();
    let there = account.filter(|account| !account.removed);
    Row {
        words: words::event_words(catalogue, &staff.zone(), Reader::Staff, event),
        number: event.id.0,
        account: there.map(|account| account.id.clone()).unwrap_or_default(),
        username: account.map(|account| account.username.clone()).unwrap_or_default(),
        kind: match event.event.actor.kind.as_str() {
            "account" => "Customer",
            "staff" => "Staff",
            _ => "",
        },
    }
}
