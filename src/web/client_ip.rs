//! Who is asking: the TCP peer, or, when the peer is one of our proxies, the address that the proxies saw.
//!
//! `X-Forwarded-For` is read from the right, because each proxy appends the address of its own peer; whatever a client
//! wrote itself stands further left. `Forwarded`, `X-Real-IP` and every other such header is ignored (ASVS 4.1.3).

use std::{
    future::{Ready, ready},
    net::{IpAddr, SocketAddr},
};

use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    dev::Payload,
    http::header::{HeaderMap, HeaderName},
};
use ipnet::IpNet;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address that a request comes from. An IPv4 address written as IPv6 (`::ffff:192.0.2.1`) is IPv4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientIp(pub IpAddr);

impl FromRequest for ClientIp {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let client = request.extensions().get::<Self>().copied();
        ready(client.ok_or_else(|| actix_web::error::ErrorInternalServerError("the request has not passed the edge")))
    }
}

/// Whether `peer` is one of the proxies in `trusted`.
pub(super) fn is_trusted(peer: IpAddr, trusted: &[IpNet]) -> bool {
    let peer = peer.to_canonical();
    trusted.iter().any(|net| net.contains(&peer))
}

/// The client's address, given the TCP peer's. An entry that is no address ends the reading: what stands left of it was
/// not written by a proxy of ours, so the nearest address that we know is the answer.
pub fn client_ip(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> ClientIp {
    let mut nearest = peer.to_canonical();
    if !is_trusted(nearest, trusted) {
        return ClientIp(nearest);
    }
    for hop in hops(headers) {
        let Some(address) = hop else { break };
        nearest = address;
        if !is_trusted(nearest, trusted) {
            break;
        }
    }
    ClientIp(nearest)
}

/// The address that a peer asks for on behalf of somebody else. The peer is believed without being in `trusted`; none
/// when it names nobody, or when what it names is no address: it never stands for the client itself.
pub(super) fn asked_for(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> Option<IpAddr> {
    let peer = peer.to_canonical();
    let mut farthest = None;
    for hop in hops(headers) {
        let address = hop?;
        farthest = Some(address);
        if address != peer && !is_trusted(address, trusted) {
            break;
        }
    }
    farthest
}

/// The entries of `X-Forwarded-For` from the right; none for what is no address.
fn hops(headers: &HeaderMap) -> impl Iterator<Item = Option<IpAddr>> {
    headers
        .get_all(FORWARDED_FOR)
        .rev()
        .flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','))
        .map(parse_hop)
}

