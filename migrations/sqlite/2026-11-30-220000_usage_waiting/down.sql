DROP TABLE usage_waiting;
