-- Everything that one request did: a run over many tokens keeps the one that started it.
CREATE INDEX audit_events_by_request ON audit_events (request_id, id);
