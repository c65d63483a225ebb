//! Where the data is kept.

use std::{
    fmt,
    path::{Path, PathBuf},
};

use super::{secret_text::SecretText, values::Given};

/// The database file when none is named.
const DEFAULT_FILE: &str = "latchkey.db";

/// A database, chosen by the scheme of its URL.
#[derive(Clone, Debug)]
pub enum Database {
    /// The SQLite file at this path, which is made when it is not there.
    Sqlite(PathBuf),
    /// A PostgreSQL server: the URL as it was given, parameters and password included, for its client library.
    Postgres(SecretText),
}

impl Database {
    /// The SQLite database of a data folder.
    pub fn in_folder(data: &Path) -> Self {
        Self::Sqlite(data.join(DEFAULT_FILE))
    }

    pub(super) fn parse(given: &Given) -> Result<Self, String> {
        let url = &given.text;
        let Some((scheme, rest)) = url.split_once("://") else {
            return Err(format!(
                "a database is named by a URL: {FORMS}. For a file write sqlite:// before its path."
            ));
        };
        match scheme {
            "sqlite" if rest.is_empty() => Err("the path is missing after sqlite://.".to_owned()),
            "sqlite" if rest.contains(['?', '#']) => {
                Err("a sqlite:// URL is a path alone. Remove what begins with ? or #.".to_owned())
            }
            "sqlite" => Ok(Self::Sqlite(given.relative_to_source(Path::new(rest)))),
            "postgres" | "postgresql" if rest.is_empty() => Err(format!("the server is missing after {scheme}://.")),
            "postgres" | "postgresql" if !is_plain(rest) => Err(PLAIN.to_owned()),
            "postgres" | "postgresql" => Ok(Self::Postgres(SecretText::new(url.as_str()))),
            _ => Err(format!("the scheme “{scheme}://” is not known. Use {FORMS}.")),
        }
    }
}

const FORMS: &str = "sqlite:///absolute/path, sqlite://relative/path or postgres://user@host/name";

const PLAIN: &str = "this is not a URL that can be read. In a user name and a password write every character that is not a \
    letter, a digit or one of - . _ ~ as % and two hexadecimal digits: %40 for @, %2F for /, %20 for a space.";

/// Whether the client library can read what stands after the scheme. What it cannot, it repeats in its message, and a
/// password with it: so that is found out here, and told without it.
fn is_plain(rest: &str) -> bool {
    let (authority, after) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
    let server = authority.split_once('@').map_or(authority, |(_, server)| server);
    let mut encoded = rest.split('%').skip(1).map(str::as_bytes);
    rest.bytes().all(|byte| byte.is_ascii_graphic())
        && encoded.all(|rest| rest.len() >= 2 && rest[..2].iter().all(u8::is_ascii_hexdigit) && rest[..2] != *b"00")
        && !server.contains('@')
        && !after.contains('@')
        && after
            .split_once('?')
            .is_none_or(|(_, query)| query.split('&').all(|pair| pair.contains('=')))
        && server.split(',').all(is_server)
}

/// A host or nothing, and perhaps a port.
fn is_server(text: &str) -> bool {
    let port = match text.strip_prefix('[') {
        Some(address) => match address.split_once(']') {
            Some((_, port)) => port,
            None => return false,
        },
        None => text.find(':').map_or("", |colon| &text[colon..]),
    };
    port.is_empty()
        || port
            .strip_prefix(':')
            .is_some_and(|port| port.is_empty() || port.parse::<u16>().is_ok())
}

/// The URL without its password, for people.
impl fmt::Display for Database {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(out, "sqlite://{}", path.display()),
            Self::Postgres(url) => out.write_str(&without_password(url.expose())),
        }
    }
}

/// libpq takes a password before the `@` and as a parameter.
fn without_password(url: &str) -> String {
    let (address, parameters) = url
        .split_once('?')
        .map_or((url, None), |(address, rest)| (address, Some(rest)));
    let (scheme, rest) = address.split_once("://").unwrap_or(("", address));
    let address = match rest.rsplit_once('@') {
        Some((user, host)) => match user.split_once(':') {
            Some((name, _)) => format!("{scheme}://{name}:(hidden)@{host}"),
            None => format!("{scheme}://{user}@{host}"),
        },
        None => format!("{scheme}://{rest}"),
    };
    let Some(parameters) = parameters else { return address };
    let shown: Vec<String> = parameters
        .split('&')
        .map(|parameter| match parameter.split_once('=') {
            Some((name, _)) if name.to_ascii_lowercase().contains("pass") => format!("{name}=(hidden)"),
            _ => parameter.to_owned(),
        })
        .collect();
    format!("{address}?{}", shown.join("&"))
}

#[cfg(test)]
mod tests {
    use super::{is_plain, without_password};

    #[test]
    fn only_what_the_client_library_reads_is_taken() {
        for good in [
            "me:pw@db/latchkey",
            "db",
            "/x?host=/run/postgresql",
            "me@[2001:db8::1]:5432/x?sslmode=verify-full",
            "me:p%40ss%2Fw%25@one:5432,two/x?options=-c%20a%3Db",
            "me:!$&'()*+,;=-._~@db:/x",
            "%2Frun%2Fpostgresql/x",
        ] {
            assert!(is_plain(good), "{good}");
        }
        for bad in [
            "me:100%sure@db/x",
            "me:p%0@db/x",
            "me:p%00w@db/x",
            "me:p/w@db/x",
            "me:p@w@db/x",
            "me:p?w@db/x",
            "me:p#w@db/x",
            "me:p w@db/x",
            "me:pé@db/x",
            "me:pw@[::1/x",
            "me:pw@[::1]x/x",
            "db/x?password=100%",
            "db/x?password=p&w",
            "db:port/x",
        ] {
            assert!(!is_plain(bad), "{bad}");
        }
    }

    #[test]
    fn no_password_is_shown_wherever_it_stands() {
        for (url, shown) in [
            ("postgres://me:pw@db/latchkey", "postgres://me:(hidden)@db/latchkey"),
            (
                "postgres://me:p%40ss:w@db:5432/x?sslmode=require",
                "postgres://me:(hidden)@db:5432/x?sslmode=require",
            ),
            (
                "postgresql://me@db/x?password=pw&a=b",
                "postgresql://me@db/x?password=(hidden)&a=b",
            ),
            (
                "postgresql:///x?host=/run/postgresql",
                "postgresql:///x?host=/run/postgresql",
            ),
        ] {
            assert_eq!(without_password(url), shown);
        }
    }
}
