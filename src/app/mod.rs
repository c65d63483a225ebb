//! What people and programs can do: one function is one thing, with its permission, its rule, its one transaction
//! and its audit event.
//!
//! Nothing here knows HTTP or words for people; what goes wrong is an [`AppError`].

pub mod accounts;
pub mod activity;
pub mod audit;
mod caller;
pub mod demo;
mod devices;
mod error;
pub mod links;
pub mod mail;
mod minting;
pub mod once;
mod passwords;
pub mod people;
pub mod policy;
pub mod preferences;
pub mod refusals;
pub mod reuse;
pub mod runs;
pub mod security;
pub mod services;
pub mod setup;
pub mod sign_in;
pub mod staff;
pub mod staff_tokens;
mod throttle;
pub mod tokens;
pub mod upkeep;
pub mod usage;
mod uses;
pub mod verify;

use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock, RwLockReadGuard};

use time::PrimitiveDateTime;

pub use caller::Caller;
pub use demo::DemoPerson;
pub use error::{AppError, Rule};
pub use passwords::{PasswordHash, Passwords};
pub use uses::Uses;

use crate::{
    catalogue::Catalogue,
    clock::{Clock, TimeZone},
    domain::{
        account::Account,
        id::{PUBLIC_ID_LENGTH, ServiceId, StaffTokenId},
        policy::Policy,
    },
    keyring::Keyring,
    mail::{Post, UnusableSettings},
    settings::{Database, Settings},
    store::{self, DbConnection, Location, Shape, Store, StoreError},
};

/// The password must have been given within so long before something is widened (rule 6).
pub const PASSWORD_FRESH: time::Duration = time::Duration::minutes(10);

/// Everything that a use case needs; one for the whole process.
pub struct App {
    /// The database.
    pub store: Store,
    /// Time and randomness.
    pub clock: Clock,
    /// What tokens can be allowed to do.
    pub catalogue: Arc<Catalogue>,
    /// The settings that the process was started with.
    pub settings: Settings,
    /// Hashes passwords, a bounded number at a time.
    pub passwords: Passwords,
    /// Counts calls until they are written.
    pub usage: usage::UsageMeter,
    /// Notes the uses of service credentials until they are written.
    pub services: Uses<ServiceId>,
    /// Notes the uses of staff members' tokens until they are written.
    pub staff_tokens: Uses<StaffTokenId>,
    /// How many calls staff members' tokens have made lately.
    pub staff_calls: usage::StaffCalls,
    /// How many calls a minute tokens may make.
    pub call_limits: Arc<usage::CallLimits>,
    /// Counts refusals until they are written.
    pub refusals: refusals::Refusals,
    /// Notes calls with secrets that no longer work until they are written.
    pub reuse: reuse::ReuseMeter,
    /// Whether the data are made up for showing.
    pub demo: bool,
    demo_people: OnceLock<Vec<DemoPerson>>,
    post: OnceLock<Result<Option<Post>, UnusableSettings>>,
    keyring: RwLock<Keyring>,
    keys_sought: Mutex<Option<PrimitiveDateTime>>,
}

impl App {
    /// Puts the parts together and makes the installation's row.
    pub fn new(
        settings: Settings,
        store: Store,
        clock: Clock,
        catalogue: Catalogue,
        keyring: Keyring,
    ) -> Result<Arc<Self>, StoreError> {
        let salt = clock.random_base62(PUBLIC_ID_LENGTH);
        let now = clock.now();
        let store = if settings.mail.is_on() {
            store.with_mail(clock.clone())
        } else {
            store
        };
        let installation =
            store.write_here(|connection| store::installation::find_or_create(connection, &salt, now))?;
        let call_limits = usage::CallLimits::default();
        store.read_here(|connection| call_limits.read(connection))?;
        store.seal_events_with(audit::chain_keys(&keyring));
        Ok(Arc::new(Self {
            passwords: Passwords::new(&clock),
            usage: usage::UsageMeter::default(),
            services: Uses::new(store::services::record_use),
            staff_tokens: Uses::new(store::staff_tokens::record_use),
            staff_calls: usage::StaffCalls::default(),
            call_limits: Arc::new(call_limits),
            refusals: refusals::Refusals::default(),
            reuse: reuse::ReuseMeter::default(),
            demo: installation.demo,
            demo_people: OnceLock::new(),
            post: OnceLock::new(),
            keyring: RwLock::new(keyring),
            keys_sought: Mutex::new(None),
            store,
            clock,
            catalogue: Arc::new(catalogue),
            settings,
        }))
    }

    /// The server's keys.
    pub fn keyring(&self) -> RwLockReadGuard<'_, Keyring> {
        self.keyring.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Uses other keys from now on: those of the key file, read again.
    pub fn replace_keyring(&self, keyring: Keyring) {
        self.store.seal_events_with(audit::chain_keys(&keyring));
        *self.keyring.write().unwrap_or_else(PoisonError::into_inner) = keyring;
    }

    /// Whom visitors of a demo may sign in as; nobody where the data are real.
    pub fn demo_people(&self) -> &[DemoPerson] {
        self.demo_people.get().map_or(&[], Vec::as_slice)
    }

    /// Whether mail is sent: where it is not, links are shown to whoever makes them.
    pub fn sends_mail(&self) -> bool {
        self.settings.mail.is_on()
    }

    /// Now, UTC.
    pub fn now(&self) -> PrimitiveDateTime {
        self.clock.now()
    }

    /// A new public id of an account, a staff member or a session.
    pub fn new_public_id(&self) -> String {
        self.clock.random_base62(PUBLIC_ID_LENGTH)
    }

    /// The zone of an account, UTC should its name have left the time zone data.
    pub fn zone(&self, account: &Account) -> TimeZone {
        account.time_zone.parse().unwrap_or_default()
    }
}

/// Opens the database that the settings name and brings it to this version's shape. Returns the migrations that were
/// applied.
pub fn open_store(settings: &Settings) -> Result<(Store, Vec<String>), StoreError> {
    Store::open(&location(settings))
}

/// Looks at the database that the settings name without changing it.
pub fn inspect_store(settings: &Settings) -> Result<Shape, StoreError> {
    Store::inspect(&location(settings))
}

fn location(settings: &Settings) -> Location {
    match &settings.database {
        Database::Sqlite(path) => Location::Sqlite(path.clone()),
        Database::Postgres(url) => Location::Postgres(url.expose().to_owned().into()),
    }
}

/// The policy that holds for an account: the installation's, narrowed by its plan.
pub fn policy_for(connection: &mut DbConnection, account: &Account) -> Result<Policy, StoreError> {
    let installation = store::installation::find(connection)?.policy;
    let plan = store::plans::find(connection, account.plan)?;
    Ok(plan.map_or_else(|| installation.clone(), |plan| installation.narrowed_by(&plan.policy)))
}
