DROP INDEX tokens_live;
DROP INDEX tokens_paused;
DROP INDEX tokens_revoked;
DROP INDEX tokens_never_used;
