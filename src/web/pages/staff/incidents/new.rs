//! `/staff/incidents/new`: which tokens, how many and which they are, and the confirmation.

use actix_web::{HttpResponse, http::StatusCode, web::Query};
use askama::Template;

use super::{answers::Answers, criteria, done, many, permitted};
use crate::{
    app::{
        Caller,
        runs::{self, NewRun, Owned, Preview, Started, covering},
    },
    domain::{
        id::is_public_id,
        run::{Criteria, RunKind},
        text::{MAX_REASON, Reason, TextError},
    },
    web::{
        error::WebError,
        form::{Faults, SentBy},
        guard::Staff,
        layout::Layout,
        reentry::{self, Unconfirmed},
        times::{self, When},
        words::{self, Badge, UseWords, capitalised, counted, permission},
    },
};

/// A token of the list.
struct Row {
    name: String,
    id: String,
    username: String,
    account: String,
    badge: Badge,
    issued: When,
    used: Option<UseWords>,
}

impl Row {
    fn of(staff: &Staff, owned: &Owned) -> Self {
        let (zone, token) = (staff.zone(), &owned.token);
        Self {
            name: token.name.to_string(),
            id: token.public_id.to_string(),
            username: owned.username.clone(),
            account: owned.account.clone(),
            badge: words::status(token.status(false, staff.visit.app.now()), &zone, staff.visit.app.now()),
            issued: times::when(&zone, token.secret_issued_at),
            used: words::last_use(&zone, token.last_use),
        }
    }
}

