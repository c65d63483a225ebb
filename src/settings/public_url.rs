//! The address that visitors type, as a browser writes an origin (RFC 6454 section 6.2).

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

/// Scheme, host and port in canonical form: lower case, no default port, no slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicUrl {
    origin: String,
    https: bool,
    host: String,
}

impl PublicUrl {
    /// Where a server that listens on `address` is found from the same machine.
    pub fn of_listener(address: SocketAddr) -> Self {
        let ip = match address.ip() {
            IpAddr::V4(ip) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
            IpAddr::V6(ip) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
            ip => ip,
        };
        let host = match ip {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        };
        Self::canonical(false, &host, Some(address.port()))
    }

    /// Reads `text`. What is wrong comes back as a sentence that says what to do.
    pub fn parse(text: &str) -> Result<Self, String> {
        let lower = text.to_ascii_lowercase();
        let (https, authority) = match lower.split_once("://") {
            Some(("https", rest)) => (true, rest),
            Some(("http", rest)) => (false, rest),
            _ => return Err(format!("“{text}” must begin with https:// or http://.")),
        };
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        if authority.contains(['/', '?', '#', '@']) {
            return Err(format!(
                "“{text}” must end after the host and port. Latchkey has a host of its own."
            ));
        }
        let (host, port) = split_port(authority).ok_or_else(|| format!("“{text}” has a wrong port."))?;
        if !is_host(host) {
            return Err(format!(
                "“{text}” has no host name or address that a browser would send. Write a name with other than \
                 English letters in its xn-- form."
            ));
        }
        Ok(Self::canonical(https, host, port))
    }

    fn canonical(https: bool, host: &str, port: Option<u16>) -> Self {
        let (scheme, default_port) = if https { ("https", 443) } else { ("http", 80) };
        let origin = match port {
            Some(port) if port != default_port => format!("{scheme}://{host}:{port}"),
            _ => format!("{scheme}://{host}"),
        };
        Self {
            origin,
            https,
            host: host.to_owned(),
        }
    }

    /// The origin, without a slash at the end: append a path to get a link, compare with `Origin` as it is.
    pub fn as_str(&self) -> &str {
        &self.origin
    }

    /// The host alone, an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether visitors come over TLS, so that cookies must be `Secure`.
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// Whether only the machine itself can be meant.
    pub fn is_loopback(&self) -> bool {
        let bare = self.host.trim_start_matches('[').trim_end_matches(']');
        self.host == "localhost"
            || self.host.ends_with(".localhost")
            || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.origin)
    }
}

fn split_port(authority: &str) -> Option<(&str, Option<u16>)> {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => Some((host, Some(port.parse().ok()?))),
        _ => Some((authority, None)),
    }
}

fn is_host(host: &str) -> bool {
    if let Some(address) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().is_ok();
    }
    let label = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    };
    host.len() <= 253 && host.strip_suffix('.').unwrap_or(host).split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::PublicUrl;

    #[test]
    fn what_people_type_becomes_what_browsers_send() {
        for (typed, origin) in [
            ("https://Panel.Example.com/", "https://panel.example.com"),
            ("https://panel.example.com:443", "https://panel.example.com"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://[::1]:80", "http://[::1]"),
        ] {
            assert_eq!(PublicUrl::parse(typed).unwrap().as_str(), origin);
        }
    }

    #[test]
    fn anything_but_an_origin_is_refused() {
        for typed in [
            "panel.example.com",
            "ftp://panel.example.com",
            "https://",
            "https://panel.example.com/panel",
            "https://me@panel.example.com",
            "https://panel.example.com:99999",
            "https://panel example.com",
            "https://[::1",
            "https://höst.example",
        ] {
            assert!(PublicUrl::parse(typed).is_err(), "{typed}");
        }
    }

    #[test]
    fn loopback_is_told_from_the_network() {
        for (url, loopback) in [
            ("http://localhost:8080", true),
            ("http://127.9.9.9", true),
            ("http://[::1]:1", true),
            ("http://10.0.0.1", false),
            ("http://localhost.example.com", false),
        ] {
            assert_eq!(PublicUrl::parse(url).unwrap().is_loopback(), loopback, "{url}");
        }
        assert_eq!(
            PublicUrl::of_listener("0.0.0.0:81".parse().unwrap()).as_str(),
            "http://127.0.0.1:81"
        );
    }
}
