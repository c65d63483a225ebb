//! Every setting: where it comes from, what it means, what it may be.
//!
//! A setting is taken from, in this order: the command line; its variable (`LATCHKEY_X`, or `LATCHKEY_X_FILE` naming a file
//! that holds it); the settings file; its default. [`REGISTER`] is the one list of keys, variables, defaults and
//! descriptions. This module knows nothing of what the settings are used for, and reads the environment and the disk only
//! through what [`Settings::load`] is given.

use std::{
    collections::BTreeMap,
    io,
    net::SocketAddr,
    num::NonZeroUsize,
    path::{Path, PathBuf},
};

use ipnet::IpNet;

mod accent;
pub mod colour;
mod company;
mod compat;
mod database;
mod fault;
mod file;
mod layers;
mod mail;
mod parse;
mod public_url;
mod register;
mod secret_text;
mod sessions;
mod values;

pub use self::{
    accent::{Accent, AccentTokens, LowContrast},
    company::{Company, Logo, MAX_LOGO_BYTES},
    compat::{CertificateFiles, CompatListener, CompatSettings, Side},
    database::Database,
    fault::{SettingsFault, Source},
    mail::{CaFile, MailSettings, MailTransport, SmtpSecurity, SmtpSettings},
    parse::LogFormat,
    public_url::PublicUrl,
    register::{Fallback, Kind, REGISTER, Setting},
    secret_text::SecretText,
    sessions::{Lifetime, SessionLifetimes},
};

use self::values::Values;
use crate::clock::TimeZone;

/// The options of the command line that are settings too. `None` where an option was not given.
#[derive(Clone, Debug, Default)]
pub struct Flags {
    /// `--config`: the settings file; it must exist.
    pub config: Option<String>,
    /// `--listen`.
    pub listen: Option<String>,
    /// `--data`.
    pub data: Option<String>,
    /// `--database`.
    pub database: Option<String>,
}

/// All settings of one process, checked. Each field's key in the settings file is named in its first line; the variable is
/// the key in capitals after `LATCHKEY_`, with `_` for the dot.
#[derive(Clone, Debug)]
pub struct Settings {
    /// `listen`: the address and port that the server answers on. Port 0 lets the system choose one.
    pub listen: SocketAddr,
    /// `data`: the folder that holds the SQLite database and the server key.
    pub data: PathBuf,
    /// `database`: where the data is kept.
    pub database: Database,
    /// `public_url`: what visitors type; cookies, the Origin check and every absolute link follow it.
    pub public_url: PublicUrl,
    /// `trusted_proxies`: peers whose `X-Forwarded-For` is believed. Empty: nobody's.
    pub trusted_proxies: Vec<IpNet>,
    /// `gateways`: peers that may ask under `/authz/` whether a request may pass. Empty: nobody by address.
    pub gateways: Vec<IpNet>,
    /// `workers`: threads that answer requests.
    pub workers: NonZeroUsize,
    /// `log`: a filter in the syntax of `tracing`, such as `info,latchkey=debug`.
    pub log: String,
    /// `log_format`: how a line of the log looks.
    pub log_format: LogFormat,
    /// `time_zone`: what a new account begins with.
    pub time_zone: TimeZone,
    /// `server_key`: the text of the server key file, for several nodes that must share one. `None`: the file in the data folder.
    pub server_key: Option<SecretText>,
    /// `catalogue`: a TOML file in place of the catalogue that is compiled in.
    pub catalogue: Option<PathBuf>,
    /// `[company]`: the hosting company as its customers see it.
    pub company: Company,
    /// `[sessions]`: how long a sign-in lasts.
    pub sessions: SessionLifetimes,
    /// `[mail]`: how mail leaves.
    pub mail: MailSettings,
    /// `[compat]`: the sockets of the compatible interfaces.
    pub compat: CompatSettings,
    /// The settings file that was read, if any.
    pub config: Option<PathBuf>,
    sources: BTreeMap<&'static str, Source>,
}

/// Reads a whole file. Passed in, so that tests need no disk.
pub type ReadFile<'a> = &'a dyn Fn(&Path) -> io::Result<Vec<u8>>;

