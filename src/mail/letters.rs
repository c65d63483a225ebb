//! What each mail is about, and its template. Everything here is a value that was looked up for it; the words are in
//! `templates/mail`.

use askama::Template;
use time::Duration;

use super::Letter;

/// What all mails of an installation have in common.
#[derive(Clone, Debug)]
pub struct Head {
    /// The company's name.
    pub company: String,
    /// Where the panel is, without a slash at the end.
    pub panel: String,
    /// How to get help; empty where the company has not said.
    pub support: String,
    /// Whom the mail greets: a user name; empty where nobody is known.
    pub name: String,
}

/// When, by whom and why something was done.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// When, with the zone.
    pub at: String,
    /// By whom; empty where it is the reader.
    pub by: String,
    /// From which address and with which browser, where the reader is to recognise it.
    pub from: String,
    /// Why; empty where no reason was given.
    pub reason: String,
}

/// A link that does something once.
#[derive(Clone, Debug)]
pub struct Link {
    /// What it does.
    pub purpose: LinkPurpose,
    /// Its address.
    pub address: String,
    /// Until when it works, with the zone.
    pub until: String,
}

/// What a link does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkPurpose {
    /// The first password of a login.
    Invitation,
    /// Another password.
    PasswordReset,
    /// The address is its reader's.
    EmailChange,
}

/// Something that was done to tokens.
#[derive(Clone, Debug)]
pub struct TokenNews {
    /// What.
    pub what: TokenChange,
    /// The tokens by their names, the first ones.
    pub names: Vec<String>,
    /// How many there are besides.
    pub more: usize,
    /// Of one token: what it may do and what is otherwise, one line each.
    pub details: Vec<String>,
    /// When, by whom and why.
    pub facts: Facts,
    /// The page about it, below the panel's address.
    pub path: String,
}

impl TokenNews {
    /// How many tokens.
    pub fn count(&self) -> usize {
        self.names.len() + self.more
    }
}

/// What can be done to a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenChange {
    /// Made.
    Created,
    /// Allowed more.
    Widened,
    /// Changed by staff.
    Changed,
    /// Given a new secret.
    Rotated,
    /// Its old secret was ended by staff.
    SecretRetired,
    /// Given another expiry by staff.
    Renewed,
    /// Made to end sooner by staff.
    Shortened,
    /// Paused by staff.
    Paused,
    /// Resumed by staff.
    Resumed,
    /// Ended by staff.
    Revoked,
    /// Ended by whoever holds its secret.
    RevokedByItself,
    /// Ended because nobody used it.
    RevokedUnused,
    /// Found by somebody else.
    Leaked,
    /// Called with a secret that no longer works.
    SecretReused,
}

/// Tokens that expire soon or have expired.
#[derive(Clone, Debug)]
pub struct Expiry {
    /// Within so many days; 0 when it is over.
    pub days: u8,
    /// The tokens.
    pub tokens: Vec<ExpiringToken>,
}

/// How long something lasts yet, in whole days, or hours of the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// So many days.
    Days(i64),
    /// So many hours; 0 when it is less than one.
    Hours(i64),
}

impl Left {
    /// What is lacking to a day by less than an hour is a day: mail takes its time.
    pub fn of(time: Duration) -> Self {
        match (time + Duration::HOUR).whole_days() {
            0 => Self::Hours(time.whole_hours().max(0)),
            days => Self::Days(days),
        }
    }
}

/// A token that expires.
#[derive(Clone, Debug)]
pub struct ExpiringToken {
    /// Its name.
    pub name: String,
    /// When, with the zone.
    pub at: String,
    /// How long that is from now; zero when it is over.
    pub left: Left,
    /// Its last use: when and from where; empty when it was never used.
    pub last_use: String,
    /// The page that renews it, below the panel's address.
    pub path: String,
}

/// Something that was done to a login, an account or a staff member.
#[derive(Clone, Debug)]
pub struct PersonNews {
    /// What.
    pub what: PersonChange,
    /// What is otherwise, one line each.
    pub details: Vec<String>,
    /// When, by whom and why.
    pub facts: Facts,
}

/// What can be done to a login, an account or a staff member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PersonChange {
    /// Signed in with a browser that had never done so.
    SignedIn {
        /// With which one, in words.
        browser: String,
    },
    /// Another password.
    PasswordChanged,
    /// A password by a link.
    PasswordSet,
    /// A password by staff.
    PasswordSetByStaff,
    /// A link to choose a password was made at the server.
    LinkMade,
    /// Another e-mail address; the reader has the old one or the new one.
    EmailChanged {
        /// The new one.
        after: String,
        /// Whether the mail goes there.
        to_new: bool,
    },
    /// Signed out by staff.
    SessionsEnded,
    /// The account was suspended.
    Suspended,
    /// The suspension was ended.
    Unsuspended,
    /// The account was changed.
    AccountChanged,
    /// The account was removed.
    Removed,
    /// The staff member was changed.
    StaffChanged,
    /// The staff member can no longer sign in.
    Deactivated,
    /// The staff member can sign in again.
    Reactivated,
    /// A token of the staff member was made.
    StaffTokenMade,
    /// A token of the staff member was changed.
    StaffTokenChanged,
    /// A token of the staff member was ended.
    StaffTokenRevoked,
    /// A token of the staff member was found by somebody else.
    StaffTokenLeaked,
}

/// What a mail says.
#[derive(Clone, Debug)]
pub enum Words {
    /// A link that does something once.
    Link(Link),
    /// Something was done to tokens.
    Tokens(TokenNews),
    /// Tokens expire.
    Expiry(Expiry),
    /// Something was done to a login, an account or a staff member.
    Person(PersonNews),
    /// Mail works.
    Test,
}

macro_rules! templates {
    ($($template:ident<$value:ty>, path = $path:literal;)*) => {
        $(
            #[derive(Template)]
            #[template(path = $path)]
            struct $template<'a> {
                head: &'a Head,
                it: &'a $value,
            }
        )*
    };
}

templates! {
    LinkTemplate<Link>, path = "mail/link.txt";
    TokensTemplate<TokenNews>, path = "mail/tokens.txt";
    ExpiryTemplate<Expiry>, path = "mail/expiry.txt";
    PersonTemplate<PersonNews>, path = "mail/person.txt";
}

#[derive(Template)]
#[template(path = "mail/test.txt")]
struct TestTemplate<'a> {
    head: &'a Head,
}

impl Words {
    /// The letter that says it.
    pub fn letter(&self, head: &Head) -> Letter {
        let rendered = match self {
            Self::Link(it) => LinkTemplate { head, it }.render(),
            Self::Tokens(it) => TokensTemplate { head, it }.render(),
            Self::Expiry(it) => ExpiryTemplate { head, it }.render(),
            Self::Person(it) => PersonTemplate { head, it }.render(),
            Self::Test => TestTemplate { head }.render(),
        };
        // Only a formatter of ours could fail, and none of them does.
        Letter::read(&rendered.unwrap_or_default(), &head.company, &head.panel)
    }
}