/// What would be changed.
struct Shown {
    /// None: there is nothing to do.
    is_empty: bool,
    count: i64,
    /// `Revoke 1,204 tokens`.
    verb: String,
    /// `1,204 tokens of 87 accounts`.
    what: String,
    /// Says that these are meant.
    tick: String,
    criteria: Vec<(&'static str, String)>,
    /// What a token may hold to count, where a permission is asked for.
    holding: Vec<String>,
    rows: Vec<Row>,
    /// How many of them are not listed; empty when all are.
    more: String,
    run: String,
    pauses: bool,
}

#[derive(Template)]
#[template(path = "staff/incidents/new.html")]
struct NewPage<'a> {
    page: Layout,
    answers: Answers,
    scopes: Vec<(&'a str, String)>,
    time_hint: String,
    shown: Option<Shown>,
    asks_password: bool,
    reason_hint: String,
    faults: Faults,
}

/// `GET /staff/incidents/new`: the form, and what it would change once it is filled in.
pub async fn show(staff: Staff, answers: Query<Answers>) -> Result<HttpResponse, WebError> {
    permitted(&staff)?;
    let answers = answers.into_inner();
    let mut faults = Faults::default();
    let wanted = if answers.is_given() {
        read(&staff, &answers, &mut faults)
    } else {
        None
    };
    let status = if faults.is_empty() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    page(&staff, answers, wanted, faults, status).await
}

fn read(staff: &Staff, answers: &Answers, faults: &mut Faults) -> Option<(RunKind, Criteria)> {
    let app = &staff.visit.app;
    answers.read(&app.catalogue, &staff.zone(), app.now(), faults)
}

async fn page(
    staff: &Staff,
    mut answers: Answers,
    wanted: Option<(RunKind, Criteria)>,
    faults: Faults,
    status: StatusCode,
) -> Result<HttpResponse, WebError> {
    let app = &staff.visit.app;
    let shown = match &wanted {
        Some((kind, criteria)) => {
            let preview = runs::preview(app, &staff.caller, criteria, *kind).await?;
            Some(shown(staff, &answers, (*kind, criteria), &preview))
        }
        None => None,
    };
    if answers.action.is_empty() {
        "revoke".clone_into(&mut answers.action);
    }
    let areas = app.catalogue.areas().iter();
    let scopes = areas.flat_map(|area| {
        let entries = area.scopes.iter();
        entries.map(|entry| {
            let words = format!("{}: {}", area.title, capitalised(&entry.can));
            (entry.scope.as_str(), words)
        })
    });
    let any = ("", "Any permission".to_owned());
    let page = NewPage {
        page: staff.layout("Stop many tokens", "incidents"),
        scopes: std::iter::once(any).chain(scopes).collect(),
        time_hint: format!(
            "Date and time in {}. A token counts by its secret: one that was given a new secret since then is left out, \
             unless the old one still works.",
            staff.zone()
        ),
        shown,
        asks_password: reentry::is_needed(staff),
        reason_hint: format!("What happened, as customers may read it. Up to {MAX_REASON} characters."),
        answers,
        faults,
    };
    staff.visit.page(status, &page)
}

fn shown(staff: &Staff, answers: &Answers, (kind, wanted): (RunKind, &Criteria), preview: &Preview) -> Shown {
    let app = &staff.visit.app;
    let listed = i64::try_from(preview.first.len()).unwrap_or(i64::MAX);
    let verb = capitalised(kind.code());
    let holding = wanted.scope.as_ref().map(|scope| {
        let covering = covering(&app.catalogue, scope);
        let itself = std::iter::once(scope);
        let others = covering.iter().filter(|other| *other != scope);
        let words = itself.chain(others).map(|scope| permission(&app.catalogue, scope));
        words.collect()
    });
    let what = format!("{} of {}", many(preview.count), counted(preview.accounts, "account"));
    Shown {
        is_empty: preview.count == 0,
        count: preview.count,
        verb: format!("{verb} {}", many(preview.count)),
        tick: format!("I have looked at them: {what} are meant"),
        what,
        criteria: criteria(&app.catalogue, &staff.zone(), wanted, kind),
        holding: holding.unwrap_or_default(),
        rows: preview.first.iter().map(|owned| Row::of(staff, owned)).collect(),
        more: match preview.count - listed {
            0 => String::new(),
            more => many(more),
        },
        run: if is_public_id(&answers.run) {
            answers.run.clone()
        } else {
            app.new_public_id()
        },
        pauses: matches!(kind, RunKind::Pause),
    }
}

/// `POST /staff/incidents`: begins.
pub async fn submit(SentBy(staff, answers): SentBy<Staff, Answers>) -> Result<HttpResponse, WebError> {
    permitted(&staff)?;
    let mut faults = Faults::default();
    let Some((kind, criteria)) = read(&staff, &answers, &mut faults) else {
        return page(&staff, answers, None, faults, StatusCode::UNPROCESSABLE_ENTITY).await;
    };
    let reason = reason(&answers.reason, &mut faults);
    if answers.understood.is_empty() {
        faults.add(
            "understood-1",
            format!("Tick the box to say that these tokens are to be {}", done(kind)),
        );
    }
    let mut caller = staff.caller.clone();
    match reentry::confirm(&staff, &answers.password).await {
        Ok(confirmed) => caller = confirmed,
        Err(Unconfirmed::Fault(words)) => faults.add(reentry::FIELD, words),
        Err(Unconfirmed::Failed(error)) => return Err(error),
    }
    if let (Some(reason), true) = (reason, faults.is_empty()) {
        match begin(&staff, &caller, &answers, (kind, criteria.clone()), reason).await? {
            Started::Run(run) => return Ok(staff.visit.go(&format!("/staff/incidents/{}", run.public_id), None)),
            Started::More(count) => faults.add(
                "understood-1",
                format!(
                    "There are {} now, more than when you looked. Tick the box again if that is right",
                    many(count)
                ),
            ),
        }
    }
    let wanted = Some((kind, criteria));
    page(&staff, answers, wanted, faults, StatusCode::UNPROCESSABLE_ENTITY).await
}

async fn begin(
    staff: &Staff,
    caller: &Caller,
    answers: &Answers,
    (kind, criteria): (RunKind, Criteria),
    reason: Reason,
) -> Result<Started, WebError> {
    let new = NewRun {
        public_id: answers.run.clone(),
        kind,
        criteria,
        reason,
        // Whoever says nothing has seen nothing.
        at_most: Some(answers.count.parse().unwrap_or(0)),
    };
    Ok(runs::start(&staff.visit.app, caller, new).await?)
}

fn reason(typed: &str, faults: &mut Faults) -> Option<Reason> {
    let words = match typed.parse() {
        Ok(reason) => return Some(reason),
        Err(TextError::Empty) => "Enter a reason. The owners of the tokens read it".to_owned(),
        Err(TextError::TooLong { max }) => format!("Shorten the reason to {max} characters"),
        Err(TextError::Control) => "Leave out characters that cannot be seen".to_owned(),
        Err(TextError::Secret) => "Leave the token’s secret out of the reason".to_owned(),
    };
    faults.add("reason", words);
    None
}
