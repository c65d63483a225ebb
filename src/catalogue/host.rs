//! Host names as requests and the catalogue name them.

use std::{borrow::Cow, net::Ipv6Addr};

/// Longest host name (RFC 1035, section 2.3.4, without the dot at the end).
const MAX_NAME: usize = 253;

/// The one form of a `Host` value: lower case, without a port and without a dot at the end; an IPv6 address in its
/// canonical form and in brackets. None: it is not written as a host.
pub(super) fn normalise(raw: &str) -> Option<Cow<'_, str>> {
    if let Some(rest) = raw.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        let address: Ipv6Addr = address.parse().ok()?;
        return (port.is_empty() || is_port(port.strip_prefix(':')?)).then(|| Cow::Owned(format!("[{address}]")));
    }
    let name = match raw.split_once(':') {
        Some((name, port)) => is_port(port).then_some(name)?,
        None => raw,
    };
    let name = name.strip_suffix('.').unwrap_or(name);
    let is_good = name.len() <= MAX_NAME && name.split('.').all(is_label);
    is_good.then(|| {
        if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(name.to_ascii_lowercase())
        } else {
            Cow::Borrowed(name)
        }
    })
}

/// The underscore is not for hosts, but some internal names have one.
fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

fn is_port(port: &str) -> bool {
    port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_form_for_equal_hosts() {
        for (raw, host) in [
            ("dns.hosting.example", "dns.hosting.example"),
            ("DNS.Hosting.Example.:8443", "dns.hosting.example"),
            ("192.0.2.7:80", "192.0.2.7"),
            ("[2001:DB8:0::1]:443", "[2001:db8::1]"),
            ("[::1]", "[::1]"),
        ] {
            assert_eq!(normalise(raw).as_deref(), Some(host), "{raw}");
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        let long = "a.".repeat(127) + "a";
        for raw in [
            "", ".", ":80", "a..b", "a b", "a/b", "u@a", "a:", "a:+1", "a:99999", "a:b:c", "[::1", "[a]", "[::1]x",
        ]
        .into_iter()
        .chain([long.as_str(), "caf\u{e9}.example", "a\0"])
        {
            assert_eq!(normalise(raw), None, "{raw:?}");
        }
    }
}
