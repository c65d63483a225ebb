//! Tokens, service credentials and staff members' tokens for tests that need one and do not care how it was made.

use latchkey::{
    app::{
        App, Caller,
        services::{self, Created, NewCredential},
        staff_tokens,
    },
    domain::{
        address::AddressSet,
        id::AccountId,
        secret::{PublicId, TokenSecret, digest},
        service::ServiceCredential,
        site::SiteSet,
        staff_token::{StaffDraft, StaffToken},
        token::{Description, Expiry, Token},
    },
    store::{
        self,
        tokens::{self, Inserted, NewToken},
    },
};
use time::Duration;

use super::World;

/// A token and its secret.
pub(crate) struct Minted {
    /// The whole secret.
    pub(crate) secret: String,
    /// The token as it was stored.
    pub(crate) token: Token,
}

/// Stores a token of an account: named after its id, `backups:create` on all sites, from anywhere, for 90 days, unless
/// `change` says otherwise.
pub(crate) fn mint(app: &App, account: AccountId, change: impl FnOnce(&mut NewToken)) -> Minted {
    let random = |length| app.clock.random_base62(length);
    let public_id = PublicId::mint(random);
    let secret = TokenSecret::mint(public_id, random);
    let keyring = app.keyring();
    let (key, digest_key) = keyring.current();
    let mut new = NewToken {
        public_id,
        account,
        name: public_id.as_str().parse().unwrap(),
        description: Description::default(),
        scopes: "backups:create".parse().unwrap(),
        sites: SiteSet::All,
        addresses: AddressSet::any(),
        expiry: Expiry::At(app.now() + Duration::days(90)),
        created_at: app.now(),
        created_by: "priya".to_owned(),
        creation_key: None,
        digest: digest(digest_key, &secret),
        key: key.clone(),
        last4: secret.last4().to_owned(),
    };
    change(&mut new);
    let inserted = app.store.write_here(|connection| tokens::insert(connection, &new));
    match inserted.unwrap() {
        Inserted::Stored(token) => Minted {
            secret: secret.expose().to_owned(),
            token: *token,
        },
        other => panic!("{other:?}"),
    }
}

/// Makes a service credential that may be used from `addresses`, `*` for any. Its secret comes first.
pub(crate) fn mint_service(world: &World, name: &str, addresses: &str) -> (String, ServiceCredential) {
    let new = NewCredential {
        name: name.parse().unwrap(),
        addresses: addresses.parse().unwrap(),
    };
    let made = world.wait(services::create(&world.app, &Caller::shell(), new, None));
    match made.unwrap() {
        Created::New(credential, secret) => (secret.expose().to_owned(), *credential),
        Created::Before(credential) => panic!("{credential:?}"),
    }
}

/// Makes a token of the staff member with this user name, `staff_tokens::create` as at the command line: from anywhere, for
/// 30 days. Its secret comes first.
pub(crate) fn mint_staff(world: &World, username: &str, name: &str, scopes: &str) -> (String, StaffToken) {
    let all = world.app.store.read_here(store::staff::list).unwrap();
    let member = all.iter().find(|member| member.username.as_str() == username).unwrap();
    let draft = StaffDraft {
        name: name.parse().unwrap(),
        scopes: scopes.parse().unwrap(),
        addresses: AddressSet::any(),
        expires_at: world.app.now() + Duration::days(30),
    };
    let made = world.wait(staff_tokens::create(
        &world.app,
        &Caller::shell(),
        member.id,
        draft,
        None,
    ));
    match made.unwrap() {
        staff_tokens::Created::New(token, secret) => (secret.expose().to_owned(), *token),
        staff_tokens::Created::Before(token) => panic!("{token:?}"),
    }
}
