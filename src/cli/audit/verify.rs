//! `latchkey audit verify`: whether an event was changed, removed, put elsewhere, or the end cut off.

use serde::Serialize;
use time::macros::format_description;

use crate::{
    app::{Caller, audit},
    cli::{
        Context,
        login::{refusal, with_app},
        output::{self, CommandError},
    },
    domain::chain::{Entry, Fault, FaultKind, Head, Report},
};

/// Say whether an event was changed, removed or put elsewhere since it was written
///
/// Every event is sealed with a key that is not in the database, and with the seal of the one before it. The exit code
/// is 1 when something is wrong; each such event is named.
///
/// Whoever can cut off the latest events can also change the database's own note of where they end. Only a head that
/// was kept elsewhere shows that: the server writes it to its log as audit-head, every minute and when it stops.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  latchkey audit verify
  latchkey audit verify --head 4711:5f0c1a…   (the last audit-head line of the server's log)")]
pub(super) struct Arguments {
    /// A head that was kept elsewhere: the number of an event, a colon, and its seal
    #[arg(long, value_name = "SEQ:MAC")]
    head: Option<Head>,
    #[arg(long, help = "Answer with one JSON object")]
    json: bool,
}

#[derive(Serialize)]
struct Shown {
    sound: bool,
    checked: u64,
    not_covered: u64,
    head: String,
    faults: Vec<ShownFault>,
    more_faults: u64,
}

#[derive(Serialize)]
struct ShownFault {
    kind: &'static str,
    first: Option<i64>,
    last: Option<i64>,
    what: String,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<(), CommandError> {
    with_app(context, async |app| {
        let report = audit::verify(app, &Caller::shell(), arguments.head.clone()).await;
        let report = report.map_err(|error| refusal("The events cannot be read", &error))?;
        if arguments.json {
            output::json(&shown(&report));
        } else {
            print(&report, arguments.head.is_some());
        }
        if report.is_sound() {
            Ok(())
        } else {
            Err(CommandError::Reported)
        }
    })
}

fn shown(report: &Report) -> Shown {
    Shown {
        sound: report.is_sound(),
        checked: report.checked,
        not_covered: report.uncovered,
        head: report.last.to_string(),
        faults: report.faults.iter().map(shown_fault).collect(),
        more_faults: report.more,
    }
}

fn shown_fault(fault: &Fault) -> ShownFault {
    let (kind, first, last) = match &fault.kind {
        FaultKind::Changed(id) => ("changed", Some(*id), Some(*id)),
        FaultKind::Swapped(one, other) => ("swapped", Some(*one), Some(*other)),
        FaultKind::Missing(first, last) => ("missing", Some(*first), Some(*last)),
        FaultKind::CutOff(first, last) => ("cut-off", Some(*first), Some(*last)),
        FaultKind::Unproven(id) => ("unproven", Some(*id), Some(*id)),
        FaultKind::KeyMissing(id, _) => ("key-missing", Some(*id), Some(*id)),
        FaultKind::HeadChanged(_) => ("head-changed", None, None),
        FaultKind::NotTheKeptHead(head) => ("not-the-kept-head", Some(head.seq), Some(head.seq)),
    };
    ShownFault {
        kind,
        first,
        last,
        what: words(fault),
    }
}

fn print(report: &Report, kept: bool) {
    for fault in &report.faults {
        output::line(words(fault));
    }
    if report.more > 0 {
        output::line(format_args!("{} more faults are not listed.", report.more));
    }
    let checked = match report.checked {
        1 => "1 event was checked".to_owned(),
        count => format!("{count} events were checked"),
    };
    let result = if report.is_sound() {
        "nothing is wrong"
    } else {
        "something is wrong"
    };
    output::line(format_args!("{checked}: {result}."));
    if report.uncovered > 0 {
        let (from, verb) = if report.uncovered == 1 {
            ("event is", "it")
        } else {
            ("events are", "them")
        };
        let count = report.uncovered;
        output::line(format_args!(
            "{count} {from} from before the chain: nothing can be said about {verb}."
        ));
    }
    output::line(format_args!("Head: {}", report.last));
    if !kept && report.is_sound() {
        output::message(
            "Whoever cuts off the latest events can hide it from this check. Compare with a head from the server's log \
             too: latchkey audit verify --head SEQ:MAC",
        );
    }
}

/// One fault as a sentence.
fn words(fault: &Fault) -> String {
    let about = fault.entry.as_deref().map(about).unwrap_or_default();
    let range = |first: &i64, last: &i64| match (first, last) {
        (first, last) if first == last => format!("Event {first} is"),
        (first, last) => format!("Events {first} to {last} are"),
    };
    match &fault.kind {
        FaultKind::Changed(id) => format!("Event {id} was changed. It now says: {about}."),
        FaultKind::Swapped(one, other) => {
            format!("Events {one} and {other} were swapped. Event {one} now says: {about}.")
        }
        FaultKind::Missing(first, last) => format!("{} missing.", range(first, last)),
        FaultKind::CutOff(first, last) => format!("{} missing: the end was cut off.", range(first, last)),
        FaultKind::Unproven(id) => format!(
            "Event {id} does not follow from the one before it: one of the two was changed. It now says: {about}."
        ),
        FaultKind::KeyMissing(id, key) => {
            format!("Event {id} was sealed with key {key}, which is not in the key file. It says: {about}.")
        }
        FaultKind::HeadChanged(_) => "The database's own note of where the events end was changed.".to_owned(),
        FaultKind::NotTheKeptHead(head) => {
            format!("Event {} is not the one whose seal was given with --head.", head.seq)
        }
    }
}

/// What an event says, with nothing in it that could move a terminal's cursor.
fn about(entry: &Entry) -> String {
    let format = format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]Z");
    let at = entry.at.and_then(|at| at.format(format).ok());
    let text = format!(
        "{}, {}, by {} {:?}, to {} {:?}",
        at.as_deref().unwrap_or("no time"),
        entry.action,
        entry.actor[0],
        entry.actor[2],
        entry.target[0],
        entry.target[2],
    );
    text.chars().filter(|letter| !letter.is_control()).collect()
}
