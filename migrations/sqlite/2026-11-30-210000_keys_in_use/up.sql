-- The server starts only with the keys of all live tokens: which these are is read from one entry of each key, however
-- many tokens there are.
CREATE INDEX tokens_by_live_key ON tokens (secret_key_id) WHERE revoked_at IS NULL;
CREATE INDEX tokens_by_previous_key ON tokens (previous_key_id) WHERE revoked_at IS NULL AND previous_key_id IS NOT NULL;
DROP INDEX tokens_by_key;
