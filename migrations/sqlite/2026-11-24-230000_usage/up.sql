-- What is over is found by its day; the hours of a token lie beside its days.
CREATE INDEX usage_days_by_day ON usage_days (day, token_id);
