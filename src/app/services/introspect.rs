//! What a hosting service is told about a token that it was sent (RFC 7662). Asking is no use of the token: nothing is
//! counted, and its last use stays what it was. A secret that has ended is noted, with the address of whoever asked.

use std::net::IpAddr;

use time::PrimitiveDateTime;

use crate::{
    app::{
        App, AppError, reuse,
        verify::{Unverified, Verified, patiently, standing, verify},
    },
    domain::{decision::Refusal, scope::ScopeSet, site::SiteName, usage::SecretGeneration},
    store::{self, StoreError},
};

/// A token that may be used now, from one of its addresses.
#[derive(Debug)]
pub struct Active {
    /// The token.
    pub verified: Verified,
    /// When it was made.
    pub created_at: PrimitiveDateTime,
    /// What it may really do: its permissions with all that they imply, as far as the plan allows them.
    pub scopes: ScopeSet,
    /// Those of its sites that belong to its account now; where it is for all sites, all of the account's.
    pub sites: Vec<SiteName>,
    /// Until when the secret that was presented works; none: until somebody ends it.
    pub until: Option<PrimitiveDateTime>,
}

/// Finds out about the token that `presented` is the secret of; nothing when it may not be used now, for whatever reason.
///
/// The address that the token would be used from is not known here, so its addresses are not judged but told. `from` is
/// that of whoever asks.
///
/// Errors when the database or a key is out of reach: never to be taken for either answer.
pub async fn introspect(app: &App, presented: &str, from: IpAddr) -> Result<Option<Active>, AppError> {
    let verified = match verify(app, presented).await {
        Ok(verified) => verified,
        Err(why) => {
            reuse::unknown(app, presented, from, &why);
            return match why {
                Unverified::Nobody => Ok(None),
                Unverified::Unchecked(error) => Err(error),
            };
        }
    };
    let ruling = standing(app, &verified, from);
    let about_address = |refusal: &Refusal| matches!(refusal, Refusal::AddressNotAllowed { .. });
    if !ruling.decision.refusals().iter().all(about_address) {
        reuse::refused(app, &verified, &ruling, from);
        return Ok(None);
    }
    let token = verified.token();
    let (account, id) = (token.account, token.public_id);
    let reading = app.store.read(move |connection| {
        let whole = store::tokens::find(connection, account, &id)?;
        Ok::<_, StoreError>((whole, store::accounts::list_sites(connection, account)?))
    });
    let (whole, mut sites) = patiently(reading).await?;
    let created_at = whole.ok_or(AppError::NotFound)?.created_at;
    sites.retain(|site| token.sites.contains(site));
    let held = app.catalogue.closure(&token.scopes);
    let scopes = held.intersection(&app.catalogue.closure(&token.plan_scopes));
    let outgoing = token
        .outgoing
        .as_ref()
        .filter(|_| verified.generation == SecretGeneration::Previous);
    let overlap = outgoing.map(|outgoing| outgoing.until);
    let until = [token.expiry.instant(), overlap].into_iter().flatten().min();
    Ok(Some(Active {
        verified,
        created_at,
        scopes,
        sites,
        until,
    }))
}
