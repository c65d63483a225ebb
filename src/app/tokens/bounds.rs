//! Rule 7: a token can never make, or become, something that can do more than itself.

use std::sync::Arc;

use time::PrimitiveDateTime;

use crate::{
    app::{App, AppError, Caller, Rule, verify::powers},
    catalogue::Catalogue,
    domain::{
        draft::Draft,
        id::AccountId,
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
    token: Option<(AccountId, PublicId)>,
}

impl Bounds {
    /// The bounds of a caller.
    pub(in crate::app) fn of(app: &App, caller: &Caller) -> Self {
        Self {
            catalogue: Arc::clone(&app.catalogue),
            token: match &caller.actor {
                Actor::Token { account, public_id, .. } => Some((*account, *public_id)),
                _ => None,
            },
        }
    }

    /// Errors with [`Rule::BeyondToken`] unless the caller's token can do all that `wanted` can, everywhere, from every
    /// address and for as long. The token is read in the transaction of the change, so that one which was narrowed or
    /// ended a moment ago bounds as it is now.
    pub(in crate::app) fn hold(
        &self,
        connection: &mut DbConnection,
        wanted: &Draft,
        now: PrimitiveDateTime,
    ) -> Result<(), AppError> {
        let Some((account, id)) = self.token else {
            return Ok(());
        };
        let own = store::tokens::find(connection, account, &id)?.ok_or(AppError::NotFound)?;
        self.check_standing(connection, &own, now)?;
        let beyond = Difference::between(&Draft::from(&own), wanted, |scopes| self.catalogue.closure(scopes));
        if beyond.widens() {
            return Err(Rule::BeyondToken(Box::new(beyond)).into());
        }
        Ok(())
    }

    /// [`Bounds::hold`] for a token as it is.
    pub(in crate::app) fn hold_token(
        &self,
        connection: &mut DbConnection,
        token: &Token,
        now: PrimitiveDateTime,
    ) -> Result<(), AppError> {
        self.hold(connection, &Draft::from(token), now)
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
