-- Copies of what the staff area lists accounts by, so that each list is read in the order of an index.
-- The byte order of "C", as SQLite has it: a search for a beginning is a range of an index, and pages follow one another
-- in the order in which they are compared, whatever the database's own language is.
ALTER TABLE accounts ADD COLUMN username TEXT COLLATE "C" NOT NULL DEFAULT '';
-- The last sign-in, or the day the account was made.
ALTER TABLE accounts ADD COLUMN quiet_since TIMESTAMP NOT NULL DEFAULT '2000-01-01 00:00:00';
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
ALTER TABLE sites ADD COLUMN main BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE sites SET main = TRUE WHERE id IN (SELECT MIN(id) FROM sites GROUP BY account_id);
CREATE UNIQUE INDEX sites_main ON sites (account_id) WHERE main;

-- What an account is found by: user name, e-mail address and sites, and each of their endings that begins with a word.
CREATE TABLE account_terms (
    term       TEXT COLLATE "C" NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    PRIMARY KEY (term, account_id)
);
CREATE INDEX account_terms_by_account ON account_terms (account_id);

CREATE INDEX tokens_by_expiry ON tokens (expires_at, account_id, paused_at)
    WHERE revoked_at IS NULL AND expires_at IS NOT NULL;

-- An address that staff changed gets no link to set a password for a while.
ALTER TABLE logins ADD COLUMN email_changed_by_staff_at TIMESTAMP;

CREATE TABLE notes (
    id          BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    account_id  BIGINT NOT NULL REFERENCES accounts (id),
    at          TIMESTAMP    NOT NULL,
    author_name TEXT    NOT NULL,
    text        TEXT    NOT NULL
);
CREATE INDEX notes_by_account ON notes (account_id, id);

-- Links that are sent by mail and work once. What makes a link secret is computed from its row and the server's key.
CREATE TABLE links (
    id         BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id  TEXT    NOT NULL UNIQUE,
    purpose    TEXT    NOT NULL CHECK (purpose IN ('invitation', 'password-reset', 'email-change')),
    login_id   BIGINT NOT NULL REFERENCES logins (id),
    detail     TEXT    NOT NULL,
    created_at TIMESTAMP    NOT NULL,
    expires_at TIMESTAMP    NOT NULL,
    used_at    TIMESTAMP
);
CREATE INDEX links_by_login ON links (login_id);
CREATE INDEX links_by_expiry ON links (expires_at);

-- Somebody asked for a link with a name that may be nobody's: looked up later, so that the answer does not tell.
CREATE TABLE link_requests (
    id      BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      TIMESTAMP    NOT NULL,
    name    TEXT    NOT NULL,
    address TEXT    NOT NULL
);

CREATE TABLE outbox (
    id           BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id    TEXT    NOT NULL UNIQUE,
    account_id   BIGINT REFERENCES accounts (id),
    recipient    TEXT    NOT NULL,
    message      TEXT    NOT NULL,
    -- The same thing is told once.
    once_key     TEXT    UNIQUE,
    created_at   TIMESTAMP    NOT NULL,
    due_at       TIMESTAMP    NOT NULL,
    -- Past this it is no longer of use to anybody.
    stale_at     TIMESTAMP,
    tries        INTEGER NOT NULL DEFAULT 0,
    leased_until TIMESTAMP,
    sent_at      TIMESTAMP,
    given_up_at  TIMESTAMP,
    last_error   TEXT
);
CREATE INDEX outbox_waiting ON outbox (due_at, id) WHERE sent_at IS NULL AND given_up_at IS NULL;
CREATE INDEX outbox_by_account ON outbox (account_id, id);
CREATE INDEX outbox_by_creation ON outbox (created_at);

