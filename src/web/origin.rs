//! The panel's public address, and which `Host` a request may name.
//!
//! Links, cookies and the check of the `Origin` header are made from the configured address, never from the request.

use std::{fmt, net::IpAddr};

use actix_web::{dev::ServiceRequest, http::header};

/// Where visitors reach the panel: scheme, host and port (RFC 6454).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    https: bool,
    host: String,
    port: u16,
}

/// Why a text is not an [`Origin`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// Neither `http://` nor `https://` stands in front.
    #[error("it must start with http:// or https://")]
    Scheme,
    /// The host is empty or holds characters that no host name has.
    #[error("the host is not a name or an address")]
    Host,
    /// The port is no number from 1 to 65535.
    #[error("the port is not a number from 1 to 65535")]
    Port,
    /// Something stands behind the host and the port.
    #[error("it must end after the host and the port: no path, no user name")]
    Trailing,
}

impl Origin {
    /// Reads `https://panel.example` or `http://127.0.0.1:8080`; one `/` at the end is taken off.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        let lower = text.trim().to_ascii_lowercase();
        let (https, rest) = if let Some(rest) = lower.strip_prefix("https://") {
            (true, rest)
        } else {
            (false, lower.strip_prefix("http://").ok_or(OriginError::Scheme)?)
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains(['/', '?', '#', '@', '\\']) {
            return Err(OriginError::Trailing);
        }
        let (host, port) = split_authority(authority).ok_or(OriginError::Host)?;
        let port = match port {
            None => {
                if https {
                    443
                } else {
                    80
                }
            }
            Some(port) => port.parse().ok().filter(|port| *port != 0).ok_or(OriginError::Port)?,
        };
        Ok(Self {
            https,
            host: host.to_owned(),
            port,
        })
    }

    /// Whether visitors come over TLS; then cookies are `Secure`.
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// The host in lower case, IPv6 in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether only this machine can reach it, as on a trial.
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost" || address(&self.host).is_some_and(|ip| ip.is_loopback())
    }

    /// The full address of `path`, which starts with `/`.
    pub fn url(&self, path: &str) -> String {
        format!("{self}{path}")
    }
}

/// As browsers write it in the `Origin` header: no port where it is the scheme's own.
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (scheme, usual) = if self.https { ("https", 443) } else { ("http", 80) };
        write!(f, "{scheme}://{}", self.host)?;
        if self.port == usual {
            Ok(())
        } else {
            write!(f, ":{}", self.port)
        }
    }
}

/// Host and port of `authority`, the host kept as written; `None` if it is no host (`a b`, `[::1`, empty).
fn split_authority(authority: &str) -> Option<(&str, Option<&str>)> {
    let end = match authority.strip_prefix('[') {
        Some(rest) => rest.find(']')? + 2,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (host, rest) = authority.split_at(end);
    let named = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    let valid = if host.starts_with('[') {
        address(host).is_some()
    } else {
        !host.is_empty() && host.len() <= 253 && host.bytes().all(named)
    };
    let port = match rest.strip_prefix(':') {
        Some(port) if port.bytes().all(|byte| byte.is_ascii_digit()) => Some(port),
        None if rest.is_empty() => None,
        _ => return None,
    };
    valid.then_some((host, port))
}

fn address(host: &str) -> Option<IpAddr> {
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    match bare {
        Some(six) => six.parse().ok().filter(IpAddr::is_ipv6),
        None => host.parse().ok().filter(IpAddr::is_ipv4),
    }
}

/// Whether a request may name `host` (with or without a port): the origin's host or one of `others`. While the origin
/// is loopback, which is a trial, any IP address and `localhost` will do: a name is what an attacker needs to make a
/// visitor's browser take our pages for his (DNS rebinding).
pub(super) fn accepts(origin: &Origin, others: &[String], host: &str) -> bool {
    let Some((host, _)) = split_authority(host) else {
        return false;
    };
    let same = |other: &str| host.eq_ignore_ascii_case(other);
    same(origin.host())
        || others.iter().any(|other| same(other))
        || origin.is_loopback() && (same("localhost") || address(host).is_some())
}

/// Whether everything that names a host in this request names one that is ours: the `Host` header and, where the
/// request line has one, the absolute form's (RFC 9112 3.2.2).
pub(super) fn is_ours(request: &ServiceRequest, origin: &Origin, others: &[String]) -> bool {
    let header = request
        .headers()
        .get(header::HOST)
        .and_then(|value| value.to_str().ok());
    let line = request.uri().authority().map(actix_web::http::uri::Authority::as_str);
    header.is_some_and(|host| accepts(origin, others, host)) && line.is_none_or(|host| accepts(origin, others, host))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(text: &str) -> Origin {
        Origin::parse(text).expect("an origin")
    }

    #[test]
    fn origins_are_read_and_written() {
        for (text, shown) in [
            ("https://Panel.Example", "https://panel.example"),
            ("https://panel.example:443/", "https://panel.example"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://[::1]:80", "http://[::1]"),
        ] {
            assert_eq!(origin(text).to_string(), shown);
        }
        assert_eq!(
            origin("https://panel.example:8443").url("/tokens"),
            "https://panel.example:8443/tokens"
        );
    }

    #[test]
    fn other_texts_are_refused() {
        for (text, error) in [
            ("panel.example", OriginError::Scheme),
            ("ftp://panel.example", OriginError::Scheme),
            ("https://", OriginError::Host),
            ("https://a b", OriginError::Host),
            ("https://[::1", OriginError::Host),
            ("https://panel.example:x", OriginError::Host),
            ("https://panel.example:0", OriginError::Port),
            ("https://panel.example:70000", OriginError::Port),
            ("https://panel.example/panel", OriginError::Trailing),
            ("https://me@panel.example", OriginError::Trailing),
        ] {
            assert_eq!(Origin::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn only_our_hosts_are_accepted() {
        let (panel, others) = (origin("https://panel.example"), ["panel.internal".to_owned()]);
        for host in ["panel.example", "PANEL.example:8443", "panel.internal"] {
            assert!(accepts(&panel, &others, host), "{host}");
        }
        for host in [
            "",
            "evil.example",
            "panel.example.evil.example",
            "x y",
            "panel.example:a",
            "127.0.0.1",
            "localhost",
        ] {
            assert!(!accepts(&panel, &others, host), "{host}");
        }
    }

    #[test]
    fn a_trial_is_reached_by_address_but_not_by_another_name() {
        for host in ["localhost:8080", "127.0.0.1:9000", "[::1]:8080", "192.168.1.5:8080"] {
            assert!(accepts(&origin("http://127.0.0.1:8080"), &[], host), "{host}");
        }
        for host in [
            "evil.example:8080",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "[evil]",
        ] {
            assert!(!accepts(&origin("http://localhost:8080"), &[], host), "{host}");
        }
    }
}
