-- Every time is UTC.

CREATE TABLE installation (
    id              INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    created_at      TIMESTAMP    NOT NULL,
    setup_salt      TEXT    NOT NULL,
    setup_closed_at TIMESTAMP,
    demo            BOOLEAN NOT NULL DEFAULT FALSE,
    policy          TEXT    NOT NULL DEFAULT '{}'
);

CREATE TABLE logins (
    id                  BIGINT  NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    username            TEXT    NOT NULL UNIQUE,
    email               TEXT    NOT NULL,
    email_folded        TEXT    NOT NULL UNIQUE,
    password_hash       TEXT,
    password_changed_at TIMESTAMP,
    last_sign_in_at     TIMESTAMP,
    created_at          TIMESTAMP    NOT NULL
);

CREATE TABLE plans (
    id     BIGINT  NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name   TEXT    NOT NULL UNIQUE,
    scopes TEXT    NOT NULL,
    policy TEXT    NOT NULL DEFAULT '{}'
);

CREATE TABLE accounts (
    id                BIGINT  NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id         TEXT    NOT NULL UNIQUE,
    login_id          BIGINT  NOT NULL UNIQUE REFERENCES logins (id),
    plan_id           BIGINT  NOT NULL REFERENCES plans (id),
    time_zone         TEXT    NOT NULL,
    suspended_at      TIMESTAMP,
    suspension_reason TEXT,
    removed_at        TIMESTAMP,
    revision          INTEGER NOT NULL DEFAULT 0,
    created_at        TIMESTAMP    NOT NULL
);
CREATE INDEX accounts_by_plan ON accounts (plan_id);

CREATE TABLE staff (
    id             BIGINT  NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id      TEXT    NOT NULL UNIQUE,
    login_id       BIGINT  NOT NULL UNIQUE REFERENCES logins (id),
    name           TEXT    NOT NULL,
    role           TEXT    NOT NULL CHECK (role IN ('support', 'admin')),
    deactivated_at TIMESTAMP,
    created_at     TIMESTAMP    NOT NULL
);

CREATE TABLE sites (
    id         BIGINT  NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id BIGINT  NOT NULL REFERENCES accounts (id),
    domain     TEXT    NOT NULL UNIQUE,
    created_at TIMESTAMP    NOT NULL
);
CREATE INDEX sites_by_account ON sites (account_id, domain);

CREATE TABLE tokens (
    id                BIGINT  NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id         TEXT    NOT NULL UNIQUE,
    account_id        BIGINT  NOT NULL REFERENCES accounts (id),
    name              TEXT    NOT NULL,
    name_folded       TEXT    NOT NULL,
    description       TEXT    NOT NULL,
    scopes            TEXT    NOT NULL,
    sites             TEXT    NOT NULL,
    addresses         TEXT    NOT NULL,
    expires_at        TIMESTAMP,
    created_at        TIMESTAMP    NOT NULL,
    created_by        TEXT    NOT NULL,
    creation_key      TEXT,
    secret_digest     BYTEA   NOT NULL,
    secret_key_id     TEXT    NOT NULL,
    secret_last4      TEXT    NOT NULL,
    secret_issued_at  TIMESTAMP    NOT NULL,
    secret_used_at    TIMESTAMP,
    secret_used_from  TEXT,
    previous_digest   BYTEA,
    previous_key_id   TEXT,
    previous_last4    TEXT,
    previous_until    TIMESTAMP,
    previous_used_at  TIMESTAMP,
    previous_used_from TEXT,
    last_used_at      TIMESTAMP,
    last_used_from    TEXT,
    paused_at         TIMESTAMP,
    paused_by         TEXT CHECK (paused_by IN ('owner', 'staff')),
    revoked_at        TIMESTAMP,
    revision          INTEGER NOT NULL DEFAULT 0,
    CHECK ((paused_at IS NULL) = (paused_by IS NULL)),
    CHECK ((previous_digest IS NULL) = (previous_until IS NULL)),
    UNIQUE (account_id, creation_key)
);
-- A revoked token's name can be used again, its id never.
CREATE UNIQUE INDEX tokens_live_name ON tokens (account_id, name_folded) WHERE revoked_at IS NULL;
CREATE INDEX tokens_by_account ON tokens (account_id, created_at);
CREATE INDEX tokens_by_key ON tokens (secret_key_id);

CREATE TABLE sessions (
    id_digest    BYTEA   NOT NULL PRIMARY KEY,
    public_id    TEXT    NOT NULL UNIQUE,
    login_id     BIGINT  NOT NULL REFERENCES logins (id),
    state        TEXT    NOT NULL,
    created_at   TIMESTAMP    NOT NULL,
    last_seen_at TIMESTAMP    NOT NULL,
    password_at  TIMESTAMP    NOT NULL,
    address      TEXT    NOT NULL,
    browser      TEXT    NOT NULL
);
CREATE INDEX sessions_by_login ON sessions (login_id);
CREATE INDEX sessions_by_last_seen ON sessions (last_seen_at);

CREATE TABLE throttles (
    bucket TEXT    NOT NULL PRIMARY KEY,
    tries  BIGINT  NOT NULL,
    since  TIMESTAMP    NOT NULL,
    until  TIMESTAMP    NOT NULL
);
CREATE INDEX throttles_by_until ON throttles (until);

CREATE TABLE audit_events (
    id          BIGINT  NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          TIMESTAMP    NOT NULL,
    account_id  BIGINT  REFERENCES accounts (id),
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
);
CREATE INDEX audit_events_by_account ON audit_events (account_id, id);
CREATE INDEX audit_events_by_target ON audit_events (target_kind, target_id, id);
CREATE FUNCTION audit_events_keep() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'audit events are append-only'; END $$;
CREATE TRIGGER audit_events_keep_rows BEFORE UPDATE OR DELETE ON audit_events
    FOR EACH ROW EXECUTE FUNCTION audit_events_keep();
CREATE TRIGGER audit_events_keep_table BEFORE TRUNCATE ON audit_events
    FOR EACH STATEMENT EXECUTE FUNCTION audit_events_keep();

CREATE TABLE usage_hours (
    token_id BIGINT  NOT NULL REFERENCES tokens (id),
    hour     TIMESTAMP    NOT NULL,
    route    TEXT    NOT NULL,
    scope    TEXT    NOT NULL,
    site     TEXT    NOT NULL,
    address  TEXT    NOT NULL,
    outcome  TEXT    NOT NULL,
    calls    BIGINT  NOT NULL,
    last_at  TIMESTAMP    NOT NULL,
    PRIMARY KEY (token_id, hour, route, scope, site, address, outcome)
);

CREATE TABLE usage_days (
    token_id BIGINT  NOT NULL REFERENCES tokens (id),
    day      TIMESTAMP    NOT NULL,
    allowed  BIGINT  NOT NULL,
    refused  BIGINT  NOT NULL,
    PRIMARY KEY (token_id, day)
);

INSERT INTO plans (name, scopes) VALUES ('standard', '*');
