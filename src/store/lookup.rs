//! The look-up that every request to every service waits for, on the shortest way to either database.

use super::{
    Backend, Store, StoreError, snapshot,
    tokens::{TokenStanding, find_standing},
};
use crate::domain::{secret::PublicId, site::SiteName};

impl Store {
    /// How the token of this public id stands, and whether its account has `site`; nothing when there is no such token.
    /// It is never older than the call.
    pub async fn token_standing(
        &self,
        id: PublicId,
        site: Option<&SiteName>,
    ) -> Result<Option<TokenStanding>, StoreError> {
        match &*self.backend {
            Backend::Sqlite {
                path, number, index, ..
            } => snapshot::look_up((path, *number, index), |connection| find_standing(connection, id, site)),
            Backend::Postgres { gatherer, .. } => gatherer.find(id, site.cloned()).await,
        }
    }
}
