//! Where a visitor may be sent from a parameter: to pages of ours alone (ASVS 5.0 3.7.2).

use percent_encoding::percent_decode_str;

/// Longest address that is followed: what a form's kept answers need, and no more.
const LONGEST: usize = 4_096;

/// `path` if it is the absolute path of a page of ours, with its parameters; otherwise `/`.
///
/// Browsers read `\` as `/` and pass over tabs and line ends, so that `/\evil.example` and `/%09/evil.example`, once
/// somebody decodes it, lead to another host: whatever could be read like that is refused.
pub fn local_path(path: &str) -> &str {
    let plain = path.len() <= LONGEST && path.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    let before_query = path.split(['?', '#']).next().unwrap_or_default();
    let decoded: Vec<u8> = percent_decode_str(before_query).collect();
    let stays = decoded.starts_with(b"/")
        && !decoded.windows(2).any(|pair| pair == b"//")
        && !decoded.iter().any(|byte| byte.is_ascii_control() || *byte == b'\\');
    if plain && stays { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_ours_are_kept() {
        for path in [
            "/",
            "/tokens",
            "/tokens/new?name=a%20b&days=90&back=//x",
            "/activity?q=https://x",
            "/a%20b",
        ] {
            assert_eq!(local_path(path), path);
        }
    }

    #[test]
    fn whatever_could_lead_elsewhere_is_refused() {
        for path in [
            "",
            "tokens",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "https:evil.example",
            "https://evil.example",
            "javascript:alert(1)",
            "/%09/evil.example",
            "/\t/evil.example",
            "/%2f/evil.example",
            "/%5cevil.example",
            "/a\r\nSet-Cookie: a=b",
            "/%0d%0aSet-Cookie:%20a=b",
            "/.//evil.example",
            "/caf\u{e9}",
            " /tokens",
            "///evil.example",
        ] {
            assert_eq!(local_path(path), "/", "{path:?}");
        }
        assert_eq!(local_path(&format!("/{}", "a".repeat(LONGEST))), "/");
    }
}
