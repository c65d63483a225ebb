//! The key file on disk: readable by its owner only, and replaced whole or not at all.
//!
//! A process that writes holds the lock of the folder, so that two that start together end up with the same key and no
//! key is lost when two rotate at once.

use std::{
    fs::{self, DirBuilder, File, Metadata, OpenOptions},
    io::{self, ErrorKind, Read, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown},
    path::{Path, PathBuf},
};

use time::format_description::well_known::Rfc3339;
use zeroize::Zeroizing;

use super::{KeyId, Keyring, KeyringError};
use crate::clock::Clock;

/// What a new file begins with, for whoever opens it.
const HEADER: &str = "# Latchkey's keys, oldest first: id, key, when it was made. The last one is current.\n\
                      # Keep a copy apart from the database. Without this file every token stops working.\n";

impl Keyring {
    /// Reads the keys from the file at `path`; `None` if there is no file.
    ///
    /// # Errors
    /// A file that cannot be read, that others than its owner may use, or that is malformed.
    pub fn open(path: &Path) -> Result<Option<Self>, KeyringError> {
        read(path)?.map(|text| Self::from_text(&text)).transpose()
    }

    /// Reads the keys from the file at `path`, and says whether it had to be made first: with one new key, mode 0600, its
    /// folder with mode 0700 if that is missing too. Of several processes that start at once one makes it.
    ///
    /// # Errors
    /// A file that cannot be read or made, that others than its owner may use, or that is malformed.
    pub fn open_or_create(path: &Path, clock: &Clock) -> Result<(Self, bool), KeyringError> {
        if let Some(text) = read(path)? {
            return Ok((Self::from_text(&text)?, false));
        }
        let folder = folder_of(path);
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(folder)
            .map_err(failed(folder, "creating"))?;
        let _lock = lock(folder)?;
        if let Some(text) = read(path)? {
            return Ok((Self::from_text(&text)?, false));
        }
        let text = Zeroizing::new(format!("{HEADER}{}", *new_line(clock).1));
        let keyring = Self::from_text(&text)?;
        replace(path, &text)?;
        Ok((keyring, true))
    }

    /// Adds a new key to the file at `path` and makes it the current one of every process that reads the file from then
    /// on. What the file holds already stays as it is, whatever this process has read of it before.
    ///
    /// # Errors
    /// As [`Keyring::open_or_create`], and if there is no file. The file is then as it was.
    pub fn rotate(path: &Path, clock: &Clock) -> Result<KeyId, KeyringError> {
        // A link stays a link: what it leads to is replaced.
        let path = &fs::canonicalize(path).map_err(failed(path, "opening"))?;
        let _lock = lock(folder_of(path))?;
        let old = read(path)?.ok_or_else(|| failed(path, "opening")(ErrorKind::NotFound.into()))?;
        Self::from_text(&old)?;
        let (id, line) = new_line(clock);
        let line_end = if old.ends_with('\n') { "" } else { "\n" };
        let text = Zeroizing::new(format!("{}{line_end}{}", *old, *line));
        Self::from_text(&text)?;
        replace(path, &text)?;
        Ok(id)
    }
}

/// The line of a new key. Ids are random rather than counted: a digest made under the key of a lost file must not look
/// as if it was made under the new one.
fn new_line(clock: &Clock) -> (KeyId, Zeroizing<String>) {
    let id: KeyId = clock
        .random_text("abcdefghijklmnopqrstuvwxyz0123456789", 8)
        .parse()
        .expect("8 letters and digits");
    let hex = Zeroizing::new(clock.random_text("0123456789abcdef", 64));
    let now = clock.now().truncate_to_second().assume_utc();
    let created = now.format(&Rfc3339).expect("a year of four digits");
    (id.clone(), Zeroizing::new(format!("{id} {} {created}\n", *hex)))
}

/// The text of the file, or nothing if there is none.
fn read(path: &Path) -> Result<Option<Zeroizing<String>>, KeyringError> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(None),
        Err(cause) => return Err(failed(path, "opening")(cause)),
    };
    let metadata = file.metadata().map_err(failed(path, "reading"))?;
    let mode = metadata.permissions().mode() & 0o7777;
    if mode & 0o077 != 0 {
        return Err(KeyringError::Exposed {
            path: path.to_owned(),
            mode,
        });
    }
    // Room for all of it, so that it does not move and leave copies behind while it grows.
    let mut text = Zeroizing::new(String::with_capacity(
        usize::try_from(metadata.len()).unwrap_or_default() + 1,
    ));
    file.read_to_string(&mut text).map_err(failed(path, "reading"))?;
    Ok(Some(text))
}

/// Puts `text` in the place of the file: written beside it and on the disk before it takes the name.
fn replace(path: &Path, text: &str) -> Result<(), KeyringError> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    write(&beside, text, fs::metadata(path).ok()).map_err(failed(&beside, "writing"))?;
    fs::rename(&beside, path).map_err(failed(path, "replacing"))?;
    let folder = folder_of(path);
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(failed(folder, "syncing"))
}

fn write(path: &Path, text: &str, replaced: Option<Metadata>) -> io::Result<()> {
    // What a process left that died here; nobody else writes it while we hold the lock.
    match fs::remove_file(path) {
        Err(cause) if cause.kind() != ErrorKind::NotFound => return Err(cause),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    if let Some(old) = replaced {
        let new = file.metadata()?;
        // The administrator may rotate as root; the server must still be able to read its file.
        if (old.uid(), old.gid()) != (new.uid(), new.gid()) {
            fchown(&file, Some(old.uid()), Some(old.gid()))?;
        }
    }
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn lock(folder: &Path) -> Result<File, KeyringError> {
    let file = File::open(folder).map_err(failed(folder, "opening"))?;
    file.lock().map_err(failed(folder, "locking"))?;
    Ok(file)
}

/// The folder that the file is in; a bare file name is in the current one.
fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."))
}

fn failed(path: &Path, action: &'static str) -> impl FnOnce(io::Error) -> KeyringError {
    let path = path.to_owned();
    move |cause| KeyringError::File { path, action, cause }
}