-- Each event is bound to the one before it by a MAC. Events from before the chain have none.
ALTER TABLE audit_events ADD COLUMN key_id TEXT;
ALTER TABLE audit_events ADD COLUMN mac BYTEA;
CREATE INDEX audit_events_by_actor ON audit_events (actor_kind, actor_id, id);
CREATE INDEX audit_events_by_action ON audit_events (action, id);
CREATE INDEX audit_events_by_actor_kind ON audit_events (actor_kind, id);
CREATE INDEX audit_events_by_actor_name ON audit_events (actor_name, id);
CREATE INDEX audit_events_by_target_name ON audit_events (target_name, id);
CREATE INDEX audit_events_by_time ON audit_events (at, id);
CREATE INDEX audit_events_by_address ON audit_events (address, id);
CREATE TABLE audit_head (
    id  INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    seq BIGINT NOT NULL,
    mac BYTEA
);
INSERT INTO audit_head (id, seq) SELECT 1, COALESCE(MAX(id), 0) FROM audit_events;
CREATE FUNCTION audit_head_keep() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the head of the audit events only goes on'; END $$;
CREATE TRIGGER audit_head_keep_update BEFORE UPDATE ON audit_head
    FOR EACH ROW WHEN (NEW.seq < OLD.seq) EXECUTE FUNCTION audit_head_keep();
CREATE TRIGGER audit_head_keep_delete BEFORE DELETE ON audit_head
    FOR EACH ROW EXECUTE FUNCTION audit_head_keep();
CREATE TRIGGER audit_head_keep_table BEFORE TRUNCATE ON audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION audit_head_keep();

-- Failed sign-ins and refusals: counted by the hour, so that nobody can fill the disk with them.
CREATE TABLE refusals (
    kind     TEXT    NOT NULL,
    hour     TIMESTAMP    NOT NULL,
    subject  TEXT    NOT NULL,
    address  TEXT    NOT NULL,
    tries    BIGINT NOT NULL,
    last_at  TIMESTAMP    NOT NULL,
    PRIMARY KEY (hour, kind, subject, address)
);

-- Changes of many tokens, of all accounts, that go on until they are done.
CREATE TABLE runs (
    id           BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id    TEXT    NOT NULL UNIQUE,
    kind         TEXT    NOT NULL CHECK (kind IN ('revoke', 'pause', 'shorten')),
    criteria     TEXT    NOT NULL,
    reason       TEXT    NOT NULL,
    actor_kind   TEXT    NOT NULL,
    actor_id     TEXT    NOT NULL,
    actor_name   TEXT    NOT NULL,
    address      TEXT,
    request_id   TEXT    NOT NULL,
    created_at   TIMESTAMP    NOT NULL,
    -- The last token that was there at the start: what is made later stays as it is.
    up_to        BIGINT NOT NULL,
    expected     BIGINT NOT NULL,
    seen         BIGINT NOT NULL DEFAULT 0,
    changed      BIGINT NOT NULL DEFAULT 0,
    last_token   BIGINT NOT NULL DEFAULT 0,
    leased_until TIMESTAMP,
    stopped_at   TIMESTAMP,
    finished_at  TIMESTAMP
);
CREATE INDEX runs_open ON runs (id) WHERE finished_at IS NULL AND stopped_at IS NULL;
-- By bytes, so that all addresses of a range that begin alike lie side by side.
ALTER TABLE usage_hours ALTER COLUMN address TYPE TEXT COLLATE "C";
CREATE INDEX usage_hours_by_address ON usage_hours (address, token_id);

-- What stands in the address of a plan: its name can change.
ALTER TABLE plans ADD COLUMN public_id TEXT NOT NULL DEFAULT '';
UPDATE plans SET public_id = substr(md5(random()::text || id::text), 1, 12);
CREATE UNIQUE INDEX plans_by_public_id ON plans (public_id);

-- What a change of the policy would touch is counted before it is made: tokens that never expire, and those whose
-- whole lifetime is longer than so many days.
CREATE INDEX tokens_endless ON tokens (account_id) WHERE revoked_at IS NULL AND expires_at IS NULL;
CREATE INDEX tokens_by_lifetime ON tokens ((expires_at - created_at))
    WHERE revoked_at IS NULL AND expires_at IS NOT NULL;

-- The place of an event in the chain is its id: without gaps, so it is given and not drawn.
ALTER TABLE audit_events ALTER COLUMN id DROP IDENTITY;
