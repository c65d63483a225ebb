CREATE TABLE main.usage_waiting (
    id   INTEGER PRIMARY KEY,
    uses BLOB NOT NULL
) STRICT;
INSERT INTO main.usage_waiting (uses) SELECT uses FROM beside.usage_waiting ORDER BY id;
DROP TABLE beside.usage_waiting;
