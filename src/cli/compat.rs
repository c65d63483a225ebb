//! The sockets of the compatible interfaces, and the certificate that they show.

use std::{
    fs::{self, OpenOptions},
    io::{self, ErrorKind, Write},
    net::TcpListener,
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use rcgen::{CertificateParams, KeyPair};
use time::Duration;

use super::output::CommandError;
use crate::{
    app::App,
    settings::{CertificateFiles, CompatListener, Settings},
    web::{door, serving::SideDoor},
};

/// How long a certificate of our own is valid: nobody renews it.
const VALID: Duration = Duration::days(3650);

/// Takes the addresses of the settings; a port 0 becomes the real one.
pub(super) fn bind(settings: &mut Settings) -> Result<Vec<(CompatListener, TcpListener)>, CommandError> {
    let bind = |socket: &mut CompatListener| {
        let bound = TcpListener::bind(socket.address).and_then(|listener| Ok((listener.local_addr()?, listener)));
        let (address, listener) = bound.map_err(|error| {
            CommandError::Failed(format!(
                "Cannot listen on {}: {error}. Stop what uses the port, or name another in compat.listen.",
                socket.address
            ))
        })?;
        socket.address = address;
        Ok((*socket, listener))
    };
    settings.compat.listen.iter_mut().map(bind).collect()
}

/// Gives those that are to be encrypted their certificate.
pub(super) fn open(app: &App, sockets: Vec<(CompatListener, TcpListener)>) -> Result<Vec<SideDoor>, CommandError> {
    let encrypted = sockets.iter().any(|(socket, _)| socket.tls);
    let tls = if encrypted { Some(acceptor(app)?) } else { None };
    let door = |(socket, listener): (CompatListener, TcpListener)| SideDoor {
        listener,
        tls: tls.clone().filter(|_| socket.tls),
        side: socket.side,
    };
    Ok(sockets.into_iter().map(door).collect())
}

fn acceptor(app: &App) -> Result<tokio_rustls::TlsAcceptor, CommandError> {
    let settings = &app.settings;
    let files = match &settings.compat.certificate {
        Some(files) => files.clone(),
        None => own(app)?,
    };
    let read = |path: &Path| {
        fs::read(path).map_err(|error| CommandError::Failed(format!("Cannot read {}: {error}.", path.display())))
    };
    let key = zeroize::Zeroizing::new(read(&files.key)?);
    door::tls(&read(&files.certificate)?, &key).map_err(|error| {
        let (certificate, key) = (files.certificate.display(), files.key.display());
        CommandError::because(
            format_args!("The certificate {certificate} with the key {key} cannot be used"),
            &error,
        )
    })
}

/// The certificate of our own, made when there is none. The key comes first: a certificate without its key is made anew.
fn own(app: &App) -> Result<CertificateFiles, CommandError> {
    let files = CertificateFiles::in_folder(&app.settings.data);
    if files.certificate.is_file() && files.key.is_file() {
        return Ok(files);
    }
    let made = make(app).map_err(|error| CommandError::because("A certificate cannot be made", &error))?;
    for (path, text) in [
        (&files.key, made.key.as_str()),
        (&files.certificate, made.certificate.as_str()),
    ] {
        write(path, text)
            .map_err(|error| CommandError::Failed(format!("Cannot write {}: {error}.", path.display())))?;
    }
    Ok(files)
}

struct Made {
    certificate: String,
    key: zeroize::Zeroizing<String>,
}

/// A certificate that nobody but itself vouches for, for the host of the public address and for this machine.
fn make(app: &App) -> Result<Made, rcgen::Error> {
    let mut names = vec!["localhost".to_owned(), "127.0.0.1".to_owned(), "::1".to_owned()];
    names.push(app.settings.public_url.host().trim_matches(['[', ']']).to_owned());
    names.sort();
    names.dedup();
    let now = app.now().as_utc();
    let mut parameters = CertificateParams::new(names)?;
    parameters.not_before = (now - Duration::DAY).into();
    parameters.not_after = (now + VALID).into();
    let key = KeyPair::generate()?;
    Ok(Made {
        certificate: parameters.self_signed(&key)?.pem(),
        key: key.serialize_pem().into(),
    })
}

/// Nobody else on the machine reads it.
fn write(path: &Path, text: &str) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
