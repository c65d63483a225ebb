//! Turns a sample into rows: the token as it was made, what was done to it in order, its calls, and its history.

use time::{Duration, PrimitiveDateTime};
use zeroize::Zeroizing;

use super::{
    samples::{Deed, Sample},
    traffic::{self, Calls, Dice},
};
use crate::{
    app::{App, AppError, Caller, reuse},
    clock::TimeZone,
    domain::{
        account::Account,
        address::AddressSet,
        audit::{Action, Change, NewEvent, Party},
        draft::Draft,
        reuse::{Ended, Reuse},
        scope::ScopeSet,
        secret::{KeyId, PublicId, SecretDigest, TokenSecret, digest},
        site::SiteSet,
        token::{Expiry, PausedBy, Token},
        usage::{ALLOWED, SecretGeneration, SeenUse},
    },
    store::{
        self, DbConnection, StoreError,
        tokens::{Inserted, NewToken, Outgoing},
    },
};

/// What the whole demo has in common.
pub(super) struct Stage<'a> {
    pub(super) app: &'a App,
    pub(super) now: PrimitiveDateTime,
    pub(super) account: &'a Account,
    pub(super) zone: TimeZone,
    /// The account's holder.
    pub(super) owner: Caller,
    /// A staff member.
    pub(super) staff: Caller,
    pub(super) dice: Dice,
}

/// A sample that is being told.
struct Story<'a> {
    stage: &'a Stage<'a>,
    token: Token,
    events: Vec<NewEvent>,
}

impl Stage<'_> {
    fn ago(&self, hours: i64) -> PrimitiveDateTime {
        traffic::instant(self.now, hours)
    }

    fn expiry(&self, days: Option<i64>) -> Expiry {
        let at = |days| self.zone.end_of_day(self.zone.today(self.now + Duration::days(days)));
        Expiry::from(days.map(at))
    }

    fn scopes(&self, text: &str) -> ScopeSet {
        let template = self.app.catalogue.template(text);
        template.map_or_else(
            || text.parse().expect("samples name scopes"),
            |template| template.scopes.clone(),
        )
    }

    /// The digest of a new secret, its key, and the secret.
    fn secret(&self, id: PublicId) -> (SecretDigest, KeyId, TokenSecret) {
        let secret = TokenSecret::mint(id, |length| self.app.clock.random_base62(length));
        let keyring = self.app.keyring();
        let (key_id, key) = keyring.current();
        (digest(key, &secret), key_id.clone(), secret)
    }

    /// Stores everything about a sample. Returns its secret and its events.
    pub(super) fn tell(
        &self,
        connection: &mut DbConnection,
        sample: &Sample,
    ) -> Result<(Zeroizing<String>, Vec<NewEvent>), AppError> {
        let id = PublicId::mint(|length| self.app.clock.random_base62(length));
        let (digest, key, secret) = self.secret(id);
        let new = self.new_token(sample, id, (digest, key, secret.last4().to_owned()));
        let Inserted::Stored(token) = store::tokens::insert(connection, &new)? else {
            return Err(StoreError::CutOff.into());
        };
        let calls = traffic::calls(sample.traffic, token.id, &self.app.catalogue, &self.dice, self.now);
        store_calls(connection, &calls)?;
        let mut story = Story {
            stage: self,
            token: *token,
            events: Vec::new(),
        };
        story.created();
        let mut last = self.ago(sample.created);
        for (hours, deed) in sample.deeds {
            let at = self.ago(*hours);
            story.use_between(connection, &calls, last, at)?;
            story.apply(connection, deed, at)?;
            last = at;
        }
        story.use_between(connection, &calls, last, self.now)?;
        story.reuse(connection, &calls)?;
        Ok((Zeroizing::new(secret.expose().to_owned()), story.events))
    }

    fn new_token(&self, sample: &Sample, public_id: PublicId, secret: (SecretDigest, KeyId, String)) -> NewToken {
        let (digest, key, last4) = secret;
        let sites = match sample.sites {
            [] => "*".to_owned(),
            sites => sites.join(" "),
        };
        NewToken {
            public_id,
            account: self.account.id,
            name: sample.name.parse().expect("samples have names"),
            description: sample.description.parse().expect("samples have descriptions"),
            scopes: self.scopes(sample.scopes),
            sites: sites.parse::<SiteSet>().expect("samples name sites"),
            addresses: AddressSet::parse_lines(sample.addresses).expect("samples name addresses"),
            expiry: self.expiry(sample.expires),
            created_at: self.ago(sample.created),
            created_by: self.account.username.to_string(),
            creation_key: None,
            digest,
            key,
            last4,
        }
    }
}

