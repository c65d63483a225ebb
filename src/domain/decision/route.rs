//! Why a request belongs to no route of the catalogue.

use std::fmt;

/// Why the catalogue has no route for a request: it does not know it, or the path could mean something else to the
/// service that is to answer it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RouteRefusal {
    /// The host is not written as a host name or address.
    MalformedHost,
    /// No service answers on this host, nor any service on every host.
    UnknownHost,
    /// The path is longer than the catalogue looks at.
    PathTooLong,
    /// The path does not begin with a slash.
    NotAbsolute,
    /// A `%` without two hexadecimal digits, or one that is itself encoded and would mean something when read twice.
    BadEncoding,
    /// A slash as `%2F`: one segment to us, two to others.
    EncodedSlash,
    /// A backslash, also encoded: some services take it for a slash.
    Backslash,
    /// A segment `.` or `..`, also encoded.
    DotSegment,
    /// Two slashes in a row, or one at the end.
    EmptySegment,
    /// A semicolon, also encoded: some services cut a segment there.
    Semicolon,
    /// A control character, also encoded.
    ControlCharacter,
    /// A character outside ASCII, also encoded: services differ in what they read it as.
    NonAscii,
    /// A character that may not stand in a path as it is (RFC 3986, section 3.3).
    ForbiddenCharacter,
    /// A good path that no route has.
    UnknownPath,
    /// A path that a route has, with another method.
    UnknownMethod,
}

impl RouteRefusal {
    /// The code in answers and logs. It never changes.
    pub fn code(self) -> &'static str {
        match self {
            Self::MalformedHost => "malformed-host",
            Self::UnknownHost => "unknown-host",
            Self::PathTooLong => "path-too-long",
            Self::NotAbsolute => "path-not-absolute",
            Self::BadEncoding => "bad-encoding",
            Self::EncodedSlash => "encoded-slash",
            Self::Backslash => "backslash",
            Self::DotSegment => "dot-segment",
            Self::EmptySegment => "empty-segment",
            Self::Semicolon => "semicolon",
            Self::ControlCharacter => "control-character",
            Self::NonAscii => "non-ascii",
            Self::ForbiddenCharacter => "forbidden-character",
            Self::UnknownPath => "unknown-path",
            Self::UnknownMethod => "unknown-method",
        }
    }
}

impl fmt::Display for RouteRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}
