//! Mail on its way out: what it says ([`letters`]), how it looks, and how it leaves. The only place that knows SMTP and the
//! format of mail.
//!
//! Knows nothing of the outbox: it is handed one mail at a time and says whether it is out.

mod file;
mod letter;
pub mod letters;
mod message;
mod smtp;

use time::PrimitiveDateTime;

pub use self::{letter::Letter, letters::Words};

use crate::{
    domain::account::EmailAddress,
    settings::{MailSettings, MailTransport},
};

/// A mail that is to leave.
#[derive(Clone, Debug)]
pub struct Mail {
    /// Names it for ever: the same mail sent twice is the same mail to whoever receives it.
    pub id: String,
    /// When it was written.
    pub at: PrimitiveDateTime,
    /// The name beside the sender's address: the company's.
    pub from_name: String,
    /// Where it goes.
    pub to: String,
    /// What it says.
    pub letter: Letter,
}

/// Why a mail is not out. The text is for operators: what the server said.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It may be taken later.
    #[error("{0}")]
    Temporary(String),
    /// It will never be taken.
    #[error("{0}")]
    Permanent(String),
}

/// What the settings say about mail cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct UnusableSettings(String);

/// The way out.
#[derive(Debug)]
pub struct Post {
    from: EmailAddress,
    transport: Transport,
}

#[derive(Debug)]
enum Transport {
    File(file::Folder),
    Smtp(Box<smtp::Server>),
}

impl Post {
    /// The way out that the settings name; none when mail is off.
    ///
    /// Errors when the certificates that they name cannot be used.
    pub fn new(settings: &MailSettings) -> Result<Option<Self>, UnusableSettings> {
        let Some(from) = settings.from.clone() else {
            return Ok(None);
        };
        let transport = match settings.transport {
            MailTransport::Off => return Ok(None),
            MailTransport::File => Transport::File(file::Folder::new(settings.folder.clone())),
            MailTransport::Smtp => Transport::Smtp(Box::new(smtp::Server::new(&settings.smtp)?)),
        };
        Ok(Some(Self { from, transport }))
    }

    /// Sends a mail; returns what the server said, or the file that was written.
    pub async fn send(&self, mail: &Mail) -> Result<String, SendError> {
        let message = message::build(&self.from, mail)?;
        match &self.transport {
            Transport::File(folder) => folder.put(&mail.id, &message.formatted()).await,
            Transport::Smtp(server) => server.send(message).await,
        }
    }

    /// Tries whether mail could be sent, without sending any: the folder can be written to, the server answers and takes
    /// the sign-in.
    pub async fn check(&self) -> Result<(), SendError> {
        match &self.transport {
            Transport::File(folder) => folder.check().await,
            Transport::Smtp(server) => server.check().await,
        }
    }
}
