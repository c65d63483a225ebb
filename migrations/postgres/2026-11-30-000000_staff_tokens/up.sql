-- What programs of staff members call the API with.
CREATE TABLE staff_tokens (
    id             BIGINT    NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id      TEXT      NOT NULL UNIQUE,
    staff_id       BIGINT    NOT NULL REFERENCES staff (id),
    name           TEXT      NOT NULL,
    name_folded    TEXT      NOT NULL,
    scopes         TEXT      NOT NULL,
    addresses      TEXT      NOT NULL,
    expires_at     TIMESTAMP NOT NULL,
    created_at     TIMESTAMP NOT NULL,
    creation_key   TEXT,
    secret_digest  BYTEA     NOT NULL,
    secret_key_id  TEXT      NOT NULL,
    secret_last4   TEXT      NOT NULL,
    last_used_at   TIMESTAMP,
    last_used_from TEXT,
    revoked_at     TIMESTAMP,
    revision       INTEGER   NOT NULL DEFAULT 0,
    UNIQUE (staff_id, creation_key)
);
-- A revoked one's name can be used again, its id never.
CREATE UNIQUE INDEX staff_tokens_live_name ON staff_tokens (staff_id, name_folded) WHERE revoked_at IS NULL;
