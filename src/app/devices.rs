//! Browsers that have signed in to a login before: what they keep to show it.
//!
//! A browser keeps a text of up to four marks, one a login, `id.mac`. The id is random; the MAC binds it to the login,
//! so that a mark says nothing about any other, and nobody makes one without having signed in.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use subtle::ConstantTimeEq;

use super::App;
use crate::domain::{id::LoginId, secret::DigestKey};

/// Marks that one browser keeps.
const MARKS: usize = 4;
/// Characters of a mark's id: 131 bits.
const ID_LENGTH: usize = 22;
/// Bytes of a mark's MAC.
const MAC_BYTES: usize = 16;
/// Says in the input of the MAC what it is for.
const PURPOSE: &[u8] = b"latchkey device v1\0";

/// The id under which a browser that keeps `marks` is known to a login.
pub(super) fn known(app: &App, marks: &str, login: LoginId) -> Option<String> {
    parse(marks)
        .into_iter()
        .find(|(id, mac)| mac.as_bytes().ct_eq(mac_of(app, login, id).as_bytes()).into())
        .map(|(id, _)| id.to_owned())
}

/// What the browser is to keep from now on, the mark of `login` first.
pub(super) fn remember(app: &App, marks: &str, login: LoginId) -> String {
    let id = known(app, marks, login).unwrap_or_else(|| app.clock.random_base62(ID_LENGTH));
    let own = format!("{id}.{}", mac_of(app, login, &id));
    let others = parse(marks).into_iter().filter(|(other, _)| *other != id);
    let others = others.take(MARKS - 1).map(|(id, mac)| format!("{id}.{mac}"));
    std::iter::once(own).chain(others).collect::<Vec<_>>().join("~")
}

/// The marks that have the right shape, a few at most: what a browser sends is anybody's to write.
fn parse(marks: &str) -> Vec<(&str, &str)> {
    let plain = |text: &str| {
        let mut bytes = text.bytes();
        bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    let shaped = |(id, mac): &(&str, &str)| id.len() == ID_LENGTH && plain(id) && mac.len() == 22 && plain(mac);
    let pairs = marks.split('~').take(MARKS).filter_map(|mark| mark.split_once('.'));
    pairs.filter(shaped).collect()
}

fn mac_of(app: &App, login: LoginId, id: &str) -> String {
    let key = DigestKey::new(app.keyring().derive("device cookie"));
    let mac = key.mac([PURPOSE, format!("{}\0{id}", login.0).as_bytes()]);
    URL_SAFE_NO_PAD.encode(&mac[..MAC_BYTES])
}
