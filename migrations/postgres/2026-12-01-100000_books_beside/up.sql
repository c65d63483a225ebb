-- Only SQLite keeps the books of usage in a file of their own.
SELECT 1;
