-- Copies of what the staff area lists accounts by, so that each list is read in the order of an index.
ALTER TABLE accounts ADD COLUMN username TEXT NOT NULL DEFAULT '';
-- The last sign-in, or the day the account was made.
ALTER TABLE accounts ADD COLUMN quiet_since TEXT NOT NULL DEFAULT '2000-01-01 00:00:00';
-- Kinds of mail that the holder does not want, separated by spaces.
ALTER TABLE accounts ADD COLUMN mail_off TEXT NOT NULL DEFAULT '';
UPDATE accounts SET
    username = (SELECT username FROM logins WHERE logins.id = accounts.login_id),
    quiet_since = (SELECT COALESCE(last_sign_in_at, created_at) FROM logins WHERE logins.id = accounts.login_id);
DROP INDEX accounts_by_plan;
CREATE UNIQUE INDEX accounts_by_username ON accounts (username) WHERE removed_at IS NULL;
CREATE INDEX accounts_by_plan ON accounts (plan_id, username) WHERE removed_at IS NULL;
CREATE INDEX accounts_suspended ON accounts (username) WHERE removed_at IS NULL AND suspended_at IS NOT NULL;
CREATE INDEX accounts_quiet ON accounts (quiet_since, username) WHERE removed_at IS NULL;
CREATE INDEX accounts_quiet_by_plan ON accounts (plan_id, quiet_since, username) WHERE removed_at IS NULL;

-- The site that stands for an account in lists: one of them at most.
ALTER TABLE sites ADD COLUMN main INTEGER NOT NULL DEFAULT 0;
UPDATE sites SET main = 1 WHERE id IN (SELECT MIN(id) FROM sites GROUP BY account_id);
CREATE UNIQUE INDEX sites_main ON sites (account_id) WHERE main = 1;

