-- Every time is UTC as 'YYYY-MM-DD HH:MM:SS[.ffffff]', so that text order is time order.

CREATE TABLE installation (
    id              INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    created_at      TEXT    NOT NULL,
    setup_salt      TEXT    NOT NULL,
    setup_closed_at TEXT,
    demo            INTEGER NOT NULL DEFAULT 0,
    policy          TEXT    NOT NULL DEFAULT '{}'
) STRICT;

CREATE TABLE logins (
    id                  INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    username            TEXT    NOT NULL UNIQUE,
    email               TEXT    NOT NULL,
    email_folded        TEXT    NOT NULL UNIQUE,
    password_hash       TEXT,
    password_changed_at TEXT,
    last_sign_in_at     TEXT,
    created_at          TEXT    NOT NULL
) STRICT;

CREATE TABLE plans (
    id     INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    name   TEXT    NOT NULL UNIQUE,
    scopes TEXT    NOT NULL,
    policy TEXT    NOT NULL DEFAULT '{}'
) STRICT;

CREATE TABLE accounts (
    id                INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    public_id         TEXT    NOT NULL UNIQUE,
    login_id          INTEGER NOT NULL UNIQUE REFERENCES logins (id),
    plan_id           INTEGER NOT NULL REFERENCES plans (id),
    time_zone         TEXT    NOT NULL,
    suspended_at      TEXT,
    suspension_reason TEXT,
    removed_at        TEXT,
    revision          INTEGER NOT NULL DEFAULT 0,
    created_at        TEXT    NOT NULL
) STRICT;
CREATE INDEX accounts_by_plan ON accounts (plan_id);

CREATE TABLE staff (
    id             INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    public_id      TEXT    NOT NULL UNIQUE,
    login_id       INTEGER NOT NULL UNIQUE REFERENCES logins (id),
    name           TEXT    NOT NULL,
    role           TEXT    NOT NULL CHECK (role IN ('support', 'admin')),
    deactivated_at TEXT,
    created_at     TEXT    NOT NULL
) STRICT;

CREATE TABLE sites (
    id         INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    account_id INTEGER NOT NULL REFERENCES accounts (id),
    domain     TEXT    NOT NULL UNIQUE,
    created_at TEXT    NOT NULL
) STRICT;
CREATE INDEX sites_by_account ON sites (account_id, domain);

-- AUTOINCREMENT: the id of a deleted row is never used again, so an old reference never points at something new.
CREATE TABLE tokens (
    id                INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    public_id         TEXT    NOT NULL UNIQUE,
    account_id        INTEGER NOT NULL REFERENCES accounts (id),
    name              TEXT    NOT NULL,
    name_folded       TEXT    NOT NULL,
    description       TEXT    NOT NULL,
    scopes            TEXT    NOT NULL,
    sites             TEXT    NOT NULL,
    addresses         TEXT    NOT NULL,
    expires_at        TEXT,
    created_at        TEXT    NOT NULL,
    created_by        TEXT    NOT NULL,
    creation_key      TEXT,
    secret_digest     BLOB    NOT NULL,
    secret_key_id     TEXT    NOT NULL,
    secret_last4      TEXT    NOT NULL,
    secret_issued_at  TEXT    NOT NULL,
    secret_used_at    TEXT,
    secret_used_from  TEXT,
    previous_digest   BLOB,
    previous_key_id   TEXT,
    previous_last4    TEXT,
    previous_until    TEXT,
    previous_used_at  TEXT,
    previous_used_from TEXT,
    last_used_at      TEXT,
    last_used_from    TEXT,
    paused_at         TEXT,
    paused_by         TEXT CHECK (paused_by IN ('owner', 'staff')),
    revoked_at        TEXT,
    revision          INTEGER NOT NULL DEFAULT 0,
    CHECK ((paused_at IS NULL) = (paused_by IS NULL)),
    CHECK ((previous_digest IS NULL) = (previous_until IS NULL)),
    UNIQUE (account_id, creation_key)
) STRICT;
-- A revoked token's name can be used again, its id never.
CREATE UNIQUE INDEX tokens_live_name ON tokens (account_id, name_folded) WHERE revoked_at IS NULL;
CREATE INDEX tokens_by_account ON tokens (account_id, created_at);
CREATE INDEX tokens_by_key ON tokens (secret_key_id);

CREATE TABLE sessions (
    id_digest    BLOB    NOT NULL PRIMARY KEY,
    public_id    TEXT    NOT NULL UNIQUE,
    login_id     INTEGER NOT NULL REFERENCES logins (id),
    state        TEXT    NOT NULL,
    created_at   TEXT    NOT NULL,
    last_seen_at TEXT    NOT NULL,
    password_at  TEXT    NOT NULL,
    address      TEXT    NOT NULL,
    browser      TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_login ON sessions (login_id);
CREATE INDEX sessions_by_last_seen ON sessions (last_seen_at);

CREATE TABLE throttles (
    bucket TEXT    NOT NULL PRIMARY KEY,
    tries  INTEGER NOT NULL,
    since  TEXT    NOT NULL,
    until  TEXT    NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX throttles_by_until ON throttles (until);

CREATE TABLE audit_events (
    id          INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    at          TEXT    NOT NULL,
    account_id  INTEGER REFERENCES accounts (id),
    actor_kind  TEXT    NOT NULL,
    actor_id    TEXT    NOT NULL,
    actor_name  TEXT    NOT NULL,
    action      TEXT    NOT NULL,
    target_kind TEXT    NOT NULL,
    target_id   TEXT    NOT NULL,
    target_name TEXT    NOT NULL,
    changes     TEXT    NOT NULL,
    reason      TEXT,
    address     TEXT,
    browser     TEXT,
    request_id  TEXT    NOT NULL
) STRICT;
CREATE INDEX audit_events_by_account ON audit_events (account_id, id);
CREATE INDEX audit_events_by_target ON audit_events (target_kind, target_id, id);
CREATE TRIGGER audit_events_keep_update BEFORE UPDATE ON audit_events
BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END;
CREATE TRIGGER audit_events_keep_delete BEFORE DELETE ON audit_events
BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END;

CREATE TABLE usage_hours (
    token_id INTEGER NOT NULL REFERENCES tokens (id),
    hour     TEXT    NOT NULL,
    route    TEXT    NOT NULL,
    scope    TEXT    NOT NULL,
    site     TEXT    NOT NULL,
    address  TEXT    NOT NULL,
    outcome  TEXT    NOT NULL,
    calls    INTEGER NOT NULL,
    last_at  TEXT    NOT NULL,
    PRIMARY KEY (token_id, hour, route, scope, site, address, outcome)
) STRICT, WITHOUT ROWID;

CREATE TABLE usage_days (
    token_id INTEGER NOT NULL REFERENCES tokens (id),
    day      TEXT    NOT NULL,
    allowed  INTEGER NOT NULL,
    refused  INTEGER NOT NULL,
    PRIMARY KEY (token_id, day)
) STRICT, WITHOUT ROWID;

INSERT INTO plans (name, scopes) VALUES ('standard', '*');
