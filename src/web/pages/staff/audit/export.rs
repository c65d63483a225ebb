//! `/staff/audit.csv` and `/staff/audit.jsonl`: every event that the page would show with the same parameters, older
//! pages too. That they were taken out is an event itself.

use std::rc::Rc;

use actix_web::{HttpRequest, HttpResponse, web::Bytes};
use futures_util::{Stream, StreamExt, stream};

use super::{file, parameters::Parameters};
use crate::{
    app::audit::search,
    domain::id::EventId,
    store::audit::search::Found,
    web::{csv, error::WebError, exports, guard::Staff},
};

/// `GET /staff/audit.csv`
pub async fn csv(staff: Staff, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let turn = match exports::turn(&staff, "audit")? {
        Ok(turn) => turn,
        Err(full) => return Ok(full),
    };
    let app = staff.visit.app.clone();
    let write = move |found: &[Found]| csv::lines(found.iter().map(|found| file::row(&app, found)));
    let parts = parts(staff, &request, "csv", write).await?;
    let head = stream::iter([Ok(csv::lines([file::COLUMNS]))]);
    Ok(csv::download("audit.csv", turn, head.chain(parts)))
}

/// `GET /staff/audit.jsonl`
pub async fn jsonl(staff: Staff, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let turn = match exports::turn(&staff, "audit")? {
        Ok(turn) => turn,
        Err(full) => return Ok(full),
    };
    let parts = parts(staff, &request, "jsonl", |found| Bytes::from(file::lines(found))).await?;
    Ok(csv::download_as(
        "audit.jsonl",
        "application/jsonl; charset=utf-8",
        turn,
        parts,
    ))
}

/// The events a part at a time, from the latest to the first. What happens meanwhile is not among them.
async fn parts<W: Fn(&[Found]) -> Bytes + 'static>(
    staff: Staff,
    request: &HttpRequest,
    format: &str,
    write: W,
) -> Result<impl Stream<Item = Result<Bytes, WebError>> + use<W>, WebError> {
    let parameters = Parameters::read(request.query_string());
    let (app, zone) = (staff.visit.app.clone(), staff.zone());
    let filter = search::understand(&app, &staff.caller, parameters.wanted(&zone)).await?;
    search::note_export(&app, &staff.caller, format, &parameters.query()).await?;
    let shared = Rc::new((staff, filter, write));
    // The state: the event before which the next part begins, or nothing once a part was the last one.
    Ok(stream::try_unfold(Some(None::<EventId>), move |next| {
        let shared = Rc::clone(&shared);
        async move {
            let Some(before) = next else { return Ok(None) };
            let (staff, filter, write) = &*shared;
            let found = search::list(&staff.visit.app, &staff.caller, filter, before, csv::BATCH).await?;
            let full = found.len() == csv::BATCH;
            let next = found.last().filter(|_| full).map(|last| Some(last.event.id));
            Ok(Some((write(&found), next)))
        }
    }))
}
