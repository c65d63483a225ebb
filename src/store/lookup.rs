//! The look-up that every request to every service waits for, on the shortest way to either database.

use super::{
    Backend, DbConnection, Store, StoreError, blocking, readers,
    tokens::{TokenStanding, find_standing, list_standings},
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
            // One statement is a transaction of its own.
            Backend::Sqlite { path, number, .. } => {
                readers::with_reader(path, *number, |connection| match connection {
                    DbConnection::Sqlite(sqlite) => find_standing(sqlite, id, site),
                    DbConnection::Postgres(_) => Err(StoreError::CutOff),
                })
            }
            Backend::Postgres(pool) => {
                let (pool, site) = (pool.clone(), site.cloned());
                blocking(move || {
                    let mut pooled = pool.get().map_err(|e| StoreError::Unreachable(e.into()))?;
                    let DbConnection::Postgres(postgres) = &mut *pooled else {
                        return Err(StoreError::CutOff);
                    };
                    let names: Vec<&str> = site.iter().map(SiteName::as_str).collect();
                    let rows = list_standings(postgres, &[id.as_str()], &names)?;
                    rows.into_iter().next().map(TokenStanding::try_from).transpose()
                })
                .await
            }
        }
    }
}
