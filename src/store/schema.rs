//! The tables as diesel sees them: one description for both databases.
//!
//! Integers are 64 bits except revisions; every timestamp is UTC.

mod usage;

pub(super) use self::usage::{old_secrets, reuse, reuse_days, usage_days, usage_hours, usage_waiting};

diesel::table! {
    installation (id) {
        id -> Integer,
        created_at -> Timestamp,
        setup_salt -> Text,
        setup_closed_at -> Nullable<Timestamp>,
        demo -> Bool,
        policy -> Text,
    }
}

diesel::table! {
    logins (id) {
        id -> BigInt,
        username -> Text,
        email -> Text,
        email_folded -> Text,
        password_hash -> Nullable<Text>,
        password_changed_at -> Nullable<Timestamp>,
        last_sign_in_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        email_changed_by_staff_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    plans (id) {
        id -> BigInt,
        name -> Text,
        scopes -> Text,
        policy -> Text,
        public_id -> Text,
    }
}

diesel::table! {
    accounts (id) {
        id -> BigInt,
        public_id -> Text,
        login_id -> BigInt,
        plan_id -> BigInt,
        time_zone -> Text,
        suspended_at -> Nullable<Timestamp>,
        suspension_reason -> Nullable<Text>,
        removed_at -> Nullable<Timestamp>,
        revision -> Integer,
        created_at -> Timestamp,
        username -> Text,
        quiet_since -> Timestamp,
        mail_off -> Text,
    }
}

diesel::table! {
    account_terms (term, account_id) {
        term -> Text,
        account_id -> BigInt,
    }
}

diesel::table! {
    notes (id) {
        id -> BigInt,
        account_id -> BigInt,
        at -> Timestamp,
        author_name -> Text,
        text -> Text,
    }
}

diesel::table! {
    links (id) {
        id -> BigInt,
        public_id -> Text,
        purpose -> Text,
        login_id -> BigInt,
        detail -> Text,
        created_at -> Timestamp,
        expires_at -> Timestamp,
        used_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    link_requests (id) {
        id -> BigInt,
        at -> Timestamp,
        name -> Text,
        address -> Text,
    }
}

diesel::table! {
    outbox (id) {
        id -> BigInt,
        public_id -> Text,
        account_id -> Nullable<BigInt>,
        recipient -> Text,
        message -> Text,
        once_key -> Nullable<Text>,
        created_at -> Timestamp,
        due_at -> Timestamp,
        stale_at -> Nullable<Timestamp>,
        tries -> Integer,
        leased_until -> Nullable<Timestamp>,
        sent_at -> Nullable<Timestamp>,
        given_up_at -> Nullable<Timestamp>,
        last_error -> Nullable<Text>,
    }
}

diesel::table! {
    audit_head (id) {
        id -> Integer,
        seq -> BigInt,
        mac -> Nullable<Binary>,
    }
}

diesel::table! {
    refusals (hour, kind, subject, address) {
        kind -> Text,
        hour -> Timestamp,
        subject -> Text,
        address -> Text,
        tries -> BigInt,
        last_at -> Timestamp,
    }
}

diesel::table! {
    runs (id) {
        id -> BigInt,
        public_id -> Text,
        kind -> Text,
        criteria -> Text,
        reason -> Text,
        actor_kind -> Text,
        actor_id -> Text,
        actor_name -> Text,
        address -> Nullable<Text>,
        request_id -> Text,
        created_at -> Timestamp,
        up_to -> BigInt,
        expected -> BigInt,
        seen -> BigInt,
        changed -> BigInt,
        last_token -> BigInt,
        leased_until -> Nullable<Timestamp>,
        stopped_at -> Nullable<Timestamp>,
        finished_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    staff (id) {
        id -> BigInt,
        public_id -> Text,
        login_id -> BigInt,
        name -> Text,
        role -> Text,
        deactivated_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
    }
}

diesel::table! {
    service_credentials (id) {
        id -> BigInt,
        public_id -> Text,
        name -> Text,
        name_folded -> Text,
        addresses -> Text,
        created_at -> Timestamp,
        created_by -> Text,
        creation_key -> Nullable<Text>,
        secret_digest -> Binary,
        secret_key_id -> Text,
        secret_last4 -> Text,
        last_used_at -> Nullable<Timestamp>,
        last_used_from -> Nullable<Text>,
        revoked_at -> Nullable<Timestamp>,
    }
}

diesel::table! {
    sites (id) {
        id -> BigInt,
        account_id -> BigInt,
        domain -> Text,
        created_at -> Timestamp,
        main -> Bool,
    }
}

diesel::table! {
    tokens (id) {
        id -> BigInt,
        public_id -> Text,
        account_id -> BigInt,
        name -> Text,
        name_folded -> Text,
        description -> Text,
        scopes -> Text,
        sites -> Text,
        addresses -> Text,
        expires_at -> Nullable<Timestamp>,
        created_at -> Timestamp,
        created_by -> Text,
        creation_key -> Nullable<Text>,
        secret_digest -> Binary,
        secret_key_id -> Text,
        secret_last4 -> Text,
        secret_issued_at -> Timestamp,
        secret_used_at -> Nullable<Timestamp>,
        secret_used_from -> Nullable<Text>,
        previous_digest -> Nullable<Binary>,
        previous_key_id -> Nullable<Text>,
        previous_last4 -> Nullable<Text>,
        previous_until -> Nullable<Timestamp>,
        previous_used_at -> Nullable<Timestamp>,
        previous_used_from -> Nullable<Text>,
        last_used_at -> Nullable<Timestamp>,
        last_used_from -> Nullable<Text>,
        paused_at -> Nullable<Timestamp>,
        paused_by -> Nullable<Text>,
        revoked_at -> Nullable<Timestamp>,
        revision -> Integer,
    }
}

diesel::table! {
    token_standings (number) {
        number -> BigInt,
        account_id -> BigInt,
        plan_id -> BigInt,
        secret_digest -> Binary,
        previous_digest -> Nullable<Binary>,
        account -> Text,
        token -> Text,
    }
}

diesel::table! {
    staff_tokens (id) {
        id -> BigInt,
        public_id -> Text,
        staff_id -> BigInt,
        name -> Text,
        name_folded -> Text,
        scopes -> Text,
        addresses -> Text,
        expires_at -> Timestamp,
        created_at -> Timestamp,
        creation_key -> Nullable<Text>,
        secret_digest -> Binary,
        secret_key_id -> Text,
        secret_last4 -> Text,
        last_used_at -> Nullable<Timestamp>,
        last_used_from -> Nullable<Text>,
        revoked_at -> Nullable<Timestamp>,
        revision -> Integer,
    }
}

diesel::table! {
    sessions (id_digest) {
        id_digest -> Binary,
        public_id -> Text,
        login_id -> BigInt,
        state -> Text,
        created_at -> Timestamp,
        last_seen_at -> Timestamp,
        password_at -> Timestamp,
        address -> Text,
        browser -> Text,
    }
}

diesel::table! {
    throttles (bucket) {
        bucket -> Text,
        tries -> BigInt,
        since -> Timestamp,
        until -> Timestamp,
    }
}

diesel::table! {
    audit_events (id) {
        id -> BigInt,
        at -> Timestamp,
        account_id -> Nullable<BigInt>,
        actor_kind -> Text,
        actor_id -> Text,
        actor_name -> Text,
        action -> Text,
        target_kind -> Text,
        target_id -> Text,
        target_name -> Text,
        changes -> Text,
        reason -> Nullable<Text>,
        address -> Nullable<Text>,
        browser -> Nullable<Text>,
        request_id -> Text,
        key_id -> Nullable<Text>,
        mac -> Nullable<Binary>,
    }
}

diesel::table! {
    idempotency_keys (caller, key_digest) {
        caller -> Text,
        key_digest -> Binary,
        content -> Binary,
        made -> Text,
        created_at -> Timestamp,
    }
}

diesel::joinable!(accounts -> logins (login_id));
diesel::joinable!(accounts -> plans (plan_id));
diesel::joinable!(staff -> logins (login_id));
diesel::joinable!(staff_tokens -> staff (staff_id));
diesel::joinable!(sites -> accounts (account_id));
diesel::joinable!(tokens -> accounts (account_id));
diesel::joinable!(token_standings -> plans (plan_id));
diesel::joinable!(sessions -> logins (login_id));
diesel::joinable!(usage_hours -> tokens (token_id));
diesel::joinable!(usage_days -> tokens (token_id));
diesel::joinable!(old_secrets -> tokens (token_id));
diesel::joinable!(account_terms -> accounts (account_id));
diesel::joinable!(notes -> accounts (account_id));
diesel::joinable!(links -> logins (login_id));
diesel::allow_tables_to_appear_in_same_query! {
    installation, old_secrets, reuse, reuse_days, logins, plans, accounts, staff, service_credentials, staff_tokens,
    sites, tokens, token_standings, sessions, throttles, audit_events, usage_hours, usage_days, usage_waiting,
    account_terms, notes, links, link_requests, outbox, audit_head, refusals, runs, idempotency_keys
}
