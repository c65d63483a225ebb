//! What the commands that make accounts and staff members share: passwords, and what stands against a login.

use std::io::{self, BufRead};

use zeroize::Zeroizing;

use super::{Context, output::CommandError, serve};
use crate::{
    app::{App, AppError, Rule},
    clock::Clock,
    web::passwords,
};

/// No letter that looks like another.
const LETTERS: &str = "abcdefghjkmnpqrstuvwxyz23456789";
/// Groups of four letters: 99 bits together.
const GROUPS: usize = 5;

/// A password, and whether somebody has to be told it.
pub(super) struct Password {
    pub(super) text: Zeroizing<String>,
    pub(super) is_new: bool,
}

/// The first line of standard input, or a random password such as `k7qm-4xvd-9hpa-2wzr-mc3t`.
pub(super) fn password(from_stdin: bool) -> Result<Password, CommandError> {
    if !from_stdin {
        let clock = Clock::system();
        let groups: Vec<String> = (0..GROUPS).map(|_| clock.random_text(LETTERS, 4)).collect();
        return Ok(Password {
            text: groups.join("-").into(),
            is_new: true,
        });
    }
    let mut line = Zeroizing::new(String::new());
    io::stdin()
        .lock()
        .read_line(&mut line)
        .map_err(|error| CommandError::because("The password cannot be read from standard input", &error))?;
    let text = line.strip_suffix('\n').unwrap_or(&line);
    let text = text.strip_suffix('\r').unwrap_or(text);
    if text.is_empty() {
        return Err(CommandError::Failed(
            "Standard input is empty. Write the password on its first line.".to_owned(),
        ));
    }
    Ok(Password {
        text: Zeroizing::new(text.to_owned()),
        is_new: false,
    })
}

/// Runs a use case on the database of the settings; a server may be running on it.
pub(super) fn with_app<T>(
    context: &Context,
    work: impl AsyncFnOnce(&App) -> Result<T, CommandError>,
) -> Result<T, CommandError> {
    let app = serve::put_together(context.settings()?)?;
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| CommandError::because("The command cannot start", &error))?
        .block_on(work(&app))
}

/// Why it was not done, and what to do.
pub(super) fn refusal(what: &str, error: &AppError) -> CommandError {
    let AppError::Rule(rule) = error else {
        return CommandError::because(what, error);
    };
    let advice = match &**rule {
        Rule::UsernameTaken => {
            "an account or a staff member has that username. Choose another with --username.".to_owned()
        }
        Rule::EmailTaken => {
            "an account or a staff member has that e-mail address. Give another with --email.".to_owned()
        }
        Rule::SiteTaken(site) => format!("the site {site} belongs to another account. Leave it out."),
        Rule::WeakPassword(weakness) => format!("{}.", passwords::weakness(*weakness)),
        _ => return CommandError::because(what, error),
    };
    CommandError::Failed(format!("{what}: {advice}"))
}
