//! `/tokens.csv`: every token that the list would show with the same parameters, not only one page of them.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse};
use futures_util::{StreamExt, stream};

use super::{hint, parameters::Parameters};
use crate::{
    app::tokens::list,
    domain::token::{Status, Token},
    web::{csv, error::WebError, exports, guard::Customer, times},
};

const COLUMNS: [&str; 14] = [
    "Name",
    "Description",
    "Id",
    "Token",
    "Status",
    "Permissions",
    "Sites",
    "Addresses",
    "Expires",
    "Created",
    "Created by",
    "Last used",
    "Last used from",
    "Revoked",
];

/// `GET /tokens.csv`.
pub async fn show(customer: Customer, request: HttpRequest) -> Result<HttpResponse, WebError> {
    let turn = match exports::turn(&customer, "tokens")? {
        Ok(turn) => turn,
        Err(full) => return Ok(full),
    };
    let Parameters { selection, .. } = Parameters::read(request.query_string());
    let app = Arc::clone(&customer.visit.app);
    let (caller, account, now) = (customer.caller.clone(), customer.account.clone(), app.now());
    let ids = list::ids(&app, &caller, account.id, selection).await?;
    let batches: Vec<_> = ids.chunks(csv::BATCH).map(<[_]>::to_vec).collect();
    let suspended = account.is_suspended();
    let rows = stream::iter(batches).then(move |ids| {
        let (app, caller) = (Arc::clone(&app), caller.clone());
        async move {
            let tokens = list::by_ids(&app, &caller, account.id, ids).await?;
            Ok(csv::lines(
                tokens.iter().map(|token| row(token, token.status(suspended, now))),
            ))
        }
    });
    let head = stream::iter([Ok(csv::lines([COLUMNS]))]);
    Ok(csv::download("api-tokens.csv", turn, head.chain(rows)))
}

fn row(token: &Token, status: Status) -> [String; COLUMNS.len()] {
    let (used_at, used_from) = token
        .last_use
        .map_or_else(Default::default, |last| (times::iso(last.at), last.from.to_string()));
    let revoked = match status {
        Status::Revoked(at) => times::iso(at),
        _ => String::new(),
    };
    [
        token.name.to_string(),
        token.description.to_string(),
        token.public_id.to_string(),
        hint(token),
        word(status).to_owned(),
        token.scopes.to_string(),
        token.sites.to_string(),
        token.addresses.to_string(),
        token.expiry.instant().map_or_else(|| "never".to_owned(), times::iso),
        times::iso(token.created_at),
        token.created_by.clone(),
        used_at,
        used_from,
        revoked,
    ]
}

/// The status in a word that programs can rely on.
fn word(status: Status) -> &'static str {
    match status {
        Status::Revoked(_) => "revoked",
        Status::Blocked => "blocked",
        Status::Paused(_) => "paused",
        Status::Expired(_) => "expired",
        Status::Expiring(_) => "expiring",
        Status::Replaced(_) => "replaced",
        Status::NeverUsed => "never-used",
        Status::Idle => "idle",
        Status::Active => "active",
    }
}
