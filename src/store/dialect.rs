//! The few statements that diesel's two-database connection cannot carry: one body, run on the concrete connection.

/// Runs `$body` with `$inner` bound to the concrete connection of either database, for upserts and batches.
macro_rules! on_backend {
    ($connection:expr, $inner:ident => $body:expr) => {
        match $connection {
            $crate::store::connection::DbConnection::Sqlite($inner) => $body,
            $crate::store::connection::DbConnection::Postgres($inner) => $body,
        }
    };
}
pub(super) use on_backend;

/// A `LIKE` pattern that finds `text` anywhere; `\` is the escape character, so that `%` and `_` mean themselves.
pub(super) fn contains_pattern(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

#[cfg(test)]
mod tests {
    use super::contains_pattern;

    #[test]
    fn wildcards_in_a_search_mean_themselves() {
        assert_eq!(contains_pattern(r"50%_a\b"), r"%50\%\_a\\b%");
    }
}