/// An address, with or without a port and brackets.
fn parse_hop(hop: &[u8]) -> Option<IpAddr> {
    let hop = std::str::from_utf8(hop).ok()?.trim_matches([' ', '\t']);
    let bare = hop
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(hop);
    let address = bare
        .parse::<IpAddr>()
        .ok()
        .or_else(|| hop.parse::<SocketAddr>().ok().map(|socket| socket.ip()));
    address.map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;
    use proptest::prelude::*;

    use super::*;

    fn from(peer: &str, lines: &[&str]) -> String {
        let trusted: Vec<IpNet> = ["10.0.0.0/8", "2001:db8:1::/48"]
            .iter()
            .map(|net| net.parse().expect("a range"))
            .collect();
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(
                FORWARDED_FOR,
                HeaderValue::from_bytes(line.as_bytes()).expect("a header value"),
            );
        }
        headers.insert(
            HeaderName::from_static("x-real-ip"),
            HeaderValue::from_static("192.0.2.66"),
        );
        headers.insert(
            HeaderName::from_static("forwarded"),
            HeaderValue::from_static("for=192.0.2.66"),
        );
        client_ip(peer.parse().expect("an address"), &headers, &trusted)
            .0
            .to_string()
    }

    #[test]
    fn strangers_say_nothing_about_themselves() {
        assert_eq!(from("192.0.2.1", &["198.51.100.9"]), "192.0.2.1");
        assert_eq!(from("::ffff:192.0.2.1", &["198.51.100.9"]), "192.0.2.1");
    }

    #[test]
    fn proxies_are_read_from_the_right() {
        assert_eq!(from("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(from("::ffff:10.0.0.1", &["192.0.2.7"]), "192.0.2.7");
        assert_eq!(
            from("10.0.0.1", &["1.1.1.1, 192.0.2.7"]),
            "192.0.2.7",
            "the client wrote 1.1.1.1"
        );
        assert_eq!(
            from("10.0.0.1", &["1.1.1.1", "192.0.2.7, 10.2.2.2"]),
            "192.0.2.7",
            "two lines, two proxies"
        );
        assert_eq!(from("2001:db8:1::5", &["2001:db8:9::1"]), "2001:db8:9::1");
        assert_eq!(
            from("10.0.0.1", &["10.3.3.3,10.2.2.2"]),
            "10.3.3.3",
            "all are ours: the farthest"
        );
    }

    #[test]
    fn ports_and_brackets_are_understood() {
        assert_eq!(from("10.0.0.1", &["192.0.2.7:4711"]), "192.0.2.7");
        assert_eq!(from("10.0.0.1", &["[2001:db8:9::1]:443"]), "2001:db8:9::1");
        assert_eq!(from("10.0.0.1", &["[2001:db8:9::1]"]), "2001:db8:9::1");
        assert_eq!(from("10.0.0.1", &["::ffff:192.0.2.7"]), "192.0.2.7");
    }

    #[test]
    fn what_is_no_address_ends_the_reading() {
        for odd in ["unknown", "", "192.0.2.300", "\u{e9}", "192.0.2.7 192.0.2.8", "127.1"] {
            assert_eq!(
                from("10.0.0.1", &[&format!("198.51.100.9, {odd}")]),
                "10.0.0.1",
                "{odd:?}"
            );
            assert_eq!(from("10.0.0.1", &[&format!("{odd}, 10.2.2.2")]), "10.2.2.2", "{odd:?}");
        }
    }

    #[test]
    fn whoever_asks_for_others_names_them() {
        let asked = |lines: &[&str]| {
            let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().expect("a range")];
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(FORWARDED_FOR, HeaderValue::from_str(line).expect("a header value"));
            }
            let gateway = "::ffff:192.0.2.1".parse().expect("an address");
            asked_for(gateway, &headers, &trusted).map(|address| address.to_string())
        };
        for (lines, client) in [
            (&["198.51.100.9"][..], "198.51.100.9"),
            (&["1.1.1.1, 198.51.100.9"], "198.51.100.9"),
            (&["1.1.1.1, 198.51.100.9, 192.0.2.1"], "198.51.100.9"),
            (&["1.1.1.1", "198.51.100.9, 10.2.2.2"], "198.51.100.9"),
            (&["unknown, 198.51.100.9"], "198.51.100.9"),
            (&["192.0.2.1"], "192.0.2.1"),
        ] {
            assert_eq!(asked(lines).as_deref(), Some(client), "{lines:?}");
        }
        for lines in [
            &[][..],
            &[""],
            &["unknown"],
            &["198.51.100.9, unknown"],
            &["198.51.100.9,"],
            &["unknown, 10.2.2.2"],
        ] {
            assert_eq!(asked(lines), None, "{lines:?}");
        }
    }

    proptest! {
        #[test]
        fn nothing_a_client_sends_moves_it(forged in "[ -~]{0,80}", client in any::<[u8; 4]>()) {
            let client = IpAddr::from(client);
            let trusted: Vec<IpNet> = vec!["10.0.0.0/8".parse().expect("a range")];
            prop_assume!(!is_trusted(client, &trusted));
            let mut headers = HeaderMap::new();
            headers.append(FORWARDED_FOR, HeaderValue::from_str(&format!("{forged}, {client}")).expect("a header value"));
            let proxy = "10.0.0.1".parse().expect("an address");
            prop_assert_eq!(client_ip(proxy, &headers, &trusted), ClientIp(client));
            prop_assert_eq!(client_ip(client, &headers, &trusted), ClientIp(client));
        }
    }
}
