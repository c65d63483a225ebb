-- What stands in the file beside a SQLite database, made when it is opened to be written.

PRAGMA beside.journal_mode = WAL;
PRAGMA beside.synchronous = NORMAL;

-- What was counted and is not yet in the books.
CREATE TABLE IF NOT EXISTS beside.usage_waiting (
    id   INTEGER PRIMARY KEY,
    uses BLOB NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS beside.usage_hours (
    token_id INTEGER NOT NULL,
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
CREATE INDEX IF NOT EXISTS beside.usage_hours_by_address ON usage_hours (address, token_id);

CREATE TABLE IF NOT EXISTS beside.usage_days (
    token_id INTEGER NOT NULL,
    day      TEXT    NOT NULL,
    allowed  INTEGER NOT NULL,
    refused  INTEGER NOT NULL,
    PRIMARY KEY (token_id, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS beside.usage_days_by_day ON usage_days (day, token_id);

-- Last uses that are still to be noted on their tokens.
CREATE TABLE IF NOT EXISTS beside.last_uses (
    token_id      INTEGER PRIMARY KEY,
    current_at    TEXT,
    current_from  TEXT,
    previous_at   TEXT,
    previous_from TEXT
) STRICT;