-- What an account is found by: user name, e-mail address and sites, and each of their endings that begins with a word.
CREATE TABLE account_terms (
    term       TEXT    NOT NULL,
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    PRIMARY KEY (term, account_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX account_terms_by_account ON account_terms (account_id);

CREATE INDEX tokens_by_expiry ON tokens (expires_at, account_id, paused_at)
    WHERE revoked_at IS NULL AND expires_at IS NOT NULL;

-- An address that staff changed gets no link to set a password for a while.
ALTER TABLE logins ADD COLUMN email_changed_by_staff_at TEXT;

CREATE TABLE notes (
    id          INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    account_id  INTEGER NOT NULL REFERENCES accounts (id),
    at          TEXT    NOT NULL,
    author_name TEXT    NOT NULL,
    text        TEXT    NOT NULL
) STRICT;
CREATE INDEX notes_by_account ON notes (account_id, id);

-- Links that are sent by mail and work once. What makes a link secret is computed from its row and the server's key.
CREATE TABLE links (
    id         INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    public_id  TEXT    NOT NULL UNIQUE,
    purpose    TEXT    NOT NULL CHECK (purpose IN ('invitation', 'password-reset', 'email-change')),
    login_id   INTEGER NOT NULL REFERENCES logins (id),
    detail     TEXT    NOT NULL,
    created_at TEXT    NOT NULL,
    expires_at TEXT    NOT NULL,
    used_at    TEXT
) STRICT;
CREATE INDEX links_by_login ON links (login_id);
CREATE INDEX links_by_expiry ON links (expires_at);

-- Somebody asked for a link with a name that may be nobody's: looked up later, so that the answer does not tell.
CREATE TABLE link_requests (
    id      INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at      TEXT    NOT NULL,
    name    TEXT    NOT NULL,
    address TEXT    NOT NULL
) STRICT;

CREATE TABLE outbox (
    id           INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    public_id    TEXT    NOT NULL UNIQUE,
    account_id   INTEGER REFERENCES accounts (id),
    recipient    TEXT    NOT NULL,
    message      TEXT    NOT NULL,
    -- The same thing is told once.
    once_key     TEXT    UNIQUE,
    created_at   TEXT    NOT NULL,
    due_at       TEXT    NOT NULL,
    -- Past this it is no longer of use to anybody.
    stale_at     TEXT,
    tries        INTEGER NOT NULL DEFAULT 0,
    leased_until TEXT,
    sent_at      TEXT,
    given_up_at  TEXT,
    last_error   TEXT
) STRICT;
CREATE INDEX outbox_waiting ON outbox (due_at, id) WHERE sent_at IS NULL AND given_up_at IS NULL;
CREATE INDEX outbox_by_account ON outbox (account_id, id);
CREATE INDEX outbox_by_creation ON outbox (created_at);

-- Each event is bound to the one before it by a MAC. Events from before the chain have none.
ALTER TABLE audit_events ADD COLUMN key_id TEXT;
ALTER TABLE audit_events ADD COLUMN mac BLOB;
CREATE INDEX audit_events_by_actor ON audit_events (actor_kind, actor_id, id);
CREATE INDEX audit_events_by_action ON audit_events (action, id);
CREATE INDEX audit_events_by_actor_kind ON audit_events (actor_kind, id);
CREATE INDEX audit_events_by_actor_name ON audit_events (actor_name, id);
CREATE INDEX audit_events_by_target_name ON audit_events (target_name, id);
CREATE INDEX audit_events_by_time ON audit_events (at, id);
CREATE INDEX audit_events_by_address ON audit_events (address, id);
CREATE TABLE audit_head (
    id  INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    seq INTEGER NOT NULL,
    mac BLOB
) STRICT;
INSERT INTO audit_head (id, seq) SELECT 1, COALESCE(MAX(id), 0) FROM audit_events;
CREATE TRIGGER audit_head_keep_update BEFORE UPDATE ON audit_head WHEN NEW.seq < OLD.seq
BEGIN SELECT RAISE(ABORT, 'the head of the audit events only goes on'); END;
CREATE TRIGGER audit_head_keep_delete BEFORE DELETE ON audit_head
BEGIN SELECT RAISE(ABORT, 'the head of the audit events only goes on'); END;
-- INSERT OR REPLACE removes a row without asking the trigger that refuses DELETE.
CREATE TRIGGER audit_events_keep_place BEFORE INSERT ON audit_events
WHEN EXISTS (SELECT 1 FROM audit_events WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END;
CREATE TRIGGER audit_head_keep_place BEFORE INSERT ON audit_head WHEN EXISTS (SELECT 1 FROM audit_head)
BEGIN SELECT RAISE(ABORT, 'the head of the audit events only goes on'); END;

-- Failed sign-ins and refusals: counted by the hour, so that nobody can fill the disk with them.
CREATE TABLE refusals (
    kind     TEXT    NOT NULL,
    hour     TEXT    NOT NULL,
    subject  TEXT    NOT NULL,
    address  TEXT    NOT NULL,
    tries    INTEGER NOT NULL,
    last_at  TEXT    NOT NULL,
    PRIMARY KEY (hour, kind, subject, address)
) STRICT, WITHOUT ROWID;

-- Changes of many tokens, of all accounts, that go on until they are done.
CREATE TABLE runs (
    id           INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    public_id    TEXT    NOT NULL UNIQUE,
    kind         TEXT    NOT NULL CHECK (kind IN ('revoke', 'pause', 'shorten')),
    criteria     TEXT    NOT NULL,
    reason       TEXT    NOT NULL,
    actor_kind   TEXT    NOT NULL,
    actor_id     TEXT    NOT NULL,
    actor_name   TEXT    NOT NULL,
    address      TEXT,
    request_id   TEXT    NOT NULL,
    created_at   TEXT    NOT NULL,
    -- The last token that was there at the start: what is made later stays as it is.
    up_to        INTEGER NOT NULL,
    expected     INTEGER NOT NULL,
    seen         INTEGER NOT NULL DEFAULT 0,
    changed      INTEGER NOT NULL DEFAULT 0,
    last_token   INTEGER NOT NULL DEFAULT 0,
    leased_until TEXT,
    stopped_at   TEXT,
    finished_at  TEXT
) STRICT;
CREATE INDEX runs_open ON runs (id) WHERE finished_at IS NULL AND stopped_at IS NULL;
CREATE INDEX usage_hours_by_address ON usage_hours (address, token_id);

-- What stands in the address of a plan: its name can change.
ALTER TABLE plans ADD COLUMN public_id TEXT NOT NULL DEFAULT '';
UPDATE plans SET public_id = substr(lower(hex(randomblob(6))), 1, 12);
CREATE UNIQUE INDEX plans_by_public_id ON plans (public_id);

-- What a change of the policy would touch is counted before it is made: tokens that never expire, and those whose
-- whole lifetime is longer than so many days.
CREATE INDEX tokens_endless ON tokens (account_id) WHERE revoked_at IS NULL AND expires_at IS NULL;
CREATE INDEX tokens_by_lifetime ON tokens (julianday(expires_at) - julianday(created_at))
    WHERE revoked_at IS NULL AND expires_at IS NOT NULL;
