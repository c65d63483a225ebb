//! Mail from the outbox to the post: what each message says, who sends it when, and what people are reminded of.
//!
//! A use case never waits for any of this: it writes its event, and the mail follows from that.

mod compose;
mod desk;
mod events;
mod notices;
mod send;
#[cfg(test)]
mod tests;

pub use self::{
    desk::{Listed, list, retry, send_test},
    notices::remind,
    send::{Sent, send_due},
};

use super::{App, AppError};
use crate::{
    clock::TimeZone,
    mail::{Post, letters::Head},
};

impl App {
    /// The way out for mail; none where mail is off.
    ///
    /// Errors when what the settings say about it cannot be used.
    pub fn post(&self) -> Result<Option<&Post>, AppError> {
        let post = self.post.get_or_init(|| Post::new(&self.settings.mail));
        match post {
            Ok(post) => Ok(post.as_ref()),
            Err(unusable) => Err(AppError::Mail(unusable.to_string())),
        }
    }
}

/// What all mails have in common, to somebody of that name.
fn head(app: &App, name: &str) -> Head {
    let company = &app.settings.company;
    let support = [&company.support_email, &company.support_phone, &company.support_url];
    let support: Vec<&str> = support.into_iter().flatten().map(String::as_str).collect();
    Head {
        company: company.name.clone(),
        panel: app.settings.public_url.as_str().trim_end_matches('/').to_owned(),
        support: support.join(", "),
        name: name.to_owned(),
    }
}

/// An instant as somebody in that zone reads it.
fn at(zone: &TimeZone, instant: time::PrimitiveDateTime) -> String {
    zone.local(instant).to_string()
}
