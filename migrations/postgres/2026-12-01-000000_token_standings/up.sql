-- A copy of what every decision reads of a token and its account, so that it is found in one place and by one number, in
-- few columns: see `store/tokens/standing.rs`. Triggers keep it, in the transaction of each change, whoever makes it.

-- The eight letters of the public id as one number.
ALTER TABLE tokens ADD COLUMN number BIGINT GENERATED ALWAYS AS (
    (ascii(substr(public_id, 1, 1))::bigint << 56) | (ascii(substr(public_id, 2, 1))::bigint << 48)
    | (ascii(substr(public_id, 3, 1))::bigint << 40) | (ascii(substr(public_id, 4, 1))::bigint << 32)
    | (ascii(substr(public_id, 5, 1))::bigint << 24) | (ascii(substr(public_id, 6, 1))::bigint << 16)
    | (ascii(substr(public_id, 7, 1))::bigint << 8) | ascii(substr(public_id, 8, 1))::bigint
) STORED;

CREATE TABLE token_standings (
    number          BIGINT NOT NULL PRIMARY KEY,
    account_id      BIGINT NOT NULL,
    plan_id         BIGINT NOT NULL,
    secret_digest   BYTEA  NOT NULL,
    previous_digest BYTEA,
    account         TEXT   NOT NULL,
    token           TEXT   NOT NULL
);

-- A line each, none of which holds a line break: see `store/tokens/facts.rs`.
CREATE FUNCTION token_facts(token tokens) RETURNS text LANGUAGE plpgsql AS
$$ BEGIN
    RETURN concat_ws(chr(10), token.id, token.account_id, token.secret_key_id, token.scopes, token.sites, token.addresses,
        COALESCE(to_char(token.expires_at, 'YYYY-MM-DD HH24:MI:SS.US'), ''),
        COALESCE(to_char(token.paused_at, 'YYYY-MM-DD HH24:MI:SS.US'), ''), COALESCE(token.paused_by, ''),
        COALESCE(to_char(token.revoked_at, 'YYYY-MM-DD HH24:MI:SS.US'), ''), COALESCE(token.previous_key_id, ''),
        COALESCE(to_char(token.previous_until, 'YYYY-MM-DD HH24:MI:SS.US'), ''), token.name);
END $$;
CREATE FUNCTION account_facts(account accounts) RETURNS text LANGUAGE plpgsql AS
$$ BEGIN
    RETURN concat_ws(chr(10), account.plan_id, (account.suspended_at IS NOT NULL)::int,
        (account.removed_at IS NOT NULL)::int, account.public_id, account.username);
END $$;

INSERT INTO token_standings
SELECT number, account_id, plan_id, secret_digest, previous_digest, account_facts(accounts), token_facts(tokens)
FROM tokens JOIN accounts ON accounts.id = account_id
ORDER BY number;

-- FOR SHARE: an account that is changed at the same moment waits until this token is there to be changed with it.
-- AFTER, because only then is a generated column known.
CREATE FUNCTION tokens_stand() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    INSERT INTO token_standings
    SELECT NEW.number, id, plan_id, NEW.secret_digest, NEW.previous_digest, account_facts(accounts), token_facts(NEW)
    FROM accounts WHERE id = NEW.account_id FOR SHARE;
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
    UPDATE token_standings
    SET secret_digest = NEW.secret_digest, previous_digest = NEW.previous_digest, token = token_facts(NEW)
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
    UPDATE token_standings SET plan_id = NEW.plan_id, account = account_facts(NEW)
    FROM tokens WHERE tokens.account_id = NEW.id AND token_standings.number = tokens.number;
    RETURN NULL;
END $$;
CREATE TRIGGER accounts_stand_otherwise AFTER UPDATE OF public_id, username, plan_id, suspended_at, removed_at ON accounts
    FOR EACH ROW EXECUTE FUNCTION accounts_stand_otherwise();
