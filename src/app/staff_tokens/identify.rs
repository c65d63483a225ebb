//! Whose a staff member's token is that somebody found.

use super::{may_stop, verify::look_up};
use crate::{
    app::{App, AppError, Caller, tokens::identify::Seen},
    domain::{
        secret::{Mention, OfStaff, PublicId, mentions},
        staff::StaffMember,
        staff_token::StaffToken,
    },
    store,
};

/// A staff member's token that a text speaks of.
#[derive(Debug)]
pub struct Found {
    /// Its public id; none where what was found is broken in the id.
    pub id: Option<PublicId>,
    /// How much of it was found.
    pub seen: Seen,
    /// The token and whose it is; none when there is no such token here, or when it is another member's and the caller does
    /// not look after staff.
    pub known: Option<Box<(StaffToken, StaffMember)>>,
}

/// The tokens of staff members that `text` speaks of.
pub(in crate::app) async fn identify(app: &App, caller: &Caller, text: &str) -> Result<Vec<Found>, AppError> {
    let mut found = Vec::new();
    for mention in mentions(text) {
        found.push(find(app, caller, &mention).await?);
    }
    Ok(found)
}

async fn find(app: &App, caller: &Caller, mention: &Mention<OfStaff>) -> Result<Found, AppError> {
    let seen = match mention {
        Mention::Whole(secret) => match look_up(app, secret).await {
            Ok(Some(_)) => Seen::Current,
            Ok(None) => Seen::NotItsOwn,
            Err(AppError::Key(_)) => Seen::Unchecked,
            Err(error) => return Err(error),
        },
        Mention::Id(_) => Seen::IdOnly,
        Mention::Broken { fault, .. } => Seen::Broken(*fault),
    };
    let id = mention.id();
    let known = match id {
        Some(id) => {
            let reading = app
                .store
                .read(move |connection| store::staff_tokens::find_for_verification(connection, &id));
            reading.await?
        }
        None => None,
    };
    let known = known.filter(|known| may_stop(caller, known.member.id).is_ok());
    Ok(Found {
        id,
        seen,
        known: known.map(|known| Box::new((known.token, known.member))),
    })
}
