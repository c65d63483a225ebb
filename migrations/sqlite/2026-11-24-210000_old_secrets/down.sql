DROP TABLE reuse_days;
DROP TABLE reuse;
DROP TABLE old_secrets;
