-- A link may also begin a session. SQLite cannot change a CHECK: the table is made anew.
CREATE TABLE links_new (
    id         INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    public_id  TEXT    NOT NULL UNIQUE,
    purpose    TEXT    NOT NULL CHECK (purpose IN ('invitation', 'password-reset', 'email-change', 'sign-in')),
    login_id   INTEGER NOT NULL REFERENCES logins (id),
    detail     TEXT    NOT NULL,
    created_at TEXT    NOT NULL,
    expires_at TEXT    NOT NULL,
    used_at    TEXT
) STRICT;
INSERT INTO links_new SELECT id, public_id, purpose, login_id, detail, created_at, expires_at, used_at FROM links;
DROP TABLE links;
ALTER TABLE links_new RENAME TO links;
CREATE INDEX links_by_login ON links (login_id);
CREATE INDEX links_by_expiry ON links (expires_at);
