CREATE TABLE main.usage_hours (
    token_id INTEGER NOT NULL REFERENCES tokens (id),
    hour     TEXT    NOT NULL,
    route    TEXT    NOT NULL,
    scope    TEXT    NOT NULL,
    site     TEXT    NOT NULL,
    address  TEXT    NOT NULL,
    outcome  TEXT    NOT NULL,
    calls    INTEGER NOT NULL,
    last_at  TEXT    NOT NULL,
    PRIMARY KEY (token_id, hour, route, scope, site, address, outcome)
) STRICT, WITHOUT ROWID;
CREATE INDEX main.usage_hours_by_address ON usage_hours (address, token_id);
CREATE TABLE main.usage_days (
    token_id INTEGER NOT NULL REFERENCES tokens (id),
    day      TEXT    NOT NULL,
    allowed  INTEGER NOT NULL,
    refused  INTEGER NOT NULL,
    PRIMARY KEY (token_id, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX main.usage_days_by_day ON usage_days (day, token_id);
INSERT INTO main.usage_hours SELECT * FROM beside.usage_hours;
INSERT INTO main.usage_days SELECT * FROM beside.usage_days;
