CREATE INDEX tokens_by_key ON tokens (secret_key_id);
DROP INDEX tokens_by_previous_key;
DROP INDEX tokens_by_live_key;
