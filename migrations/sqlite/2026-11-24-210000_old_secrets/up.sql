-- Secrets that rotations replaced, but for the last one of each token, which stands in the token's own row: whoever
-- presents one of them is known by its digest.
CREATE TABLE old_secrets (
    id       INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    token_id INTEGER NOT NULL REFERENCES tokens (id),
    digest   BLOB NOT NULL,
    key_id   TEXT NOT NULL,
    ended_at TEXT NOT NULL
) STRICT;
CREATE INDEX old_secrets_by_token ON old_secrets (token_id, id);
CREATE INDEX old_secrets_by_end ON old_secrets (ended_at);

-- Calls with secrets that no longer work, by the address that they came from.
CREATE TABLE reuse (
    token_id INTEGER NOT NULL REFERENCES tokens (id),
    kind     TEXT NOT NULL CHECK (kind IN ('replaced', 'expired', 'revoked')),
    address  TEXT NOT NULL,
    calls    INTEGER NOT NULL,
    first_at TEXT NOT NULL,
    last_at  TEXT NOT NULL,
    PRIMARY KEY (token_id, kind, address)
) STRICT, WITHOUT ROWID;
CREATE INDEX reuse_by_time ON reuse (last_at);

-- On which days there were any, of which kind; each is told once. The empty kind stands for all of them.
CREATE TABLE reuse_days (
    token_id INTEGER NOT NULL REFERENCES tokens (id),
    day      TEXT NOT NULL,
    kind     TEXT NOT NULL,
    PRIMARY KEY (token_id, day, kind)
) STRICT, WITHOUT ROWID;
CREATE INDEX reuse_days_by_day ON reuse_days (day);
