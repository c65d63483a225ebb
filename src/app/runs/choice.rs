//! Which tokens a run is about: the criteria with what the catalogue and the usage say.

use std::{collections::HashSet, net::IpAddr};

use time::PrimitiveDateTime;

use crate::{
    app::{App, AppError},
    catalogue::Catalogue,
    domain::{
        id::TokenId,
        run::{Criteria, RunKind},
        scope::{Scope, ScopeSet},
    },
    store::{
        self, DbConnection, StoreError,
        runs::{Candidate, Window},
    },
};

/// Row numbers that are looked at in one query.
pub(super) const WINDOW: i64 = 5_000;

/// The scopes of the catalogue with which a token may do what `scope` allows: the scope itself, and those that imply it.
pub fn covering(catalogue: &Catalogue, scope: &Scope) -> ScopeSet {
    let entries = catalogue.areas().iter().flat_map(|area| &area.scopes);
    let implying = entries.filter(|entry| entry.implies.contains(scope));
    let implying = implying.map(|entry| entry.scope.clone());
    implying.chain([scope.clone()]).collect()
}

/// Decides which tokens.
pub(super) struct Choice {
    criteria: Criteria,
    kind: RunKind,
    /// Words of a stored set of scopes of which one is enough.
    words: Option<HashSet<String>>,
    /// Tokens with usage from the addresses, in ascending order.
    used: Option<Vec<TokenId>>,
    up_to: TokenId,
}

impl Choice {
    /// Finds out what the criteria leave open.
    pub(super) async fn new(app: &App, criteria: &Criteria, kind: RunKind, up_to: TokenId) -> Result<Self, AppError> {
        let words = criteria.scope.as_ref().map(|scope| {
            let scopes = covering(&app.catalogue, scope);
            let words = scopes.iter().map(ToString::to_string);
            words.chain([ScopeSet::FULL.to_owned()]).collect()
        });
        let used = match criteria.used_from {
            Some(range) => {
                let read = app
                    .store
                    .read_apart(move |connection| store::runs::list_used_from(connection, range));
                Some(read.await?)
            }
            None => None,
        };
        Ok(Self {
            criteria: criteria.clone(),
            kind,
            words,
            used,
            up_to,
        })
    }

    /// The row number at which everything has been looked at.
    pub(super) fn end(&self) -> TokenId {
        self.up_to
    }

    /// The tokens of the next window after `after`, and the last row number of it.
    pub(super) fn next(
        &self,
        connection: &mut DbConnection,
        after: TokenId,
        now: PrimitiveDateTime,
    ) -> Result<(Vec<Candidate>, TokenId), StoreError> {
        let up_to = TokenId(after.0.saturating_add(WINDOW)).min(self.up_to);
        let window = Window { after, up_to };
        let mut found = store::runs::list_candidates(connection, &self.criteria, self.kind, window, now)?;
        found.retain(|candidate| self.holds(candidate));
        Ok((found, up_to))
    }

    fn holds(&self, token: &Candidate) -> bool {
        self.holds_scope(&token.scopes) && self.holds_address(token) && self.holds_limit(token)
    }

    fn holds_scope(&self, scopes: &str) -> bool {
        self.words
            .as_ref()
            .is_none_or(|words| scopes.split(' ').any(|word| words.contains(word)))
    }

    fn holds_address(&self, token: &Candidate) -> bool {
        let (Some(range), Some(used)) = (self.criteria.used_from, &self.used) else {
            return true;
        };
        let last = token.last_used_from.as_deref().and_then(|from| from.parse().ok());
        last.is_some_and(|last: IpAddr| range.contains(last)) || used.binary_search(&token.id).is_ok()
    }

    fn holds_limit(&self, token: &Candidate) -> bool {
        match self.kind {
            RunKind::Shorten(limit) => token.expiry.is_later_than(limit.latest_for(token.created_at)),
            RunKind::Revoke | RunKind::Pause => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_covered_by_itself_and_by_what_implies_it() {
        let catalogue = Catalogue::built_in();
        let create: Scope = "backups:create".parse().unwrap();
        let entry = catalogue.scope(&create).unwrap();
        let read = entry.implies.iter().next().expect("it implies another").clone();
        let covering = covering(&catalogue, &read);
        assert!(covering.contains(&read) && covering.contains(&create) && !covering.is_full());
        assert!(!super::covering(&catalogue, &create).contains(&read));
    }
}
