//! Mail to an SMTP server (RFC 5321, RFC 6409): over TLS that is verified, unless the server is this machine.

use std::{error::Error as _, time::Duration};

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    transport::smtp::{
        Error,
        authentication::Credentials,
        client::{Certificate, CertificateStore, Tls, TlsParameters},
    },
};

use super::{SendError, UnusableSettings};
use crate::settings::{SmtpSecurity, SmtpSettings};

/// Longest wait for one answer of the server.
const ANSWER: Duration = Duration::from_secs(20);
/// Longest time for one mail; shorter than any lease of the outbox.
const WHOLE: Duration = Duration::from_mins(1);
/// Longest text of an error that is kept, in characters.
const ERROR_LENGTH: usize = 300;
/// Answers that refuse the panel and not the mail: sign-in or encryption is missing or wrong (RFC 4954, 6; RFC 3207, 4).
/// Somebody puts the settings right, and the mail goes out.
const ABOUT_US: [&str; 5] = ["454", "530", "534", "535", "538"];

#[derive(Debug)]
pub(super) struct Server(AsyncSmtpTransport<Tokio1Executor>);

impl Server {
    pub(super) fn new(settings: &SmtpSettings) -> Result<Self, UnusableSettings> {
        let host = settings.host.clone().unwrap_or_default();
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host.as_str())
            .port(settings.port)
            .timeout(Some(ANSWER))
            .tls(match settings.security {
                SmtpSecurity::Starttls => Tls::Required(parameters(host, settings)?),
                SmtpSecurity::Tls => Tls::Wrapper(parameters(host, settings)?),
                SmtpSecurity::None => Tls::None,
            });
        if let (Some(username), Some(password)) = (&settings.username, &settings.password) {
            let credentials = Credentials::new(username.clone(), password.expose().to_owned());
            builder = builder.credentials(credentials);
        }
        Ok(Self(builder.build()))
    }

    pub(super) async fn send(&self, message: Message) -> Result<String, SendError> {
        let response = in_time(self.0.send(message)).await?;
        let said: Vec<&str> = response.message().collect();
        Ok(format!("{} {}", response.code(), said.join(" ")))
    }

    pub(super) async fn check(&self) -> Result<(), SendError> {
        if in_time(self.0.test_connection()).await? {
            Ok(())
        } else {
            Err(SendError::Temporary("the server does not answer".to_owned()))
        }
    }
}

fn parameters(host: String, settings: &SmtpSettings) -> Result<TlsParameters, UnusableSettings> {
    let mut builder = TlsParameters::builder(host);
    builder = match &settings.ca {
        None => builder.certificate_store(CertificateStore::WebpkiRoots),
        Some(ca) => {
            let unusable = |error| UnusableSettings(format!("{}: {}", ca.path.display(), whole(&error)));
            let certificate = Certificate::from_pem(&ca.pem).map_err(unusable)?;
            builder
                .certificate_store(CertificateStore::None)
                .add_root_certificate(certificate)
        }
    };
    builder.build_rustls().map_err(|error| UnusableSettings(whole(&error)))
}

async fn in_time<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, SendError> {
    match tokio::time::timeout(WHOLE, work).await {
        Ok(done) => done.map_err(|error| refusal(&error)),
        Err(_) => Err(SendError::Temporary(format!(
            "the server took more than {} seconds",
            WHOLE.as_secs()
        ))),
    }
}

fn refusal(error: &Error) -> SendError {
    let text = whole(error);
    let about_us = error
        .status()
        .is_some_and(|code| ABOUT_US.contains(&code.to_string().as_str()));
    if error.is_permanent() && !about_us {
        SendError::Permanent(text)
    } else {
        SendError::Temporary(text)
    }
}

/// An error with its causes, on one line.
fn whole(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let message = error.to_string();
        if !text.ends_with(&message) {
            text = format!("{text}: {message}");
        }
        cause = error.source();
    }
    let plain = text.chars().map(|c| if c.is_control() { ' ' } else { c });
    plain.take(ERROR_LENGTH).collect()
}
