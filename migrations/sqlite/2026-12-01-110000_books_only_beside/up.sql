-- Once more, because a process that is killed while it commits may have committed one of two files.
INSERT OR IGNORE INTO beside.usage_hours SELECT * FROM main.usage_hours;
INSERT OR IGNORE INTO beside.usage_days SELECT * FROM main.usage_days;
DROP TABLE main.usage_hours;
DROP TABLE main.usage_days;
