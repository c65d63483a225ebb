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
            "postgres" | "postgresql" => Ok(Self::Postgres(SecretText::new(url.as_str()))),
            _ => Err(format!("the scheme “{scheme}://” is not known. Use {FORMS}.")),
        }
    }
}

const FORMS: &str = "sqlite:///absolute/path, sqlite://relative/path or postgres://user@host/name";

/// The URL without its password, for people.
impl fmt::Display for Database {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(out, "sqlite://{}", path.display()),
            Self::Postgres(url) => out.write_str(&without_password(url.expose())),
        }
    }
}

/// libpq takes a password before the `@` and as a parameter; an unescaped `@` belongs to the password, so the last one counts.
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
    use super::without_password;

    #[test]
    fn no_password_is_shown_wherever_it_stands() {
        for (url, shown) in [
            ("postgres://me:pw@db/latchkey", "postgres://me:(hidden)@db/latchkey"),
            (
                "postgres://me:p@ss:w@db:5432/x?sslmode=require",
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
