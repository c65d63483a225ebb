-- A copy of what every decision reads of a token and its account, so that it is found in one place and by one number:
-- see `store/tokens/standing.rs`. Triggers keep it, in the transaction of each change, whoever makes it.

-- The eight letters of the public id as one number.
ALTER TABLE tokens ADD COLUMN number BIGINT GENERATED ALWAYS AS (
    (ascii(substr(public_id, 1, 1))::bigint << 56) | (ascii(substr(public_id, 2, 1))::bigint << 48)
    | (ascii(substr(public_id, 3, 1))::bigint << 40) | (ascii(substr(public_id, 4, 1))::bigint << 32)
    | (ascii(substr(public_id, 5, 1))::bigint << 24) | (ascii(substr(public_id, 6, 1))::bigint << 16)
    | (ascii(substr(public_id, 7, 1))::bigint << 8) | ascii(substr(public_id, 8, 1))::bigint
) STORED;

CREATE TABLE token_standings (
    number            BIGINT  NOT NULL PRIMARY KEY,
    token_id          BIGINT  NOT NULL,
    account_id        BIGINT  NOT NULL,
    plan_id           BIGINT  NOT NULL,
    suspended         BOOLEAN NOT NULL,
    removed           BOOLEAN NOT NULL,
    secret_digest     BYTEA   NOT NULL,
    secret_key_id     TEXT    NOT NULL,
    scopes            TEXT    NOT NULL,
    sites             TEXT    NOT NULL,
    addresses         TEXT    NOT NULL,
    expires_at        TIMESTAMP,
    name              TEXT    NOT NULL,
    account_public_id TEXT    NOT NULL,
    username          TEXT    NOT NULL,
    paused_at         TIMESTAMP,
    paused_by         TEXT,
    revoked_at        TIMESTAMP,
    previous_digest   BYTEA,
    previous_key_id   TEXT,
    previous_until    TIMESTAMP
);

INSERT INTO token_standings
SELECT tokens.number, tokens.id, tokens.account_id, accounts.plan_id, accounts.suspended_at IS NOT NULL,
    accounts.removed_at IS NOT NULL, tokens.secret_digest, tokens.secret_key_id, tokens.scopes, tokens.sites,
    tokens.addresses, tokens.expires_at, tokens.name, accounts.public_id, accounts.username, tokens.paused_at,
    tokens.paused_by, tokens.revoked_at, tokens.previous_digest, tokens.previous_key_id, tokens.previous_until
FROM tokens JOIN accounts ON accounts.id = tokens.account_id
ORDER BY tokens.number;

-- FOR SHARE: an account that is changed at the same moment waits until this token is there to be changed with it.
-- AFTER, because only then is a generated column known.
CREATE FUNCTION tokens_stand() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    INSERT INTO token_standings
    SELECT NEW.number, NEW.id, NEW.account_id, accounts.plan_id, accounts.suspended_at IS NOT NULL,
        accounts.removed_at IS NOT NULL, NEW.secret_digest, NEW.secret_key_id, NEW.scopes, NEW.sites, NEW.addresses,
        NEW.expires_at, NEW.name, accounts.public_id, accounts.username, NEW.paused_at, NEW.paused_by, NEW.revoked_at,
        NEW.previous_digest, NEW.previous_key_id, NEW.previous_until
    FROM accounts WHERE accounts.id = NEW.account_id FOR SHARE;
    RETURN NULL;
END $$;
CREATE TRIGGER tokens_stand AFTER INSERT ON tokens FOR EACH ROW EXECUTE FUNCTION tokens_stand();

-- Which token it is and whose never changes.
CREATE FUNCTION tokens_stay() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'a token keeps its ids and its account'; END $$;
CREATE TRIGGER tokens_stay BEFORE UPDATE OF id, public_id, account_id ON tokens
    FOR EACH ROW WHEN (NEW.id <> OLD.id OR NEW.public_id <> OLD.public_id OR NEW.account_id <> OLD.account_id)
    EXECUTE FUNCTION tokens_stay();

CREATE FUNCTION tokens_stand_otherwise() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    UPDATE token_standings SET
        secret_digest = NEW.secret_digest, secret_key_id = NEW.secret_key_id, scopes = NEW.scopes, sites = NEW.sites,
        addresses = NEW.addresses, expires_at = NEW.expires_at, name = NEW.name, paused_at = NEW.paused_at,
        paused_by = NEW.paused_by, revoked_at = NEW.revoked_at, previous_digest = NEW.previous_digest,
        previous_key_id = NEW.previous_key_id, previous_until = NEW.previous_until
    WHERE number = NEW.number;
    RETURN NULL;
END $$;
CREATE TRIGGER tokens_stand_otherwise AFTER UPDATE OF name, scopes, sites, addresses, expires_at, secret_digest,
    secret_key_id, previous_digest, previous_key_id, previous_until, paused_at, paused_by, revoked_at ON tokens
    FOR EACH ROW EXECUTE FUNCTION tokens_stand_otherwise();

CREATE FUNCTION tokens_stand_no_more() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    DELETE FROM token_standings WHERE number = OLD.number;
    RETURN NULL;
END $$;
CREATE TRIGGER tokens_stand_no_more AFTER DELETE ON tokens FOR EACH ROW EXECUTE FUNCTION tokens_stand_no_more();

CREATE FUNCTION accounts_stand_otherwise() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    UPDATE token_standings SET
        plan_id = NEW.plan_id, suspended = NEW.suspended_at IS NOT NULL, removed = NEW.removed_at IS NOT NULL,
        account_public_id = NEW.public_id, username = NEW.username
    FROM tokens WHERE tokens.account_id = NEW.id AND token_standings.number = tokens.number;
    RETURN NULL;
END $$;
CREATE TRIGGER accounts_stand_otherwise AFTER UPDATE OF public_id, username, plan_id, suspended_at, removed_at ON accounts
    FOR EACH ROW EXECUTE FUNCTION accounts_stand_otherwise();
