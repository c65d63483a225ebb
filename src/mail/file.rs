//! Mail into files: one `.eml` a mail, for its owner alone.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{self, Write},
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use super::SendError;

#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Writes a mail; the same mail written again takes the place of the first.
    pub(super) async fn put(&self, id: &str, message: &[u8]) -> Result<String, SendError> {
        let (folder, id, message) = (self.0.clone(), id.to_owned(), message.to_vec());
        let file = folder.join(format!("{id}.eml"));
        let path = file.clone();
        on_disk(&self.0, move || {
            make(&folder)?;
            // Under its own name only once it is whole: whoever watches the folder reads no half mail.
            let unfinished = folder.join(format!(".{id}.part"));
            write_new(&unfinished, &message)?;
            fs::rename(&unfinished, &path)
        })
        .await?;
        Ok(format!("written to {}", file.display()))
    }

    pub(super) async fn check(&self) -> Result<(), SendError> {
        let folder = self.0.clone();
        on_disk(&self.0, move || {
            // One that is not there is made with the first mail.
            if !folder.exists() {
                return Ok(());
            }
            let trial = folder.join(".check.part");
            write_new(&trial, b"")?;
            fs::remove_file(&trial)
        })
        .await
    }
}

async fn on_disk<T: Send + 'static>(
    folder: &Path,
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, SendError> {
    let failed = |error: String| SendError::Temporary(format!("{}: {error}", folder.display()));
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| failed(error.to_string()))?
        .map_err(|error| failed(error.to_string()))
}

fn make(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
