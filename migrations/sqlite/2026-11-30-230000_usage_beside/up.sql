-- What waits to be written into the books has a file of its own beside this one: see `store/connection.rs`.
INSERT INTO beside.usage_waiting (uses) SELECT uses FROM main.usage_waiting ORDER BY id;
DROP TABLE main.usage_waiting;
