-- What programs of staff members call the API with.
CREATE TABLE staff_tokens (
    id             INTEGER   NOT NULL PRIMARY KEY AUTOINCREMENT,
    public_id      TEXT      NOT NULL UNIQUE,
    staff_id       INTEGER   NOT NULL REFERENCES staff (id),
    name           TEXT      NOT NULL,
    name_folded    TEXT      NOT NULL,
    scopes         TEXT      NOT NULL,
    addresses      TEXT      NOT NULL,
    expires_at     TEXT      NOT NULL,
    created_at     TEXT      NOT NULL,
    creation_key   TEXT,
    secret_digest  BLOB      NOT NULL,
    secret_key_id  TEXT      NOT NULL,
    secret_last4   TEXT      NOT NULL,
    last_used_at   TEXT,
    last_used_from TEXT,
    revoked_at     TEXT,
    revision       INTEGER   NOT NULL DEFAULT 0,
    UNIQUE (staff_id, creation_key)
) STRICT;
-- A revoked one's name can be used again, its id never.
CREATE UNIQUE INDEX staff_tokens_live_name ON staff_tokens (staff_id, name_folded) WHERE revoked_at IS NULL;