impl Settings {
    /// Reads and checks all settings. `env` is the whole environment: names that do not begin with `LATCHKEY_` are passed over.
    ///
    /// # Errors
    ///
    /// Everything that is wrong, at once: on the command line and in the environment first, then line by line in the file.
    pub fn load(
        flags: &Flags,
        env: impl Iterator<Item = (String, String)>,
        read_file: ReadFile<'_>,
    ) -> Result<Self, Vec<SettingsFault>> {
        let gathered = layers::gather(flags, env, read_file);
        let mut values = Values::new(gathered.given, gathered.faults, read_file);
        let settings = Self::read(&mut values, gathered.config);
        let faults = values.into_faults();
        if faults.is_empty() { Ok(settings) } else { Err(faults) }
    }

    /// The defaults on a database in `data`, on a port that the system chooses, quiet.
    ///
    /// # Panics
    ///
    /// If `data` is not UTF-8, or a default is not valid, which a test rules out.
    pub fn for_tests(data: &Path) -> Self {
        let flags = Flags {
            listen: Some("127.0.0.1:0".to_owned()),
            data: Some(data.display().to_string()),
            ..Flags::default()
        };
        let nothing = |_: &Path| Err(io::Error::from(io::ErrorKind::NotFound));
        let mut settings = Self::load(&flags, std::iter::empty(), &nothing).expect("the defaults are valid");
        settings.workers = NonZeroUsize::MIN;
        "warn".clone_into(&mut settings.log);
        settings
    }

    /// The settings once the server listens on `bound`: a port 0 becomes the real one, and so does the public URL unless
    /// somebody set it.
    #[must_use]
    pub fn listening_on(mut self, bound: SocketAddr) -> Self {
        self.listen = bound;
        if *self.source("public_url") == Source::Default {
            self.public_url = PublicUrl::of_listener(bound);
        }
        self
    }

    /// The file with the server's keys, which counts unless `server_key` is set.
    pub fn key_file(&self) -> PathBuf {
        self.data.join("server.key")
    }

    /// Where the setting called `key` came from.
    pub fn source(&self, key: &str) -> &Source {
        self.sources.get(key).unwrap_or(&Source::Default)
    }

    /// What works but should not stay so in front of customers; one sentence each, naming the setting to change.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if !self.public_url.is_https() && !self.public_url.is_loopback() {
            warnings.push(format!(
                "public_url is {}: passwords and tokens cross the network unencrypted and cookies are not Secure. \
                 Put a proxy with HTTPS in front and set public_url to its https:// address.",
                self.public_url
            ));
        }
        if !self.listen.ip().is_loopback() && *self.source("public_url") == Source::Default {
            warnings.push(format!(
                "public_url is not set, so links and the check of where a form came from follow {}. \
                 Set it to the address that visitors type.",
                self.public_url
            ));
        }
        if self.trusted_proxies.iter().any(|network| network.prefix_len() == 0) {
            warnings.push(
                "trusted_proxies covers every address, so anybody can claim any client address. \
                 Name only the proxies in front of this server."
                    .to_owned(),
            );
        }
        if self.gateways.iter().any(|network| network.prefix_len() == 0) {
            warnings.push(
                "gateways covers every address, so anybody can ask what a token may do from any address. \
                 Name only the proxies that ask before they let a request through."
                    .to_owned(),
            );
        }
        warnings
    }

    fn read(values: &mut Values<'_>, config: Option<PathBuf>) -> Self {
        let listen = values.read("listen", parse::listen);
        let data = values.read("data", parse::path);
        let database = values.read_optional("database", Database::parse);
        let public_url = values.read_optional("public_url", parse::public_url);
        Self {
            listen,
            database: database.unwrap_or_else(|| Database::in_folder(&data)),
            mail: MailSettings::read(values, &data),
            compat: CompatSettings::read(values),
            data,
            public_url: public_url.unwrap_or_else(|| PublicUrl::of_listener(listen)),
            trusted_proxies: values.read("trusted_proxies", parse::networks),
            gateways: values.read("gateways", parse::networks),
            workers: values
                .read_optional("workers", parse::workers)
                .unwrap_or_else(processors),
            log: values.read("log", parse::log_filter),
            log_format: values.read("log_format", parse::log_format),
            time_zone: values.read("time_zone", parse::time_zone),
            server_key: values.read_optional("server_key", parse::secret),
            catalogue: values.read_optional("catalogue", parse::path),
            company: Company::read(values),
            sessions: SessionLifetimes::read(values),
            config,
            sources: values.sources(),
        }
    }
}

fn processors() -> NonZeroUsize {
    std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

#[cfg(test)]
mod tests;
