DELETE FROM beside.usage_hours;
DELETE FROM beside.usage_days;
