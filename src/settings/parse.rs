//! From the text of a setting to its value. Each error is a sentence that says what to write instead.

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    num::NonZeroUsize,
    path::PathBuf,
};

use ipnet::IpNet;
use tracing_subscriber::EnvFilter;

use super::{public_url::PublicUrl, secret_text::SecretText, values::Given};
use crate::clock::TimeZone;

const MOST_WORKERS: usize = 256;

/// How a line of the log looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line, for programs.
    Json,
}

impl fmt::Display for LogFormat {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Text => "text",
            Self::Json => "json",
        })
    }
}

pub(super) fn listen(given: &Given) -> Result<SocketAddr, String> {
    given.text.parse().map_err(|_| {
        format!(
            "“{}” must be an address and a port, such as 127.0.0.1:8080, 0.0.0.0:8080 or [::]:8080.",
            given.text
        )
    })
}

pub(super) fn path(given: &Given) -> Result<PathBuf, String> {
    if given.text.is_empty() {
        return Err("the path is empty. Write one, or remove the setting.".to_owned());
    }
    Ok(given.path())
}

pub(super) fn public_url(given: &Given) -> Result<PublicUrl, String> {
    PublicUrl::parse(&given.text)
}

pub(super) fn networks(given: &Given) -> Result<Vec<IpNet>, String> {
    let items = given.text.split(',').map(str::trim).filter(|item| !item.is_empty());
    items
        .map(|item| {
            let address = item.parse::<IpAddr>().map(IpNet::from);
            let network = address.or_else(|_| item.parse::<IpNet>());
            network
                .map(|network| network.trunc())
                .map_err(|_| format!("“{item}” must be an address or a network, such as 127.0.0.1 or 10.0.0.0/8."))
        })
        .collect()
}

pub(super) fn workers(given: &Given) -> Result<NonZeroUsize, String> {
    match given.text.parse::<NonZeroUsize>() {
        Ok(workers) if workers.get() <= MOST_WORKERS => Ok(workers),
        _ => Err(format!("“{}” must be a number from 1 to {MOST_WORKERS}.", given.text)),
    }
}

pub(super) fn log_filter(given: &Given) -> Result<String, String> {
    match EnvFilter::builder().parse(&given.text) {
        Ok(_) if !given.text.is_empty() => Ok(given.text.clone()),
        _ => Err(format!(
            "“{}” must be a level (error, warn, info, debug, trace) or a list such as warn,latchkey=debug.",
            given.text
        )),
    }
}

pub(super) fn log_format(given: &Given) -> Result<LogFormat, String> {
    match given.text.as_str() {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        other => Err(format!("“{other}” must be text or json.")),
    }
}

pub(super) fn time_zone(given: &Given) -> Result<TimeZone, String> {
    given.text.parse().map_err(|_| {
        format!(
            "“{}” must be the name of an IANA time zone, such as UTC or Asia/Kolkata.",
            given.text
        )
    })
}

pub(super) fn secret(given: &Given) -> Result<SecretText, String> {
    if given.text.is_empty() {
        return Err("is empty. Give it its value, or remove the setting.".to_owned());
    }
    Ok(SecretText::new(given.text.as_str()))
}
