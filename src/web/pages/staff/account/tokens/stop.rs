//! `../tokens/{token}/pause`, `/resume`, `/revoke` and `/leaked`: what it means for one token, the reason, and the
//! button.

use actix_web::{HttpResponse, http::StatusCode, web::Query};
use askama::Template;
use serde::Deserialize;

use super::{Names, find, read_reason};
use crate::{
    app::{
        AppError, Rule,
        tokens::{
            leaked, pause, revoke,
            show::{self, Details},
        },
    },
    domain::{
        account::Account,
        draft::Draft,
        secret::PublicId,
        text::{MAX_REASON, Reason},
        token::{Life, PausedBy, Token},
    },
    web::{
        error::WebError,
        form::{Faults, Form, SentBy},
        guard::Staff,
        layout::Layout,
        notice::{Notice, NoticeCode},
        pages::tokens::{
            head::{self, Head},
            revoke::{is_in_use, use_sentence},
            viewer::Viewer,
        },
        sentence::sentence_for,
        words::{self, WhyWords},
    },
};

/// What the form sends.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReasonForm {
    reason: String,
}

impl Form for ReasonForm {
    const HAS_PAGE: bool = true;
}

/// What is to be done.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Step {
    Pause,
    Resume,
    Revoke,
    Leaked,
}

impl Step {
    fn path(self) -> &'static str {
        match self {
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Revoke => "revoke",
            Self::Leaked => "leaked",
        }
    }

    /// The verb of the heading, before and after the name of the token.
    fn heading(self) -> (&'static str, &'static str) {
        match self {
            Self::Pause => ("Pause", ""),
            Self::Resume => ("Resume", ""),
            Self::Revoke => ("Revoke", ""),
            Self::Leaked => ("Revoke", " as leaked"),
        }
    }

    fn consequence(self) -> &'static str {
        match self {
            Self::Pause => "It is refused from the next request on, until staff resume it: its holder cannot.",
            Self::Resume => "It works again at once, as it did before it was paused.",
            Self::Revoke => "Anything using it stops at once. This cannot be undone.",
            Self::Leaked => {
                "Anything using it stops at once. This cannot be undone. The customer is told that somebody else had the \
                 token, and what to do now."
            }
        }
    }

    fn button(self) -> &'static str {
        match self {
            Self::Pause => "Pause token",
            Self::Resume => "Resume token",
            Self::Revoke => "Revoke token",
            Self::Leaked => "Revoke as leaked",
        }
    }

    fn done(self) -> NoticeCode {
        match self {
            Self::Pause => NoticeCode::StaffPaused,
            Self::Resume => NoticeCode::StaffResumed,
            Self::Revoke => NoticeCode::Revoked,
            Self::Leaked => NoticeCode::Leaked,
        }
    }

    /// Why nothing is left to do with a token in this state: how it is, behind its name; nothing when there is.
    fn idle(self, life: Life) -> Option<&'static str> {
        match (self, life) {
            (_, Life::Revoked { .. }) => Some("is revoked already"),
            (Self::Pause, Life::Paused { .. }) => Some("is paused already"),
            (Self::Resume, Life::Live) => Some("is not paused"),
            (
                Self::Resume,
                Life::Paused {
                    by: PausedBy::Owner, ..
                },
            ) => Some("was paused by its holder, who alone can resume it"),
            _ => None,
        }
    }
}

/// Why there is nothing to do, with who was faster.
struct Idle {
    words: &'static str,
    /// "Revoked" or "Paused".
    what: &'static str,
    why: Option<WhyWords>,
}

#[derive(Template)]
#[template(path = "staff/tokens/stop.html")]
struct StopPage {
    page: Layout,
    head: Head,
    faults: Faults,
    action: String,
    before: &'static str,
    after: &'static str,
    consequence: &'static str,
    button: &'static str,
    ends: bool,
    idle: Option<Idle>,
    use_sentence: String,
    in_use: bool,
    sentence: String,
    /// Address of the page that revokes it as leaked, where that is the better choice.
    leaked: String,
    reason: String,
    max: i32,
}

/// One token of an account, and what is to be done to it.
struct Asked<'a> {
    staff: &'a Staff,
    account: &'a Account,
    id: PublicId,
    step: Step,
}

