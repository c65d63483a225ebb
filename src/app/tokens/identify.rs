//! Whose a token is that somebody found, and what it may do. What was pasted is looked at and forgotten: it reaches no
//! table and no log.

use crate::{
    app::{
        App, AppError, Caller,
        staff_tokens::{self, identify::identify as identify_of_staff},
        throttle::Buckets,
        verify::{Compared, look_up},
    },
    domain::{
        permission::{Act, Actor},
        secret::{FormatError, Mention, OfToken, PublicId, mentions},
        usage::SecretGeneration,
    },
    store::{self, tokens::KnownToken},
};

/// How much of a token was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seen {
    /// The secret that it has.
    Current,
    /// The outgoing secret of its last rotation.
    Outgoing,
    /// A well formed secret that the token does not have now: rotated out long ago, or made up.
    NotItsOwn,
    /// A well formed secret that cannot be compared, because the key of its digest is gone.
    Unchecked,
    /// Its id alone.
    IdOnly,
    /// What begins as its secret does and is cut or mistyped.
    Broken(FormatError),
}

/// A token that a text speaks of.
#[derive(Debug)]
pub struct Found {
    /// Its public id; none where what was found is broken in the id.
    pub id: Option<PublicId>,
    /// How much of it was found.
    pub seen: Seen,
    /// The token, whatever has become of its account; none when there is no such token here.
    pub known: Option<Box<KnownToken>>,
}

/// The tokens that a text speaks of, each kind in the order of their first mention.
#[derive(Debug)]
pub struct Identified {
    /// Those of accounts.
    pub of_accounts: Vec<Found>,
    /// Those of staff members.
    pub of_staff: Vec<staff_tokens::Found>,
}

impl Identified {
    /// Whether the text speaks of none.
    pub fn is_empty(&self) -> bool {
        self.of_accounts.is_empty() && self.of_staff.is_empty()
    }
}

/// The tokens that `text` speaks of, whole ones, broken ones and ids; none when it speaks of none.
///
/// Errors with [`AppError::TooManyTries`] when a staff member has looked too often.
pub async fn identify(app: &App, caller: &Caller, text: &str) -> Result<Identified, AppError> {
    caller.may(Act::ReadAccounts, None)?;
    if let Actor::Staff { public_id, .. } = &caller.actor {
        Buckets::of_identifying(app, public_id).take(app).await?;
    }
    let mut of_accounts = Vec::new();
    for mention in mentions(text) {
        of_accounts.push(find(app, mention).await?);
    }
    let mut of_staff = identify_of_staff(app, caller, text).await?;
    // Bare ids of both kinds look alike: what is neither is told once.
    if text.trim().parse::<PublicId>().is_ok() {
        of_staff.retain(|found| found.known.is_some());
        if !of_staff.is_empty() {
            of_accounts.retain(|found| found.known.is_some());
        }
    }
    Ok(Identified { of_accounts, of_staff })
}

async fn find(app: &App, mention: Mention<OfToken>) -> Result<Found, AppError> {
    let id = mention.id();
    let (known, seen) = match mention {
        Mention::Whole(secret) => {
            let (_, compared) = look_up(app, &secret, None).await?;
            let seen = match compared {
                Compared::Same(SecretGeneration::Current) => Seen::Current,
                Compared::Same(SecretGeneration::Previous) => Seen::Outgoing,
                Compared::Other => Seen::NotItsOwn,
                Compared::KeyIsGone => Seen::Unchecked,
            };
            (by_id(app, secret.public_id()).await?, seen)
        }
        Mention::Id(id) => (by_id(app, id).await?, Seen::IdOnly),
        Mention::Broken { id: Some(id), fault } => (by_id(app, id).await?, Seen::Broken(fault)),
        Mention::Broken { id: None, fault } => (None, Seen::Broken(fault)),
    };
    Ok(Found {
        id,
        seen,
        known: known.map(Box::new),
    })
}

async fn by_id(app: &App, id: PublicId) -> Result<Option<KnownToken>, AppError> {
    let found = app
        .store
        .read(move |connection| store::tokens::find_anyones(connection, &id));
    Ok(found.await?)
}

/// Finds a token by its public id, whoever's it is.
///
/// Errors with [`AppError::NotFound`] when there is none.
pub async fn find_anyones(app: &App, caller: &Caller, id: PublicId) -> Result<KnownToken, AppError> {
    caller.may(Act::ReadAccounts, None)?;
    by_id(app, id).await?.ok_or(AppError::NotFound)
}
