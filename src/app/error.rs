//! Why something was not done, for every use case. No words for people: those are the web layer's and the command
//! line's.

use thiserror::Error;
use time::PrimitiveDateTime;

use crate::{
    domain::{
        permission::Denied,
        policy::ExpiryRefusal,
        scope::{Scope, ScopeSet},
        site::SiteName,
        staff_scope::StaffScopes,
        staff_token::Beyond,
        token::{PausedBy, Token},
        widening::Difference,
    },
    store::StoreError,
};

/// A use case that did not happen. Nothing was changed.
#[derive(Debug, Error)]
pub enum AppError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The actor may not do it.
    #[error("not permitted: {0}")]
    Denied(#[from] Denied),
    /// There is no such thing, or it is somebody else's: the same answer.
    #[error("not found")]
    NotFound,
    /// It breaks a rule that the one who asked can mend.
    #[error("refused: {0:?}")]
    Rule(Box<Rule>),
    /// The password was last given too long ago.
    #[error("the password has to be given again")]
    PasswordNeeded,
    /// User name or password is not right, or the holder may not sign in: one answer for all of them.
    #[error("user name or password is not right")]
    WrongPassword,
    /// Too many tries; no more until then.
    #[error("too many tries until {until}")]
    TooManyTries {
        /// When the next try may be made.
        until: PrimitiveDateTime,
        /// Seconds until then.
        seconds: u64,
    },
    /// As many passwords are being hashed as the machine can, and the queue is full.
    #[error("busy")]
    Busy,
    /// The server's keys cannot do what is needed.
    #[error("server key: {0}")]
    Key(String),
    /// What the settings say about mail cannot be used.
    #[error("mail: {0}")]
    Mail(String),
}

/// A rule that stands against what was asked for.
#[derive(Debug)]
pub enum Rule {
    /// A live token of the account or of the staff member, or a live service credential, has that name.
    NameTaken,
    /// The account has as many live tokens as it may.
    TooManyTokens {
        /// As many it may have.
        limit: u32,
    },
    /// There are as many live service credentials as there may be.
    TooManyServices {
        /// As many there may be.
        limit: u32,
    },
    /// At least one scope is needed.
    NoScope,
    /// These scopes are not in the catalogue.
    UnknownScopes(Vec<Scope>),
    /// The account's plan does not allow these.
    PlanExcludes(ScopeSet),
    /// A token asked for what can do more than itself (rule 7): what that has and it has not.
    BeyondToken(Box<Difference>),
    /// The role of the staff member does not allow these.
    RoleExcludes(StaffScopes),
    /// A staff member's token asked for what can do more than itself (rule 7): what that has and it has not.
    BeyondStaffToken(Beyond),
    /// The staff member has as many live tokens as they may.
    TooManyStaffTokens {
        /// As many they may have.
        limit: u32,
    },
    /// At least one site is needed.
    NoSite,
    /// These are not the account's sites.
    NotYourSites(Vec<SiteName>),
    /// The expiry does not fit.
    Expiry(ExpiryRefusal),
    /// Somebody changed the token since the form was made; the token as it is now.
    Changed(Box<Token>),
    /// The token was revoked, at that time.
    Revoked(PrimitiveDateTime),
    /// The token is past its expiry and has to be renewed first.
    Expired,
    /// It is not paused, or was paused by staff, who alone resume it.
    Paused(Option<PausedBy>),
    /// No overlap of a rotation is running.
    NoOverlap,
    /// A user name is taken by another account or staff member.
    UsernameTaken,
    /// An e-mail address is taken by another account or staff member.
    EmailTaken,
    /// A domain is a site of another account.
    SiteTaken(SiteName),
    /// There is no such plan.
    UnknownPlan,
    /// The new password is not good enough.
    WeakPassword(crate::domain::password::Weakness),
    /// Staff have to say why.
    ReasonNeeded,
    /// The account is already in the state that was asked for: somebody else was faster.
    AlreadySo,
    /// Somebody changed the account since the form was made.
    AccountChanged,
    /// The last administrator cannot be removed or made less.
    LastAdministrator,
    /// Nobody changes their own role or deactivates themselves.
    Yourself,
    /// Accounts are on the plan, so many.
    PlanInUse(u64),
    /// A plan has that name.
    PlanNameTaken,
    /// Every account needs a plan, and there is no other one.
    LastPlan,
    /// Somebody else changed it since the form showed it.
    Outdated,
    /// Staff changed the e-mail address too recently for a link to be sent there.
    EmailChangedRecently {
        /// From then on a link may be sent.
        until: PrimitiveDateTime,
    },
    /// The link is not one of ours, was used, was replaced, or is over.
    LinkOver,
    /// Mail is switched off, so that nothing can be sent.
    MailOff,
    /// The key that names an act has named another one before.
    KeyReused,
    /// The setup code is not right.
    WrongSetupCode,
    /// An administrator exists; setting up is over.
    SetupClosed,
}

impl From<Rule> for AppError {
    fn from(rule: Rule) -> Self {
        Self::Rule(Box::new(rule))
    }
}
