-- Only SQLite keeps what waits to be written into the books in a file of its own.
SELECT 1;