impl Asked<'_> {
    async fn details(&self) -> Result<Details, WebError> {
        let (app, caller) = (&self.staff.visit.app, &self.staff.caller);
        Ok(show::details(app, caller, self.account, self.id).await?)
    }

    async fn page(&self, status: StatusCode, reason: &str, faults: Faults) -> Result<HttpResponse, WebError> {
        let Details { token, why, .. } = self.details().await?;
        let viewer = Viewer::of_staff(self.staff, self.account);
        let (app, step) = (&viewer.visit.app, self.step);
        let (before, after) = step.heading();
        let head = Head::seen_by(&viewer, &token, head::DETAILS);
        let why = why.stopped.as_ref();
        let idle = step.idle(token.life).map(|words| Idle {
            words,
            what: if token.is_revoked() { "Revoked" } else { "Paused" },
            why: why.map(|event| words::why_words(&viewer.zone, viewer.reader, event)),
        });
        let page = StopPage {
            page: viewer.layout(&format!("{before} “{}”{after}?", token.name)),
            faults,
            action: format!("{}/{}", head.address, step.path()),
            before,
            after,
            consequence: step.consequence(),
            button: step.button(),
            ends: matches!(step, Step::Revoke | Step::Leaked),
            idle,
            use_sentence: use_sentence(token.last_use, app.now()),
            in_use: step != Step::Resume && is_in_use(token.last_use, app.now()),
            sentence: sentence_for(viewer.reader, &app.catalogue, &Draft::from(&token), &viewer.zone),
            leaked: match step {
                Step::Revoke => format!("{}/leaked", head.address),
                _ => String::new(),
            },
            head,
            reason: reason.to_owned(),
            max: i32::try_from(MAX_REASON).unwrap_or(0),
        };
        self.staff.visit.page(status, &page)
    }

    async fn act(&self, reason: Reason) -> Result<(), AppError> {
        let (app, caller) = (&self.staff.visit.app, self.staff.caller.because(reason));
        let (account, id) = (self.account.id, self.id);
        match self.step {
            Step::Pause => pause::pause(app, &caller, account, id).await,
            Step::Resume => pause::resume(app, &caller, account, id).await,
            Step::Revoke => revoke::revoke(app, &caller, account, id).await,
            Step::Leaked => leaked::report(app, &caller, account, id).await,
        }
    }
}

async fn show(step: Step, staff: Staff, path: Names, kept: &ReasonForm) -> Result<HttpResponse, WebError> {
    let account = find(&staff, &path.0).await?;
    let asked = Asked {
        staff: &staff,
        account: &account,
        id: head::id(&path.1)?,
        step,
    };
    asked.page(StatusCode::OK, &kept.reason, Faults::default()).await
}

/// Does it. Where somebody else was faster, the page says who.
async fn submit(step: Step, staff: Staff, path: Names, form: &ReasonForm) -> Result<HttpResponse, WebError> {
    let account = find(&staff, &path.0).await?;
    let asked = Asked {
        staff: &staff,
        account: &account,
        id: head::id(&path.1)?,
        step,
    };
    let mut faults = Faults::default();
    let Some(reason) = read_reason(&form.reason, &mut faults) else {
        let token: Token = asked.details().await?.token;
        let status = match step.idle(token.life) {
            Some(_) => StatusCode::OK,
            None => StatusCode::UNPROCESSABLE_ENTITY,
        };
        return asked.page(status, &form.reason, faults).await;
    };
    match asked.act(reason).await {
        Ok(()) => {
            let address = format!("{}/{}", Viewer::of_staff(&staff, &account).list(), asked.id);
            Ok(staff.visit.go(&address, Some(&Notice::about(step.done(), asked.id))))
        }
        Err(AppError::Rule(rule)) if matches!(*rule, Rule::Paused(_) | Rule::Revoked(_)) => {
            asked.page(StatusCode::OK, &form.reason, Faults::default()).await
        }
        Err(error) => Err(error.into()),
    }
}

macro_rules! pages {
    ($($step:ident: $show:ident, $submit:ident;)*) => { $(
        /// Asks.
        pub async fn $show(staff: Staff, path: Names, kept: Query<ReasonForm>) -> Result<HttpResponse, WebError> {
            show(Step::$step, staff, path, &kept).await
        }

        /// Does it.
        pub async fn $submit(
            path: Names,
            SentBy(staff, form): SentBy<Staff, ReasonForm>,
        ) -> Result<HttpResponse, WebError> {
            submit(Step::$step, staff, path, &form).await
        }
    )* };
}

pages! {
    Pause: show_pause, pause;
    Resume: show_resume, resume;
    Revoke: show_revoke, revoke;
    Leaked: show_leaked, leaked;
}
