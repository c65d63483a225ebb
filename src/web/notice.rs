//! What an action has to say on the page that follows it: a code in a cookie that is read once.
//!
//! The cookie holds no text, so that nobody can put words on our pages with it.

use super::layout::NoticeWords;

macro_rules! notices {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $kind:literal, $text:literal $(, undo $undo:literal)?;)*) => {
        /// What was done.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum NoticeCode { $($(#[$doc])* $name,)* }

        impl NoticeCode {
            fn parse(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$name),)* _ => None }
            }

            fn parts(self) -> (&'static str, &'static str, &'static str, Option<&'static str>) {
                match self { $(Self::$name => ($code, $kind, $text, None$(.or(Some($undo)))?),)* }
            }
        }
    };
}

notices! {
    /// A token was switched off.
    Paused = "paused", "ok", "Paused. The token is refused until you resume it.", undo "/tokens/{}/resume";
    /// A token was switched on.
    Resumed = "resumed", "ok", "Resumed. The token works again.", undo "/tokens/{}/pause";
    /// A token was ended.
    Revoked = "revoked", "ok", "Revoked. Anything that still uses the token is refused.";
    /// Staff switched a token off.
    StaffPaused = "staff-paused", "ok", "Paused. The token is refused until staff resume it. The customer reads your reason.";
    /// Staff switched several tokens off; the target is their number.
    StaffPausedMany = "staff-paused-many", "ok", "Paused: {}. They are refused until staff resume them. The customer reads your reason.";
    /// Staff switched a token on again.
    StaffResumed = "staff-resumed", "ok", "Resumed. The token works again. The customer reads your reason.";
    /// Staff let a token end sooner.
    Shortened = "shortened", "ok", "Shortened. The token ends sooner now. The customer reads your reason.";
    /// A token that was found by somebody else was ended.
    Leaked = "leaked", "ok", "Revoked as leaked. Anything that still uses the token is refused, and its holder is told.";
    /// Tokens were reported by whoever found them; whether they were real is not told.
    Reported = "reported", "ok", "Thank you. If what you pasted were tokens of ours, they are dead now and their owners were told.";
    /// Several tokens were ended; the target is their number.
    RevokedMany = "revoked-many", "ok", "Revoked: {}. Anything that still uses them is refused.";
    /// Several tokens were switched off; the target is their number.
    PausedMany = "paused-many", "ok", "Paused: {}. They are refused until you resume them.";
    /// Several tokens were renewed; the target is their number.
    RenewedMany = "renewed-many", "ok", "Renewed: {}. Their secrets stay the same.";
    /// Nothing was ticked.
    NothingTicked = "nothing-ticked", "warn", "Tick the tokens that you mean first.";
    /// A token was changed.
    Changed = "changed", "ok", "Saved. The change holds for the very next request.";
    /// A form was sent that changes nothing.
    Unchanged = "unchanged", "info", "Nothing was different, so nothing was changed.";
    /// A token was renewed.
    Renewed = "renewed", "ok", "Renewed. The secret stays the same.";
    /// A staff member's token was ended.
    StaffTokenRevoked = "staff-token-revoked", "ok", "Revoked. The program that uses the staff token is refused.";
    /// The outgoing secret was ended.
    Retired = "retired", "ok", "The old secret no longer works.";
    /// The password was changed.
    PasswordChanged = "password-changed", "ok", "Your password was changed. All other sessions were signed out.";
    /// A password was chosen with a link.
    PasswordSet = "password-set", "ok", "Your password is set. Sign in with it.";
    /// The e-mail address was changed.
    EmailChanged = "email-changed", "ok", "Your e-mail address was changed.";
    /// A link was sent to a new e-mail address.
    EmailAsked = "email-asked", "info", "We sent a link to the new address. It becomes yours once you open that link and confirm.";
    /// A session was ended.
    SessionEnded = "session-ended", "ok", "That session was signed out.";
    /// All other sessions were ended.
    SessionsEnded = "sessions-ended", "ok", "You were signed out everywhere else.";
    /// Preferences were saved.
    PreferencesSaved = "preferences-saved", "ok", "Your preferences were saved.";
    /// A staff member was made, or given another link.
    MemberInvited = "member-invited", "ok", "Done. A link to choose a password was made.";
    /// A staff member was changed.
    MemberChanged = "member-changed", "ok", "Saved. The change holds for their very next request.";
    /// A staff member can no longer sign in.
    MemberDeactivated = "member-out", "ok", "Deactivated. They are signed out everywhere.";
    /// A staff member can sign in again.
    MemberReactivated = "member-in", "ok", "Reactivated. They can sign in again.";
    /// A service credential was ended.
    CredentialRevoked = "credential-revoked", "ok", "Revoked. Whoever uses the service credential is refused from the next request on.";
    /// The installation's policy was changed.
    PolicySaved = "policy-saved", "ok", "Saved. The policy holds from now on.";
    /// A plan was made.
    PlanMade = "plan-made", "ok", "The plan was made. Accounts can be put on it.";
    /// A plan was changed.
    PlanSaved = "plan-saved", "ok", "Saved. The plan holds for the very next request.";
    /// A plan was removed.
    PlanRemoved = "plan-removed", "ok", "The plan was removed.";
    /// Signed out.
    SignedOut = "signed-out", "ok", "You are signed out.";
    /// A change of many tokens was stopped.
    RunStopped = "run-stopped", "ok", "Stopped. What was changed already stays changed.";
    /// A change of many tokens was to be stopped and was over.
    RunOver = "run-over", "info", "It was over already.";
    /// The session had ended.
    SessionOver = "session-over", "info", "Your session ended. Sign in again – your answers are kept.";
    /// Somebody searched for a whole token.
    TokenInSearch = "token-in-search", "warn", "That was a whole token. A search stands in addresses, where a token must not be: paste it here instead.";
    /// Staff made an account.
    AccountCreated = "account-created", "ok", "The account was made, and its holder was sent an invitation.";
    /// Staff sent an invitation again.
    InvitationSent = "invitation-sent", "ok", "The invitation was sent. One that was sent before no longer works.";
    /// Staff sent a link to set another password.
    ResetSent = "reset-sent", "ok", "A link to choose another password was sent to the customer's e-mail address.";
    /// Staff changed an account.
    AccountChanged = "account-changed", "ok", "Saved. The customer finds the change in their activity.";
    /// Staff suspended an account.
    AccountSuspended = "account-suspended", "ok", "Suspended. Its tokens are refused until you end the suspension.";
    /// Staff ended a suspension.
    AccountUnsuspended = "account-unsuspended", "ok", "The suspension was ended. The account's tokens work again.";
    /// An administrator removed an account.
    AccountRemoved = "account-removed", "ok", "The account was removed, and its tokens were revoked.";
    /// Staff ended all sessions of an account.
    AllSessionsEnded = "all-sessions-ended", "ok", "The customer was signed out everywhere.";
    /// Staff unblocked an account's sign-in.
    SignInUnblocked = "sign-in-unblocked", "ok", "Sign-in was unblocked. The customer can try again.";
    /// Staff wrote a note.
    NoteAdded = "note-added", "ok", "The note was added.";
    /// The first administrator was made.
    SetUp = "set-up", "ok", "Latchkey is set up. Sign in with the name and password that you just chose.";
}

