-- What was counted and is not yet in the books: put down in one piece while calls come faster than the books are kept.
CREATE TABLE usage_waiting (
    id   BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    uses BYTEA NOT NULL
);
-- It is read once: to make it smaller would take longer than to write it.
ALTER TABLE usage_waiting ALTER COLUMN uses SET STORAGE EXTERNAL;
