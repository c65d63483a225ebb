DROP INDEX sites_by_account;
CREATE INDEX sites_by_account ON sites (account_id, domain);
DROP TRIGGER accounts_stand_otherwise;
DROP TRIGGER tokens_stand_no_more;
DROP TRIGGER tokens_stand_otherwise;
DROP TRIGGER tokens_stay;
DROP TRIGGER tokens_stand;
DROP TABLE token_standings;
ALTER TABLE tokens DROP COLUMN number;