/// What was done, and to what.
#[derive(Clone, Debug)]
pub struct Notice {
    code: NoticeCode,
    target: String,
}

impl Notice {
    /// A notice about nothing in particular.
    pub fn new(code: NoticeCode) -> Self {
        Self {
            code,
            target: String::new(),
        }
    }

    /// A notice about a token (its public id) or a number of things.
    pub fn about(code: NoticeCode, target: impl ToString) -> Self {
        Self {
            code,
            target: target.to_string(),
        }
    }

    /// The cookie's value.
    pub fn to_cookie(&self) -> String {
        format!("{}.{}", self.code.parts().0, self.target)
    }

    /// What a cookie says; nothing when it was not made here.
    pub fn from_cookie(value: &str) -> Option<Self> {
        let (code, target) = value.split_once('.')?;
        let plain = target.len() <= 8 && target.bytes().all(|byte| byte.is_ascii_alphanumeric());
        Some(Self {
            code: NoticeCode::parse(code).filter(|_| plain)?,
            target: target.to_owned(),
        })
    }

    /// What the page says.
    pub fn words(&self) -> NoticeWords {
        let (_, kind, text, undo) = self.code.parts();
        NoticeWords {
            kind,
            text: text.replace("{}", &self.target),
            undo: undo.map(|address| address.replace("{}", &self.target)),
        }
    }
}
