//! The tables of what tokens were used for: by whom their secrets were presented, and how often.

diesel::table! {
    usage_hours (token_id, hour, route, scope, site, address, outcome) {
        token_id -> BigInt,
        hour -> Timestamp,
        route -> Text,
        scope -> Text,
        site -> Text,
        address -> Text,
        outcome -> Text,
        calls -> BigInt,
        last_at -> Timestamp,
    }
}

diesel::table! {
    usage_days (token_id, day) {
        token_id -> BigInt,
        day -> Timestamp,
        allowed -> BigInt,
        refused -> BigInt,
    }
}

diesel::table! {
    usage_waiting (id) {
        id -> BigInt,
        uses -> Binary,
    }
}

diesel::table! {
    old_secrets (id) {
        id -> BigInt,
        token_id -> BigInt,
        digest -> Binary,
        key_id -> Text,
        ended_at -> Timestamp,
    }
}

diesel::table! {
    reuse (token_id, kind, address) {
        token_id -> BigInt,
        kind -> Text,
        address -> Text,
        calls -> BigInt,
        first_at -> Timestamp,
        last_at -> Timestamp,
    }
}

diesel::table! {
    reuse_days (token_id, day, kind) {
        token_id -> BigInt,
        day -> Timestamp,
        kind -> Text,
    }
}
