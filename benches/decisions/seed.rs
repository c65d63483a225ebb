//! A database of 1,000,000 tokens whose secrets anybody can work out from their numbers.

use std::fmt::Write;

use diesel::connection::SimpleConnection;
use latchkey::{
    app::App,
    domain::secret::{BASE62, PublicId, TokenSecret, digest},
    store::{DbConnection, StoreError},
};

/// Tokens in the database.
pub(crate) const TOKENS: u64 = 1_000_000;
/// Tokens of each account; each account has one site.
pub(crate) const EACH: u64 = 10;
/// Tokens that one statement inserts.
const AT_ONCE: u64 = 500;
/// Tokens that one transaction inserts.
const A_TRANSACTION: u64 = 50_000;
/// No factor of 62, so that no two numbers give one id, and neighbours lie far apart in the index, as drawn ids do.
const SPREAD: u64 = 87_178_291_199;

/// What tokens may do; each of them `backups:create`.
const SCOPES: [&str; 4] = [
    "backups:create",
    "backups:create backups:download files:read",
    "*",
    "backups:create databases:export dns:read files:read files:write websites:deploy",
];

/// The secret of the token with this number.
pub(crate) fn secret(number: u64) -> TokenSecret {
    let id = PublicId::mint(|length| {
        let mut rest = number * SPREAD % 62_u64.pow(8);
        let digit = |_| {
            let digit = letter(rest);
            rest /= 62;
            digit
        };
        (0..length).map(digit).collect()
    });
    let mut state = number;
    TokenSecret::mint(id, |length| {
        (0..length)
            .map(|_| {
                state = state
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                letter(state >> 33)
            })
            .collect()
    })
}

fn letter(number: u64) -> char {
    let place = usize::try_from(number % 62).expect("it is less than 62");
    char::from(BASE62.as_bytes()[place])
}

/// The site of the account that the token with this number belongs to.
pub(crate) fn site(number: u64) -> String {
    format!("shop{}.example", account(number))
}

fn account(number: u64) -> u64 {
    number / EACH + 1
}

/// Fills an empty database.
pub(crate) fn fill(app: &App) {
    run(app, &accounts);
    for first in (0..TOKENS).step_by(usize::try_from(A_TRANSACTION).expect("it fits")) {
        run(app, &|is_sqlite| {
            let statements = (first..first + A_TRANSACTION).step_by(usize::try_from(AT_ONCE).expect("it fits"));
            statements.map(|first| tokens(app, first, is_sqlite)).collect()
        });
    }
    run(app, &|is_sqlite| {
        if is_sqlite {
            String::new()
        } else {
            "ANALYZE;".to_owned()
        }
    });
}

fn run(app: &App, statements: &dyn Fn(bool) -> String) {
    let write = |connection: &mut DbConnection| -> Result<(), StoreError> {
        match connection {
            DbConnection::Sqlite(sqlite) => sqlite.batch_execute(&statements(true))?,
            DbConnection::Postgres(postgres) => {
                postgres.batch_execute("SET LOCAL statement_timeout = 0;")?;
                postgres.batch_execute(&statements(false))?;
            }
        }
        Ok(())
    };
    app.store.write_here(write).expect("the rows can be written");
}

fn accounts(is_sqlite: bool) -> String {
    let own_ids = if is_sqlite { "" } else { "OVERRIDING SYSTEM VALUE" };
    let count = TOKENS / EACH;
    let counted =
        format!("WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < {count})");
    let made = "'2026-01-01 00:00:00'";
    let instant = if is_sqlite {
        made.to_owned()
    } else {
        format!("timestamp {made}")
    };
    format!(
        "INSERT INTO logins (id, username, email, email_folded, created_at) {own_ids} {counted} \
         SELECT n, 'm' || n, 'm' || n || '@mail.example', 'm' || n || '@mail.example', {instant} FROM counted; \
         INSERT INTO accounts (id, public_id, login_id, plan_id, time_zone, created_at, username, quiet_since) {own_ids} \
         {counted} SELECT n, 'account' || n, n, (SELECT id FROM plans WHERE name = 'standard'), 'UTC', {instant}, 'm' || n, \
         {instant} FROM counted; \
         INSERT INTO sites (account_id, domain, created_at, main) {counted} \
         SELECT n, 'shop' || n || '.example', {instant}, (1 = 1) FROM counted;"
    )
}

fn tokens(app: &App, first: u64, is_sqlite: bool) -> String {
    let keyring = app.keyring();
    let (key, digest_key) = keyring.current();
    let mut statement = "INSERT INTO tokens (public_id, account_id, name, name_folded, description, scopes, sites, \
         addresses, expires_at, created_at, created_by, secret_digest, secret_key_id, secret_last4, secret_issued_at) VALUES "
        .to_owned();
    for number in first..first + AT_ONCE {
        let secret = secret(number);
        let digest = digest(digest_key, &secret);
        let mut hex = String::with_capacity(64);
        for byte in digest.as_bytes() {
            write!(hex, "{byte:02x}").expect("writing to a text cannot fail");
        }
        let bytes = if is_sqlite {
            format!("x'{hex}'")
        } else {
            format!("'\\x{hex}'")
        };
        let scopes = SCOPES[usize::try_from(number % 4).expect("it is less than 4")];
        let sites = if number % 3 == 0 { "*".to_owned() } else { site(number) };
        let addresses = if number % 4 == 1 {
            "198.51.100.0/24 203.0.113.0/24"
        } else {
            "*"
        };
        let comma = if number == first { "" } else { "," };
        write!(
            statement,
            "{comma}('{id}', {account}, 'Deploy {number}', 'deploy {number}', '', '{scopes}', '{sites}', '{addresses}', \
             '2099-01-01 00:00:00', '2026-01-01 00:00:00', 'm{account}', {bytes}, '{key}', '{last4}', \
             '2026-01-01 00:00:00')",
            id = secret.public_id(),
            account = account(number),
            last4 = secret.last4(),
        )
        .expect("writing to a text cannot fail");
    }
    statement.push(';');
    statement
}
