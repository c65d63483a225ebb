//! `latchkey settings`: lists every setting, as a text, for programs, for the documentation, or as a file to begin with.

use serde::Serialize;

use crate::settings::{Fallback, Kind, REGISTER, Setting};

use super::{
    Context,
    output::{self, CommandError},
};

/// List every setting with its variable, its default and the value in force
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  latchkey settings\n  latchkey settings --format toml > latchkey.toml")]
pub(super) struct Arguments {
    /// How to write the list
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Format {
    /// For people, with the values in force
    Text,
    /// For programs, with the values in force
    Json,
    /// A table for documentation
    Markdown,
    /// A settings file in which every setting is commented out
    Toml,
}

/// A setting and its value in force.
#[derive(Serialize)]
struct Entry {
    key: &'static str,
    variable: String,
    value: String,
    from: String,
    default: &'static str,
    about: &'static str,
}

pub(super) fn run(arguments: &Arguments, context: &Context) -> Result<(), CommandError> {
    match arguments.format {
        Format::Markdown => output::line(markdown()),
        Format::Toml => output::line(toml()),
        Format::Text => entries(context)?.iter().for_each(print),
        Format::Json => output::json(&entries(context)?),
    }
    Ok(())
}

fn entries(context: &Context) -> Result<Vec<Entry>, CommandError> {
    let settings = context.settings()?;
    let entry = |setting: &Setting| Entry {
        key: setting.key,
        variable: setting.variable(),
        value: (setting.show)(&settings),
        from: settings.source(setting.key).to_string(),
        default: default(setting),
        about: setting.about,
    };
    Ok(REGISTER.iter().map(entry).collect())
}

fn print(entry: &Entry) {
    let value = if entry.value.is_empty() {
        "(not set)"
    } else {
        &entry.value
    };
    output::line(format_args!("{} = {value}", entry.key));
    output::line(format_args!(
        "    from {}; variable {}; default: {}",
        entry.from, entry.variable, entry.default
    ));
    output::line(format_args!("    {}", entry.about));
}

fn default(setting: &Setting) -> &'static str {
    match setting.fallback {
        Fallback::Text("") | Fallback::Nothing => "none",
        Fallback::Text(text) | Fallback::Computed(text) => text,
    }
}

fn markdown() -> String {
    let row = |setting: &Setting| {
        let default = match setting.fallback {
            Fallback::Text(text) if !text.is_empty() => format!("`{text}`"),
            _ => default(setting).to_owned(),
        };
        format!(
            "| `{}` | `{}` | {default} | {} |",
            setting.key,
            setting.variable(),
            setting.about
        )
    };
    let head = [
        "| Setting | Variable | Default | What it is |".to_owned(),
        "|---|---|---|---|".to_owned(),
    ];
    head.into_iter()
        .chain(REGISTER.iter().map(row))
        .collect::<Vec<_>>()
        .join("\n")
}

/// Settings without a table stand before the first table, as TOML asks.
fn toml() -> String {
    let mut lines = vec![
        "# Settings of Latchkey. Remove the # before what you change.\n\
         # A path that does not begin with / is meant from the folder of this file."
            .to_owned(),
    ];
    let mut table = "";
    for setting in REGISTER {
        let (prefix, name) = setting.key.split_once('.').unwrap_or(("", setting.key));
        if prefix != table {
            lines.push(format!("\n[{prefix}]"));
            table = prefix;
        }
        lines.push(format!("\n# {}", setting.about));
        if !setting.secret {
            lines.push(format!("#{name} = {}", value(setting)));
        }
    }
    lines.join("\n")
}

fn value(setting: &Setting) -> String {
    let text = match setting.fallback {
        Fallback::Text(text) if !text.is_empty() => text,
        _ => setting.example,
    };
    match setting.kind {
        Kind::Number => text.to_owned(),
        Kind::Text => format!("\"{text}\""),
        Kind::List => {
            let items: Vec<String> = text.split(", ").map(|item| format!("\"{item}\"")).collect();
            format!("[{}]", items.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{io, path::Path};

    use crate::settings::{Flags, REGISTER, Settings, Source};

    use super::{markdown, toml};

    #[test]
    fn the_file_to_begin_with_is_right_line_by_line() {
        let lines = toml();
        let file: String = lines
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(setting) if !setting.starts_with(' ') => format!("{setting}\n"),
                _ => format!("{line}\n"),
            })
            .collect();
        let read = |path: &Path| match path.extension() {
            Some(name) if name == "toml" => Ok(file.clone().into_bytes()),
            Some(name) if name == "svg" => Ok(b"<svg/>".to_vec()),
            Some(name) if name == "pem" => Ok(b"-----BEGIN CERTIFICATE-----".to_vec()),
            _ => Err(io::Error::from(io::ErrorKind::NotFound)),
        };
        let flags = Flags {
            config: Some("l.toml".to_owned()),
            ..Flags::default()
        };
        // The file that is written has no secrets, and one of them belongs to a name that it has.
        let password = ("LATCHKEY_MAIL_SMTP_PASSWORD".to_owned(), "x".to_owned());
        let settings = Settings::load(&flags, std::iter::once(password), &read).unwrap();
        for setting in REGISTER.iter().filter(|setting| !setting.secret) {
            assert!(
                matches!(settings.source(setting.key), Source::File(..)),
                "{}",
                setting.key
            );
        }
    }

    #[test]
    fn the_documentation_has_a_row_for_each_setting() {
        assert_eq!(markdown().lines().count(), REGISTER.len() + 2);
        assert!(markdown().contains("| `listen` | `LATCHKEY_LISTEN` | `127.0.0.1:8080` |"));
    }
}
