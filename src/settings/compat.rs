//! On which further sockets the compatible interfaces are offered, and with which certificate.

use std::{
    fmt,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use super::{
    parse,
    values::{Given, Values},
};

/// Which functions a socket has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// `cpanel`: those of an account.
    Account,
    /// `whm`: those of staff.
    Server,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Account => "cpanel",
            Self::Server => "whm",
        })
    }
}

/// One socket: `cpanel 0.0.0.0:2083 tls`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CompatListener {
    /// Which functions it has.
    pub side: Side,
    /// Where it listens. Port 0 lets the system choose one.
    pub address: SocketAddr,
    /// Whether connections are encrypted.
    pub tls: bool,
}

impl fmt::Display for CompatListener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} {}{}",
            self.side,
            self.address,
            if self.tls { " tls" } else { "" }
        )
    }
}

/// A certificate of the operator's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateFiles {
    /// The chain of certificates, the server's own first, as PEM.
    pub certificate: PathBuf,
    /// Its private key, as PEM.
    pub key: PathBuf,
}

impl CertificateFiles {
    /// Where the certificate stands that is made when there is none.
    pub fn in_folder(data: &Path) -> Self {
        Self {
            certificate: data.join("compat.crt"),
            key: data.join("compat.key"),
        }
    }
}

/// The sockets of the compatible interfaces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CompatSettings {
    /// `compat.listen`: the sockets; empty: the interfaces are only offered where the panel is.
    pub listen: Vec<CompatListener>,
    /// `compat.certificate` and `compat.key`. `None`: one of our own.
    pub certificate: Option<CertificateFiles>,
}

impl CompatSettings {
    pub(super) fn read(values: &mut Values<'_>) -> Self {
        let listen = values.read("compat.listen", listeners);
        let certificate = values.read_optional("compat.certificate", parse::path);
        let key = values.read_optional("compat.key", parse::path);
        for (key, given, other) in [
            ("compat.certificate", certificate.is_some(), "compat.key"),
            ("compat.key", key.is_some(), "compat.certificate"),
        ] {
            if given && !values.was_given(other) {
                values.refuse(key, &format!("{other} is missing. Set both, or neither."));
            }
        }
        let files = certificate.zip(key);
        Self {
            listen,
            certificate: files.map(|(certificate, key)| CertificateFiles { certificate, key }),
        }
    }
}

fn listeners(given: &Given) -> Result<Vec<CompatListener>, String> {
    let items = given.text.split(',').map(str::trim).filter(|item| !item.is_empty());
    items.map(listener).collect()
}

fn listener(item: &str) -> Result<CompatListener, String> {
    let words: Vec<&str> = item.split_ascii_whitespace().collect();
    let (side, address, tls) = match words[..] {
        [side, address] => (side, address, false),
        [side, address, "tls"] => (side, address, true),
        _ => ("", "", false),
    };
    let side = match side {
        "cpanel" => Some(Side::Account),
        "whm" => Some(Side::Server),
        _ => None,
    };
    side.zip(address.parse().ok())
        .map(|(side, address)| CompatListener { side, address, tls })
        .ok_or_else(|| {
            format!(
                "“{item}” must be cpanel or whm, an address and a port, and tls where connections are encrypted, such as \
                 cpanel 0.0.0.0:2083 tls."
            )
        })
}

#[cfg(test)]
mod tests {
    use super::{super::fault::Source, *};

    #[test]
    fn a_socket_is_a_side_an_address_and_tls() {
        let read = |text: &str| listeners(&Given::new(text, Source::Default));
        let text = "cpanel 0.0.0.0:2083 tls, whm [::]:2086";
        let shown: Vec<String> = read(text).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["cpanel 0.0.0.0:2083 tls", "whm [::]:2086"]);
        assert_eq!(read("").unwrap(), []);
        for wrong in [
            "cpanel",
            "cpanel 2083",
            "plesk 0.0.0.0:1",
            "whm 0.0.0.0:1 ssl",
            "whm 0.0.0.0:1 tls x",
        ] {
            assert!(read(wrong).unwrap_err().contains(wrong), "{wrong}");
        }
    }
}
