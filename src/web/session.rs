//! Sessions: rows of our own store behind `actix-session`.
//!
//! Only the digest of a session's id is stored, so that a copy of the database signs nobody in. A row that is gone
//! stays gone: a request that was under way when its session ended cannot bring it back.

use std::{collections::HashMap, sync::Arc};

use actix_session::{
    Session, SessionMiddleware,
    config::{BrowserSession, CookieContentSecurity},
    storage::{LoadError, SaveError, SessionKey, SessionStore, UpdateError},
};
use actix_web::{
    body::MessageBody,
    cookie::{Key, SameSite},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use time::{Duration, PrimitiveDateTime};

use super::error::WebError;
use crate::{
    app::App,
    domain::id::LoginId,
    store::{StoreError, sessions},
};

/// A session's last visit is noted at most so often: reading a page is not to cost a write.
const TOUCH_EVERY: Duration = Duration::seconds(60);
/// Characters of a session's id: 381 bits.
const ID_LENGTH: usize = 64;
const WHO: &str = "who";

/// Who is signed in, as the session keeps it. Everything else is read from the database at each request.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Who {
    /// Row number of the login.
    pub login: i64,
    /// Whether it is a staff member's: their sessions are shorter.
    pub staff: bool,
    /// Names the session in the list of sessions.
    pub session: String,
    /// When the password was last given.
    pub password_at: PrimitiveDateTime,
    /// When that password was set. The session is over once it is no longer the login's: also one that was still being
    /// begun while all others were ended.
    pub password_set_at: Option<PrimitiveDateTime>,
    /// From which address it was begun.
    pub address: String,
    /// With which browser, as it names itself, shortened.
    pub browser: String,
}

impl Who {
    /// Who is signed in, if anybody.
    pub fn of(session: &Session) -> Option<Self> {
        session.get(WHO).ok().flatten()
    }

    /// Signs in: the session gets a new id, whatever it was before.
    pub fn begin(&self, session: &Session) -> Result<(), actix_session::SessionInsertError> {
        session.clear();
        session.insert(WHO, self)?;
        session.renew();
        Ok(())
    }

    /// Notes that the password was given again; the session gets a new id.
    pub fn confirm(
        mut self,
        session: &Session,
        at: PrimitiveDateTime,
    ) -> Result<(), actix_session::SessionInsertError> {
        self.password_at = at;
        session.insert(WHO, self)
    }

    /// Notes that the password was changed in this session; the session gets a new id.
    pub fn with_new_password(
        mut self,
        session: &Session,
        at: PrimitiveDateTime,
    ) -> Result<(), actix_session::SessionInsertError> {
        self.password_set_at = Some(at);
        self.confirm(session, at)
    }
}

/// The sessions of all nodes.
#[derive(Clone)]
pub struct Sessions {
    app: Arc<App>,
}

/// The middleware that reads and writes the session cookie.
///
/// The cookie ends with the browser; how long the session may live is the store's matter.
pub fn middleware(app: &Arc<App>) -> SessionMiddleware<Sessions> {
    let https = app.settings.public_url.is_https();
    let key = Key::derive_from(&app.keyring().derive("session cookie"));
    SessionMiddleware::builder(Sessions { app: Arc::clone(app) }, key)
        .cookie_name(cookie_name("session", https))
        .cookie_secure(https)
        .cookie_http_only(true)
        .cookie_same_site(SameSite::Lax)
        .cookie_path("/".to_owned())
        .cookie_content_security(CookieContentSecurity::Signed)
        .session_lifecycle(BrowserSession::default())
        .build()
}

/// Whatever is wrong inside a session is a response by the time it gets here. What is left are failures of the sessions'
/// own store: 503, as of any other look into a database that does not answer.
pub(super) async fn out_of_reach<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    next.call(request).await.map_err(|error| {
        if error.as_error::<WebError>().is_some() {
            return error;
        }
        tracing::error!(%error, "a session could not be read or written");
        WebError::Unavailable.into()
    })
}

/// The name of a cookie of ours: `__Host-` binds it to this very host, which browsers grant on https alone.
pub fn cookie_name(name: &str, https: bool) -> String {
    if https {
        format!("__Host-latchkey-{name}")
    } else {
        format!("latchkey-{name}")
    }
}

fn digest(key: &str) -> Vec<u8> {
    Sha256::digest(key.as_bytes()).to_vec()
}

