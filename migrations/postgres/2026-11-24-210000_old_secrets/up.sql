-- Secrets that rotations replaced, but for the last one of each token, which stands in the token's own row: whoever
-- presents one of them is known by its digest.
CREATE TABLE old_secrets (
    id       BIGINT NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    token_id BIGINT NOT NULL REFERENCES tokens (id),
    digest   BYTEA NOT NULL,
    key_id   TEXT NOT NULL,
    ended_at TIMESTAMP NOT NULL
);
CREATE INDEX old_secrets_by_token ON old_secrets (token_id, id);
CREATE INDEX old_secrets_by_end ON old_secrets (ended_at);

-- Calls with secrets that no longer work, by the address that they came from.
CREATE TABLE reuse (
    token_id BIGINT NOT NULL REFERENCES tokens (id),
    kind     TEXT NOT NULL CHECK (kind IN ('replaced', 'expired', 'revoked')),
    address  TEXT NOT NULL,
    calls    BIGINT NOT NULL,
    first_at TIMESTAMP NOT NULL,
    last_at  TIMESTAMP NOT NULL,
    PRIMARY KEY (token_id, kind, address)
);
CREATE INDEX reuse_by_time ON reuse (last_at);

-- On which days there were any, of which kind; each is told once. The empty kind stands for all of them.
CREATE TABLE reuse_days (
    token_id BIGINT NOT NULL REFERENCES tokens (id),
    day      TIMESTAMP NOT NULL,
    kind     TEXT NOT NULL,
    PRIMARY KEY (token_id, day, kind)
);
CREATE INDEX reuse_days_by_day ON reuse_days (day);
