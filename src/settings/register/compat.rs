//! The settings of the sockets of the compatible interfaces.

use super::{Fallback, Kind, Setting};

pub(super) const LISTEN: Setting = Setting {
    key: "compat.listen",
    kind: Kind::List,
    fallback: Fallback::Text(""),
    example: "cpanel 0.0.0.0:2083 tls, whm 0.0.0.0:2087 tls",
    about: "Further addresses for programs that were written for cPanel or WHM: cpanel or whm, an address and a port, and \
            tls where connections are encrypted.",
    secret: false,
    show: |settings| {
        let sockets: Vec<String> = settings.compat.listen.iter().map(ToString::to_string).collect();
        sockets.join(", ")
    },
};

pub(super) const CERTIFICATE: Setting = Setting {
    key: "compat.certificate",
    kind: Kind::Text,
    fallback: Fallback::Computed("one of its own, made at the first start and kept in the data folder"),
    example: "/etc/latchkey/fullchain.pem",
    about: "The certificate for compat.listen, with its chain, as a PEM file.",
    secret: false,
    show: |settings| {
        let files = settings.compat.certificate.as_ref();
        files.map_or_else(String::new, |files| files.certificate.display().to_string())
    },
};

pub(super) const KEY: Setting = Setting {
    key: "compat.key",
    kind: Kind::Text,
    fallback: Fallback::Computed("that of the certificate of its own"),
    example: "/etc/latchkey/privkey.pem",
    about: "The private key of compat.certificate, as a PEM file.",
    secret: false,
    show: |settings| {
        let files = settings.compat.certificate.as_ref();
        files.map_or_else(String::new, |files| files.key.display().to_string())
    },
};