fn who(state: &HashMap<String, String>) -> Result<Who, serde_json::Error> {
    serde_json::from_str(state.get(WHO).map_or("null", String::as_str))
}

impl Sessions {
    fn new_key(&self) -> Result<SessionKey, anyhow::Error> {
        Ok(SessionKey::try_from(self.app.clock.random_base62(ID_LENGTH))?)
    }

    /// Whether a stored session is still within both of its lifetimes.
    fn is_in_time(&self, session: &sessions::Session, staff: bool, now: PrimitiveDateTime) -> bool {
        let lifetimes = self.app.settings.sessions;
        let lifetime = if staff { lifetimes.staff } else { lifetimes.customer };
        now - session.last_seen_at < lifetime.idle && now - session.created_at < lifetime.absolute
    }
}

impl SessionStore for Sessions {
    async fn load(&self, key: &SessionKey) -> Result<Option<HashMap<String, String>>, LoadError> {
        let id = digest(key.as_ref());
        let wanted = id.clone();
        let found = self
            .app
            .store
            .read(move |connection| sessions::find(connection, &wanted))
            .await;
        let found = found.map_err(|error: StoreError| LoadError::Other(error.into()))?;
        let Some((session, password_set_at)) = found else {
            return Ok(None);
        };
        let state: HashMap<String, String> =
            serde_json::from_str(&session.state).map_err(|error| LoadError::Deserialization(error.into()))?;
        let who = who(&state).map_err(|error| LoadError::Deserialization(error.into()))?;
        let now = self.app.now();
        if !self.is_in_time(&session, who.staff, now) || who.password_set_at != password_set_at {
            return Ok(None);
        }
        if now - session.last_seen_at >= TOUCH_EVERY {
            let touched = self
                .app
                .store
                .write(move |connection| sessions::touch(connection, &id, now))
                .await;
            // A database that only reads for now must not sign everybody out.
            if let Err(error) = touched.map_err(|error: StoreError| error) {
                tracing::warn!(%error, "the visit could not be noted");
            }
        }
        Ok(Some(state))
    }

    async fn save(
        &self,
        state: HashMap<String, String>,
        _ttl: &actix_web::cookie::time::Duration,
    ) -> Result<SessionKey, SaveError> {
        let who = who(&state).map_err(|error| SaveError::Serialization(error.into()))?;
        let key = self.new_key().map_err(SaveError::Other)?;
        let id = digest(key.as_ref());
        let now = self.app.now();
        let session = sessions::Session {
            public_id: who.session,
            login: LoginId(who.login),
            state: serde_json::to_string(&state).map_err(|error| SaveError::Serialization(error.into()))?,
            created_at: now,
            last_seen_at: now,
            password_at: who.password_at,
            address: who.address,
            browser: who.browser,
        };
        let saved = self
            .app
            .store
            .write(move |connection| sessions::insert(connection, &id, &session))
            .await;
        saved.map_err(|error: StoreError| SaveError::Other(error.into()))?;
        Ok(key)
    }

    async fn update(
        &self,
        key: SessionKey,
        state: HashMap<String, String>,
        _ttl: &actix_web::cookie::time::Duration,
    ) -> Result<SessionKey, UpdateError> {
        let who = who(&state).map_err(|error| UpdateError::Serialization(error.into()))?;
        let text = serde_json::to_string(&state).map_err(|error| UpdateError::Serialization(error.into()))?;
        let new = self.new_key().map_err(UpdateError::Other)?;
        let (old_id, new_id) = (digest(key.as_ref()), digest(new.as_ref()));
        let renewed = self
            .app
            .store
            .write(move |connection| sessions::renew(connection, &old_id, &new_id, &text, who.password_at))
            .await;
        let renewed = renewed.map_err(|error: StoreError| UpdateError::Other(error.into()))?;
        // Where the session has ended meanwhile the old id is handed back: it opens nothing.
        Ok(if renewed { new } else { key })
    }

    async fn update_ttl(
        &self,
        _key: &SessionKey,
        _ttl: &actix_web::cookie::time::Duration,
    ) -> Result<(), anyhow::Error> {
        Ok(())
    }

    async fn delete(&self, key: &SessionKey) -> Result<(), anyhow::Error> {
        let id = digest(key.as_ref());
        self.app
            .store
            .write(move |connection| sessions::delete(connection, &id))
            .await
            .map_err(|e: StoreError| e)?;
        Ok(())
    }
}
