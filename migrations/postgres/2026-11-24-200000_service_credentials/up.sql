-- What hosting services and proxies show to be allowed to ask about tokens.
CREATE TABLE service_credentials (
    id             BIGINT    NOT NULL GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id      TEXT      NOT NULL UNIQUE,
    name           TEXT      NOT NULL,
    name_folded    TEXT      NOT NULL,
    addresses      TEXT      NOT NULL,
    created_at     TIMESTAMP NOT NULL,
    created_by     TEXT      NOT NULL,
    creation_key   TEXT      UNIQUE,
    secret_digest  BYTEA     NOT NULL,
    secret_key_id  TEXT      NOT NULL,
    secret_last4   TEXT      NOT NULL,
    last_used_at   TIMESTAMP,
    last_used_from TEXT,
    revoked_at     TIMESTAMP
);
-- A revoked one's name can be used again, its id never.
CREATE UNIQUE INDEX service_credentials_live_name ON service_credentials (name_folded) WHERE revoked_at IS NULL;
