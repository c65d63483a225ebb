-- A copy of what every decision reads of a token and its account, so that it is found in one place and by one number, in
-- few columns: see `store/tokens/standing.rs`. Triggers keep it, in the transaction of each change, whoever makes it.

-- The eight letters of the public id as one number.
ALTER TABLE tokens ADD COLUMN number INTEGER GENERATED ALWAYS AS (
    (unicode(substr(public_id, 1, 1)) << 56) | (unicode(substr(public_id, 2, 1)) << 48)
    | (unicode(substr(public_id, 3, 1)) << 40) | (unicode(substr(public_id, 4, 1)) << 32)
    | (unicode(substr(public_id, 5, 1)) << 24) | (unicode(substr(public_id, 6, 1)) << 16)
    | (unicode(substr(public_id, 7, 1)) << 8) | unicode(substr(public_id, 8, 1))
) VIRTUAL;
-- A line each, none of which holds a line break: see `store/tokens/facts.rs`.
ALTER TABLE tokens ADD COLUMN facts TEXT GENERATED ALWAYS AS (
    id || char(10) || account_id || char(10) || secret_key_id || char(10) || scopes || char(10) || sites || char(10)
    || addresses || char(10) || ifnull(expires_at, '') || char(10) || ifnull(paused_at, '') || char(10)
    || ifnull(paused_by, '') || char(10) || ifnull(revoked_at, '') || char(10) || ifnull(previous_key_id, '') || char(10)
    || ifnull(previous_until, '') || char(10) || name
) VIRTUAL;
ALTER TABLE accounts ADD COLUMN facts TEXT GENERATED ALWAYS AS (
    plan_id || char(10) || (suspended_at IS NOT NULL) || char(10) || (removed_at IS NOT NULL) || char(10) || public_id
    || char(10) || username
) VIRTUAL;

CREATE TABLE token_standings (
    number          INTEGER NOT NULL PRIMARY KEY,
    account_id      INTEGER NOT NULL,
    plan_id         INTEGER NOT NULL,
    secret_digest   BLOB    NOT NULL,
    previous_digest BLOB,
    account         TEXT    NOT NULL,
    token           TEXT    NOT NULL
) STRICT;

INSERT INTO token_standings
SELECT tokens.number, account_id, plan_id, secret_digest, previous_digest, accounts.facts, tokens.facts
FROM tokens JOIN accounts ON accounts.id = account_id
ORDER BY tokens.number;

CREATE TRIGGER tokens_stand AFTER INSERT ON tokens
BEGIN
    INSERT INTO token_standings
    SELECT NEW.number, id, plan_id, NEW.secret_digest, NEW.previous_digest, facts, NEW.facts
    FROM accounts WHERE id = NEW.account_id;
END;

-- Which token it is and whose never changes.
CREATE TRIGGER tokens_stay BEFORE UPDATE OF id, public_id, account_id ON tokens
WHEN NEW.id <> OLD.id OR NEW.public_id <> OLD.public_id OR NEW.account_id <> OLD.account_id
BEGIN SELECT RAISE(ABORT, 'a token keeps its ids and its account'); END;

CREATE TRIGGER tokens_stand_otherwise AFTER UPDATE OF name, scopes, sites, addresses, expires_at, secret_digest,
    secret_key_id, previous_digest, previous_key_id, previous_until, paused_at, paused_by, revoked_at ON tokens
BEGIN
    UPDATE token_standings
    SET secret_digest = NEW.secret_digest, previous_digest = NEW.previous_digest, token = NEW.facts
    WHERE number = NEW.number;
END;

CREATE TRIGGER tokens_stand_no_more AFTER DELETE ON tokens
BEGIN DELETE FROM token_standings WHERE number = OLD.number; END;

CREATE TRIGGER accounts_stand_otherwise AFTER UPDATE OF public_id, username, plan_id, suspended_at, removed_at ON accounts
BEGIN
    UPDATE token_standings SET plan_id = NEW.plan_id, account = NEW.facts
    WHERE number IN (SELECT number FROM tokens WHERE account_id = NEW.id);
END;

-- Whose a site is that a call is about is read from the index alone.
DROP INDEX sites_by_account;
CREATE UNIQUE INDEX sites_by_account ON sites (account_id, domain);
