-- Calls of programs that named what they wanted to be done once: which, with what, and what came of it. Both digests are
-- made under a server key, because what was sent may hold a password.
CREATE TABLE idempotency_keys (
    caller     TEXT NOT NULL,
    key_digest BYTEA NOT NULL,
    content    BYTEA NOT NULL,
    made       TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL,
    PRIMARY KEY (caller, key_digest)
);
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (created_at);
