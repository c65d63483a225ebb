//! Rule 7: a token can never make, or become, something that can do more than itself.

use std::sync::Arc;

use time::PrimitiveDateTime;

use crate::{
    app::{App, AppError, Caller, Rule, verify::powers},
    catalogue::Catalogue,
    domain::{
        draft::Draft,
        id::{AccountId, TokenId},
        permission::{Actor, Denied, TokenPowers},
        secret::PublicId,
        token::{Life, Token},
        usage::SecretGeneration,
        widening::Difference,
    },
    store::{self, DbConnection, StoreError},
};

/// What the caller may make of tokens: everything that the rules allow, or, where a token asks, no more than that token.
#[derive(Clone)]
pub(in crate::app) struct Bounds {
    catalogue: Arc<Catalogue>,
    token: Option<Own>,
}

/// The token that asks.
#[derive(Clone, Copy)]
struct Own {
    row: TokenId,
    id: PublicId,
    account: AccountId,
}

impl Bounds {
    /// The bounds of a caller.
    pub(in crate::app) fn of(app: &App, caller: &Caller) -> Self {
        Self {
            catalogue: Arc::clone(&app.catalogue),
            token: match &caller.actor {
                Actor::Token {
                    id, public_id, account, ..
                } => Some(Own {
                    row: *id,
                    id: *public_id,
                    account: *account,
                }),
                _ => None,
            },
        }
    }

    /// Errors with [`Rule::BeyondToken`] unless the caller's token can do all that `wanted` can, everywhere, from every
    /// address and for as long. The token is held and read in the transaction of the change: whoever narrows or ends it
    /// comes before, so that it bounds as it is then, or waits until the change is made.
    pub(in crate::app) fn hold(
        &self,
        connection: &mut DbConnection,
        wanted: &Draft,
        now: PrimitiveDateTime,
    ) -> Result<(), AppError> {
        let Some(own) = self.token else {
            return Ok(());
        };
        store::tokens::hold(connection, own.row)?;
        let own = store::tokens::find(connection, own.account, &own.id)?.ok_or(AppError::NotFound)?;
        self.check_standing(connection, &own, now)?;
        let beyond = Difference::between(&Draft::from(&own), wanted, |scopes| self.catalogue.closure(scopes));
        if beyond.widens() {
            return Err(Rule::BeyondToken(Box::new(beyond)).into());
        }
        Ok(())
    }

    /// [`Bounds::hold`] for a token as it is. It is held too, and read again: what `token` says may be over.
    pub(in crate::app) fn hold_token(
        &self,
        connection: &mut DbConnection,
        token: &Token,
        now: PrimitiveDateTime,
    ) -> Result<(), AppError> {
        let Some(own) = self.token else {
            return Ok(());
        };
        // In the order of their rows, as by everything that changes several: no two wait for each other.
        let (first, last) = if own.row.0 < token.id.0 {
            (own.row, token.id)
        } else {
            (token.id, own.row)
        };
        store::tokens::hold(connection, first)?;
        store::tokens::hold(connection, last)?;
        let token = store::tokens::find(connection, token.account, &token.public_id)?.ok_or(AppError::NotFound)?;
        self.hold(connection, &Draft::from(&token), now)
    }

    /// Errors unless the token still works and still manages tokens.
    fn check_standing(
        &self,
        connection: &mut DbConnection,
        own: &Token,
        now: PrimitiveDateTime,
    ) -> Result<(), AppError> {
        let account = store::accounts::find(connection, own.account)?.ok_or(AppError::NotFound)?;
        if account.is_suspended() {
            return Err(Denied::Suspended.into());
        }
        let plan = store::plans::find(connection, account.plan)?.ok_or(StoreError::CutOff)?;
        let powers = powers(&self.catalogue, &own.scopes, &plan.scopes, SecretGeneration::Current);
        if own.life != Life::Live || own.is_expired(now) || !powers.manage {
            return Err(Denied::Scope(TokenPowers::MANAGE).into());
        }
        Ok(())
    }
}
