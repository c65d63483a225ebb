-- What was counted and is not yet in the books: put down in one piece while calls come faster than the books are kept.
CREATE TABLE usage_waiting (
    id   INTEGER PRIMARY KEY,
    uses BLOB NOT NULL
) STRICT;
