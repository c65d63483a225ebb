//! Something that is the same for everybody, and how it is sent: compressed once, and not at all to whoever has it.
//!
//! Knows neither where it comes from nor what it is.

use std::{io::Write, sync::OnceLock};

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::header::{self, HeaderMap},
    web::Bytes,
};
use sha2::{Digest, Sha256};

/// Bytes with what sets them apart, and compressed.
#[derive(Debug)]
pub struct Packed {
    content_type: &'static str,
    /// Weak, because it is the same for each encoding (RFC 9110 8.8.1).
    etag: String,
    plain: Bytes,
    smaller: OnceLock<Smaller>,
}

/// Each form that is smaller than the plain one.
#[derive(Debug, Default)]
struct Smaller {
    gzip: Option<Bytes>,
    brotli: Option<Bytes>,
}

impl Packed {
    /// Bytes of a type. They are compressed when that is first needed, or by [`Packed::pack`].
    pub fn new(content_type: &'static str, plain: Bytes) -> Self {
        Self {
            content_type,
            etag: format!("W/\"{}\"", hex(&Sha256::digest(&plain)[..8])),
            plain,
            smaller: OnceLock::new(),
        }
    }

    /// Their type.
    pub fn content_type(&self) -> &'static str {
        self.content_type
    }

    /// The bytes as they are.
    pub fn plain(&self) -> &Bytes {
        &self.plain
    }

    /// Compresses them, which takes long: so that whoever asks need not wait.
    pub fn pack(&self) {
        self.smaller();
    }

    fn smaller(&self) -> &Smaller {
        self.smaller.get_or_init(|| {
            // Pictures are compressed already, but for those that are text.
            if self.content_type.starts_with("image/") && self.content_type != "image/svg+xml" {
                return Smaller::default();
            }
            let smaller = |bytes: Vec<u8>| (bytes.len() < self.plain.len()).then(|| Bytes::from(bytes));
            Smaller {
                gzip: smaller(gzip(&self.plain)),
                brotli: smaller(brotli(&self.plain)),
            }
        })
    }

    /// The response to a request with these headers: the smallest form that it takes, or that it has it already.
    pub fn response(&self, headers: &HeaderMap, caching: &'static str) -> HttpResponse {
        let (mut response, known) = tagged(headers, &self.etag, caching);
        response
            .insert_header((header::VARY, "Accept-Encoding"))
            .content_type(self.content_type);
        if known {
            return response.finish();
        }
        let (encoding, bytes) = self.chosen(text(headers, header::ACCEPT_ENCODING));
        if let Some(encoding) = encoding {
            response.insert_header((header::CONTENT_ENCODING, encoding));
        }
        response.body(bytes.clone())
    }

    fn chosen(&self, accepted: &str) -> (Option<&'static str>, &Bytes) {
        let (br, gz) = (accepts(accepted, "br"), accepts(accepted, "gzip"));
        if !br && !gz {
            return (None, &self.plain);
        }
        match self.smaller() {
            Smaller {
                brotli: Some(bytes), ..
            } if br => (Some("br"), bytes),
            Smaller { gzip: Some(bytes), .. } if gz => (Some("gzip"), bytes),
            _ => (None, &self.plain),
        }
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    writer
        .write_all(bytes)
        .and_then(|()| writer.finish())
        .expect("memory can be written")
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let mut writer = brotli::CompressorWriter::new(&mut packed, 4096, 11, 22);
    writer.write_all(bytes).expect("memory can be written");
    drop(writer);
    packed
}

fn text(headers: &HeaderMap, name: header::HeaderName) -> &str {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default()
}

/// Whether `Accept-Encoding` names `encoding` and does not forbid it (RFC 9110 12.5.3).
fn accepts(accepted: &str, encoding: &str) -> bool {
    accepted.split(',').any(|item| {
        let (name, weight) = item.split_once(';').unwrap_or((item, ""));
        let zero = weight
            .trim()
            .strip_prefix("q=")
            .is_some_and(|q| q.trim_end_matches(['0', '.']).is_empty());
        name.trim().eq_ignore_ascii_case(encoding) && !zero
    })
}

/// The beginning of a response with what `etag` marks, and whether whoever asks has it: then nothing more is sent.
pub(in crate::web) fn tagged(headers: &HeaderMap, etag: &str, caching: &'static str) -> (HttpResponseBuilder, bool) {
    let known = is_known(headers, etag);
    let mut response = if known {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    response
        .insert_header((header::CACHE_CONTROL, caching))
        .insert_header((header::ETAG, etag));
    (response, known)
}

/// Whether whoever asks has what `etag` marks (RFC 9110, section 13.1.2).
fn is_known(headers: &HeaderMap, etag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let known = text(headers, header::IF_NONE_MATCH);
    known.split(',').any(|tag| bare(tag) == bare(etag))
}

/// The bytes as hexadecimal digits.
pub(in crate::web) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodings_are_chosen_as_the_client_asks() {
        for accepted in ["br", "gzip, br", "gzip;q=0.5, BR;q=0.1"] {
            assert!(accepts(accepted, "br"), "{accepted}");
        }
        for accepted in ["", "gzip", "br;q=0", "br;q=0.000", "brotli"] {
            assert!(!accepts(accepted, "br"), "{accepted}");
        }
    }
}
