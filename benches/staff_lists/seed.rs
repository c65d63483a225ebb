//! Many accounts with their sites, tokens and events, made inside the database.

use diesel::connection::SimpleConnection;
use latchkey::{
    app::App,
    domain::{address::AddressSet, id::AccountId},
    store::{
        self, DbConnection, StoreError,
        accounts::list::{Query, list_by_ids, list_keys},
    },
};

/// Tokens of each account.
pub(crate) const TOKENS_EACH: usize = 10;
/// The plan of every thousandth account.
pub(crate) const RARE: &str = "rare";

/// What the two databases write differently.
struct Dialect {
    /// An instant so many days before now.
    ago: fn(&str) -> String,
    /// An instant so many days after now.
    ahead: fn(&str) -> String,
    /// A number with zeros before it.
    padded: fn(&str, usize) -> String,
    no_digest: &'static str,
    before: &'static str,
    after: &'static str,
}

const SQLITE: Dialect = Dialect {
    ago: |days| format!("strftime('%Y-%m-%d %H:%M:%S', 'now', '-' || ({days}) || ' days')"),
    ahead: |days| format!("strftime('%Y-%m-%d %H:%M:%S', 'now', '+' || ({days}) || ' days')"),
    padded: |number, length| format!("substr('00000000' || ({number}), -{length})"),
    no_digest: "zeroblob(32)",
    before: "",
    after: "",
};

const POSTGRES: Dialect = Dialect {
    ago: |days| format!("((now() AT TIME ZONE 'UTC') - ({days}) * interval '1 day')"),
    ahead: |days| format!("((now() AT TIME ZONE 'UTC') + ({days}) * interval '1 day')"),
    padded: |number, length| format!("right('00000000' || ({number}), {length})"),
    no_digest: "decode(repeat('00', 32), 'hex')",
    before: "SET LOCAL statement_timeout = 0;",
    after: "ANALYZE;",
};

/// Fills an empty database. The user names begin with every letter in turns; one of 50 accounts is suspended, one of
/// 1,000 is on the plan [`RARE`]; a token expires on any of 400 days, and one of ten is revoked.
pub(crate) fn fill(app: &App, accounts: usize) {
    let write = |connection: &mut DbConnection| -> Result<(), StoreError> {
        match connection {
            DbConnection::Sqlite(sqlite) => sqlite.batch_execute(&statements(&SQLITE, accounts))?,
            DbConnection::Postgres(postgres) => postgres.batch_execute(&statements(&POSTGRES, accounts))?,
        }
        Ok(())
    };
    app.store.write_here(write).expect("the rows can be written");
}

#[expect(clippy::too_many_lines, reason = "one statement after another, each about one table")]
fn statements(dialect: &Dialect, accounts: usize) -> String {
    let counted = |to: usize| {
        format!("WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {to})")
    };
    // The number in a user name, from its second character on.
    let number = "CAST(substr(l.username, 2) AS INTEGER)";
    let (ago, padded) = (dialect.ago, dialect.padded);
    let any = AddressSet::any();
    let logins = format!(
        "INSERT INTO logins (username, email, email_folded, created_at, last_sign_in_at) {} \
         SELECT name, name || '@mail' || n || '.example', name || '@mail' || n || '.example', {made}, {seen} \
         FROM (SELECT n, substr('abcdefghijklmnopqrstuvwxyz', 1 + n % 26, 1) || {six} AS name FROM counted) AS names;",
        counted(accounts),
        made = ago("400"),
        seen = ago("n * 7 % 365"),
        six = padded("n", 6),
    );
    let of_accounts = format!(
        "INSERT INTO accounts (public_id, login_id, plan_id, time_zone, created_at, username, quiet_since, suspended_at) \
         SELECT 'acco' || {eight}, l.id, \
         (SELECT id FROM plans WHERE name = CASE WHEN {number} % 1000 = 0 THEN '{RARE}' ELSE 'standard' END), \
         'UTC', l.created_at, l.username, l.last_sign_in_at, CASE WHEN {number} % 50 = 0 THEN l.created_at END \
         FROM logins AS l WHERE l.username <> 'asha'; \
         INSERT INTO sites (account_id, domain, created_at, main) \
         SELECT a.id, 'my-shop' || {number} || '.example', a.created_at, (1 = 1) \
         FROM accounts AS a JOIN logins AS l ON l.id = a.login_id;",
        eight = padded(number, 8),
    );
    let term = |text: &str| {
        format!(
            "INSERT INTO account_terms (term, account_id) SELECT {text}, a.id \
             FROM accounts AS a JOIN logins AS l ON l.id = a.login_id;"
        )
    };
    let terms = [
        "l.username".to_owned(),
        "l.email".to_owned(),
        format!("'mail' || {number} || '.example'"),
        format!("'my-shop' || {number} || '.example'"),
        format!("'shop' || {number} || '.example'"),
    ]
    .map(|text| term(&text))
    .concat();
    let tokens = format!(
        "INSERT INTO tokens (public_id, account_id, name, name_folded, description, scopes, sites, addresses, expires_at, \
         created_at, created_by, secret_digest, secret_key_id, secret_last4, secret_issued_at, revoked_at) {} \
         SELECT {eight}, a.id, 'Token ' || n, 'token ' || n, '', 'files:read', '*', '{any}', {expiry}, a.created_at, \
         a.username, {digest}, 'k1', '0000', a.created_at, CASE WHEN n = 10 THEN a.created_at END \
         FROM counted CROSS JOIN (SELECT accounts.*, CAST(substr(username, 2) AS INTEGER) AS place FROM accounts) AS a;",
        counted(TOKENS_EACH),
        eight = padded("a.place * 10 + n - 1", 8),
        expiry = (dialect.ahead)("(a.place * 7 + n * 41) % 400"),
        digest = dialect.no_digest,
    );
    let events = format!(
        "INSERT INTO audit_events (id, at, account_id, actor_kind, actor_id, actor_name, action, target_kind, target_id, \
         target_name, changes, request_id) \
         SELECT (SELECT seq FROM audit_head) + CAST(substr(a.username, 2) AS INTEGER), {at}, a.id, 'shell', '', '', \
         'account.created', 'account', a.public_id, a.username, '[]', '' FROM accounts AS a; \
         UPDATE audit_head SET seq = (SELECT MAX(id) FROM audit_events);",
        at = ago("1"),
    );
    format!(
        "{} INSERT INTO plans (public_id, name, scopes) VALUES ('rareplanrare', '{RARE}', '*'); \
         {logins} {of_accounts} {terms} {tokens} {events} {}",
        dialect.before, dialect.after
    )
}

/// The public ids of an account and of a token.
pub(crate) fn some_ids(app: &App) -> (String, String) {
    let read = |connection: &mut DbConnection| {
        let query = Query {
            limit: 1,
            ..Query::default()
        };
        let ids: Vec<AccountId> = list_keys(connection, &query)?.into_iter().map(|(id, _)| id).collect();
        let account = list_by_ids(connection, &ids)?.remove(0);
        let all = store::tokens::Query {
            limit: 1,
            ..store::tokens::Query::default()
        };
        let token = store::tokens::list(connection, ids[0], &all, app.now())?.remove(0);
        Ok::<_, StoreError>((account.public_id, token.public_id.to_string()))
    };
    app.store.read_here(read).expect("the accounts are there")
}
