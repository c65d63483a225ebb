//! `/activity.csv`: every event that the page would show with the same parameters, older pages too.

use std::rc::Rc;

use actix_web::{HttpRequest, HttpResponse};
use futures_util::{StreamExt, stream};

use super::{Parameters, View};
use crate::{
    app::activity,
    domain::audit::Event,
    web::{
        csv,
        error::WebError,
        exports::{self, Turn},
        guard::Customer,
        times,
        words::ChangeWords,
    },
};

const COLUMNS: [&str; 9] = [
    "When", "Action", "What", "Who", "From", "Browser", "Changes", "Reason", "Request",
];

/// `GET /activity.csv`.
pub async fn show(customer: Customer, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let turn = match exports::turn(&customer, "activity")? {
        Ok(turn) => turn,
        Err(full) => return Ok(full),
    };
    Ok(download(
        View::from(&customer),
        turn,
        request.query_string(),
        "activity.csv",
    ))
}

/// The events of a view that `query` asks for, as a file.
pub(in crate::web::pages) fn download(view: View, turn: Turn, query: &str, name: &str) -> HttpResponse {
    let wanted = Parameters::read(query).wanted(&view.zone);
    let view = Rc::new(view);
    let limit = i64::try_from(csv::BATCH).expect("it is a small number");
    // The state: the event before which the next part begins, or nothing once a part was the last one.
    let parts = stream::try_unfold(Some(None), move |next| {
        let view = Rc::clone(&view);
        async move {
            let Some(before) = next else { return Ok(None) };
            let events = activity::list(&view.app, &view.caller, view.account.id, wanted, before, limit).await?;
            let full = events.len() == csv::BATCH;
            let next = events.last().filter(|_| full).map(|last| Some(last.id));
            let lines = csv::lines(events.iter().map(|event| row(&view, event)));
            Ok(Some((lines, next)))
        }
    });
    let head = stream::iter([Ok(csv::lines([COLUMNS]))]);
    csv::download(name, turn, head.chain(parts))
}

fn row(view: &View, event: &Event) -> [String; COLUMNS.len()] {
    let words = view.in_words(event);
    let changes: Vec<String> = words.changes.iter().map(ChangeWords::line).collect();
    [
        times::iso(event.event.at),
        event.event.action.code().to_owned(),
        words.what(),
        words.who,
        words.address,
        words.browser,
        changes.join("; "),
        words.reason.unwrap_or_default(),
        event.event.request_id.clone(),
    ]
}
