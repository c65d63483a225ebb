DROP INDEX usage_days_by_day;