fn store_calls(connection: &mut DbConnection, calls: &[Calls]) -> Result<(), StoreError> {
    for calls in calls {
        store::usage::add(connection, &calls.row)?;
    }
    for day in traffic::days(calls) {
        store::usage::add_day(connection, &day)?;
    }
    Ok(())
}

impl Story<'_> {
    fn note(
        &mut self,
        caller: &Caller,
        at: PrimitiveDateTime,
        action: Action,
        changes: Vec<Change>,
        why: Option<&str>,
    ) {
        let target = Party::new("token", self.token.public_id, &self.token.name);
        let mut caller = caller.clone();
        // What a run did carries the request that started it; everything else was a request of its own.
        if caller.request_id.is_empty() {
            caller.request_id = self.stage.app.new_public_id();
        }
        let mut event = caller.event(at, action, Some(self.token.account), target, changes);
        event.reason = why.map(str::to_owned);
        self.events.push(event);
    }

    fn created(&mut self) {
        let token = &self.token;
        let mut changes = vec![
            Change::new("name", &token.name),
            Change::new("scopes", &token.scopes),
            Change::new("sites", &token.sites),
            Change::new("addresses", &token.addresses),
            Change::new("expiry", token.expiry),
        ];
        if !token.description.is_empty() {
            changes.insert(1, Change::new("description", &token.description));
        }
        let (owner, at) = (&self.stage.owner, token.created_at);
        self.note(owner, at, Action::TokenCreated, changes, None);
    }

    /// Notes the last allowed calls of that time.
    fn use_between(
        &self,
        connection: &mut DbConnection,
        calls: &[Calls],
        from: PrimitiveDateTime,
        until: PrimitiveDateTime,
    ) -> Result<(), StoreError> {
        let there = |calls: &&Calls| calls.row.last_at >= from && calls.row.last_at < until;
        for calls in calls
            .iter()
            .filter(there)
            .filter(|calls| calls.row.key.outcome == ALLOWED)
        {
            let seen = SeenUse {
                token: self.token.id,
                generation: if calls.old_secret {
                    SecretGeneration::Previous
                } else {
                    SecretGeneration::Current
                },
                at: calls.row.last_at,
                from: calls.row.key.address.parse().expect("samples name addresses"),
            };
            store::tokens::record_use(connection, &seen)?;
        }
        Ok(())
    }

    /// Notes the calls that were refused because the secret had ended.
    fn reuse(&mut self, connection: &mut DbConnection, calls: &[Calls]) -> Result<(), StoreError> {
        let mut reuse: Vec<Reuse> = Vec::new();
        for row in calls.iter().map(|calls| &calls.row) {
            let Ok(ended) = row.key.outcome.parse::<Ended>() else {
                continue;
            };
            let mut known = reuse.iter_mut();
            match known.find(|known| known.ended == ended && known.address == row.key.address) {
                Some(known) => {
                    known.calls += row.calls;
                    known.first_at = known.first_at.min(row.last_at);
                    known.last_at = known.last_at.max(row.last_at);
                }
                None => reuse.push(Reuse {
                    token: self.token.id,
                    ended,
                    address: row.key.address.clone(),
                    calls: row.calls,
                    first_at: row.last_at,
                    last_at: row.last_at,
                }),
            }
        }
        let news = store::reuse::add(connection, self.token.id, &reuse)?;
        self.events.extend(reuse::events(&self.token, &reuse, &news));
        Ok(())
    }

    fn apply(&mut self, connection: &mut DbConnection, deed: &Deed, at: PrimitiveDateTime) -> Result<(), AppError> {
        let (owner, staff) = (&self.stage.owner, &self.stage.staff);
        match deed {
            Deed::Renewed(days) => self.renew(connection, *days, at)?,
            Deed::Rotated(hours) => self.rotate(connection, *hours, at)?,
            Deed::Paused => self.pause(connection, (owner, PausedBy::Owner), at, None)?,
            Deed::PausedByStaff(why) => self.pause(connection, (staff, PausedBy::Staff), at, Some(why))?,
            Deed::Revoked => self.revoke(connection, owner, at, None)?,
            Deed::RevokedByStaff(why) => self.revoke(connection, staff, at, Some(why))?,
            Deed::Limited(addresses) => {
                let addresses = AddressSet::parse_lines(addresses).expect("samples name addresses");
                self.edit(connection, self.token.scopes.clone(), addresses, at)?;
            }
            Deed::Scoped(scopes) => {
                self.edit(connection, self.stage.scopes(scopes), self.token.addresses.clone(), at)?;
            }
        }
        let again = store::tokens::find(connection, self.token.account, &self.token.public_id)?;
        self.token = again.ok_or(AppError::NotFound)?;
        Ok(())
    }

    fn renew(&mut self, connection: &mut DbConnection, days: i64, at: PrimitiveDateTime) -> Result<(), AppError> {
        let expiry = self.stage.expiry(Some(days));
        store::tokens::extend(connection, self.token.id, self.token.revision, expiry)?;
        let changes = Change::between("expiry", self.token.expiry, expiry)
            .into_iter()
            .collect();
        self.note(&self.stage.owner, at, Action::TokenRenewed, changes, None);
        Ok(())
    }

    fn rotate(&mut self, connection: &mut DbConnection, hours: i64, at: PrimitiveDateTime) -> Result<(), AppError> {
        let (digest, key, secret) = self.stage.secret(self.token.public_id);
        let new = Outgoing {
            digest,
            key,
            last4: secret.last4().to_owned(),
            at,
            until: at + Duration::hours(hours),
        };
        store::tokens::rotate(connection, self.token.id, self.token.revision, &new)?;
        let changes = vec![
            Change {
                field: "last4".to_owned(),
                before: Some(self.token.last4.clone()),
                after: Some(new.last4),
            },
            Change::new("overlap", Expiry::At(new.until)),
        ];
        self.note(&self.stage.owner, at, Action::TokenRotated, changes, None);
        Ok(())
    }

    fn pause(
        &mut self,
        connection: &mut DbConnection,
        (caller, by): (&Caller, PausedBy),
        at: PrimitiveDateTime,
        why: Option<&str>,
    ) -> Result<(), AppError> {
        store::tokens::pause(connection, self.token.id, by, at)?;
        let changes = Change::between("status", "active", "paused").into_iter().collect();
        self.note(caller, at, Action::TokenPaused, changes, why);
        Ok(())
    }

    fn revoke(
        &mut self,
        connection: &mut DbConnection,
        caller: &Caller,
        at: PrimitiveDateTime,
        why: Option<&str>,
    ) -> Result<(), AppError> {
        store::tokens::revoke(connection, self.token.id, at)?;
        let changes = Change::between("status", "active", "revoked").into_iter().collect();
        self.note(caller, at, Action::TokenRevoked, changes, why);
        Ok(())
    }

    fn edit(
        &mut self,
        connection: &mut DbConnection,
        scopes: ScopeSet,
        addresses: AddressSet,
        at: PrimitiveDateTime,
    ) -> Result<(), AppError> {
        let token = &self.token;
        let before = Draft::from(token);
        let after = Draft {
            scopes,
            addresses,
            ..before.clone()
        };
        store::tokens::update(connection, token.id, token.revision, &after)?;
        let changes = after.changes_from(&before);
        self.note(&self.stage.owner, at, Action::TokenChanged, changes, None);
        Ok(())
    }
}
