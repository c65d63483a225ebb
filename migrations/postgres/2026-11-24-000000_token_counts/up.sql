-- How many tokens each filter of a list shows is counted at each visit. With these an account of 10,000 tokens is counted
-- by walking index entries alone, and only those that the filter shows.
CREATE INDEX tokens_live ON tokens (account_id, expires_at, paused_at) WHERE revoked_at IS NULL;
CREATE INDEX tokens_paused ON tokens (account_id) WHERE revoked_at IS NULL AND paused_at IS NOT NULL;
CREATE INDEX tokens_revoked ON tokens (account_id, revoked_at) WHERE revoked_at IS NOT NULL;
CREATE INDEX tokens_never_used ON tokens (account_id, expires_at, paused_at) WHERE revoked_at IS NULL AND last_used_at IS NULL;
