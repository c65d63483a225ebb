-- The books of usage have the file beside this one: see `store/connection.rs`. First they are in both.
INSERT OR IGNORE INTO beside.usage_hours SELECT * FROM main.usage_hours;
INSERT OR IGNORE INTO beside.usage_days SELECT * FROM main.usage_days;
