//! Where an application keeps its state on disk: `<state.dir>/<application.id>/`.
//!
//! ```text
//! kstreams-format         the version of this layout
//! kstreams-process        the process id that the group's assignor sees
//! .lock                   held by the one process that uses the directory; its pid is in it
//! <subtopology>_<partition>/data/   the stores of a task
//! ```

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::config::streams as name;
use crate::error::{Error, ErrorKind, Result};

const FORMAT: &str = "kstreams-format";
const FORMAT_TEXT: &str = "kstreams state 1\n";
const PROCESS: &str = "kstreams-process";
const LOCK: &str = ".lock";
/// What Java keeps beside its tasks' directories, and within them.
const JAVA_APPLICATION: [&str; 1] = ["kafka-streams-process-metadata"];
const JAVA_TASK: [&str; 3] = [".checkpoint", "rocksdb", ".lock"];

/// The directory of an application, locked for this process until it is dropped.
#[derive(Debug)]
pub(crate) struct StateDirectory {
    path: PathBuf,
    /// Holds the lock while it is open.
    _lock: File,
}

impl StateDirectory {
    /// Makes the directory if need be, and locks it.
    ///
    /// # Errors
    /// *Resource* when another process uses it; *Denied* without the right to it; *Data* when somebody else's files
    /// are in it, such as those of Kafka Streams on the JVM; *Invalid* for an application id that is no file name.
    pub(crate) fn open(state_dir: &Path, application_id: &str) -> Result<Self> {
        let path = application_path(state_dir, application_id)?;
        create(&path)?;
        // Before the lock file: nothing of ours is put into somebody else's directory.
        refuse_foreign(&path)?;
        let lock = lock(&path)?;
        check_format(&path)?;
        Ok(Self { path, _lock: lock })
    }

    /// Deletes everything that the application keeps on disk; fine if there is nothing.
    ///
    /// # Errors
    /// *Resource* while a process uses the directory; otherwise as [`open`](Self::open).
    pub(crate) fn clean_up(state_dir: &Path, application_id: &str) -> Result<()> {
        if !application_path(state_dir, application_id)?.exists() {
            return Ok(());
        }
        let directory = Self::open(state_dir, application_id)?;
        remove(&directory.path)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The directory of a task, which need not exist yet.
    pub(crate) fn task_path(&self, subtopology: i32, partition: i32) -> PathBuf {
        self.path.join(format!("{subtopology}_{partition}"))
    }

    /// The tasks that have a directory, as subtopology and partition, ascending.
    ///
    /// # Errors
    /// *Denied* or *Resource* when the operating system refuses.
    pub(crate) fn tasks(&self) -> Result<Vec<(i32, i32)>> {
        let failed = |error| explain("cannot read state directory", &self.path, error);
        let mut tasks = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            if entry.file_type().map_err(failed)?.is_dir() {
                tasks.extend(entry.file_name().to_str().and_then(parse_task));
            }
        }
        tasks.sort_unstable();
        Ok(tasks)
    }

    /// Deletes a task's directory; fine if there is none. The task must not be open.
    ///
    /// # Errors
    /// *Denied* or *Resource* when the operating system refuses.
    pub(crate) fn remove_task(&self, subtopology: i32, partition: i32) -> Result<()> {
        remove(&self.task_path(subtopology, partition))
    }

    /// The id under which this application directory takes part in assignments: the one it had before, or `fresh`.
    ///
    /// # Errors
    /// *Denied* or *Resource* when the operating system refuses.
    pub(crate) fn process_id(&self, fresh: u128) -> Result<u128> {
        let path = self.path.join(PROCESS);
        let known = match fs::read_to_string(&path) {
            Ok(text) => u128::from_str_radix(text.trim(), 16).ok(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(explain("cannot read process id", &path, error)),
        };
        // A damaged id is replaced: it only makes assignments less sticky once.
        known.map_or_else(|| write_whole(&path, &format!("{fresh:032x}\n")).map(|()| fresh), Ok)
    }
}

/// Makes a directory and its parents, for this user and group alone.
///
/// # Errors
/// *Denied* or *Resource* when the operating system refuses.
pub(super) fn create(path: &Path) -> Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o750);
    builder.create(path).map_err(|error| explain("cannot make state directory", path, error))
}

/// Deletes a directory with everything in it; fine if there is none.
///
/// # Errors
/// *Denied* or *Resource* when the operating system refuses.
pub(super) fn remove(path: &Path) -> Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(explain("cannot delete state directory", path, error))
        }
        _ => Ok(()),
    }
}

/// Refuses a task's directory that the JVM's Kafka Streams made.
///
/// # Errors
/// *Data* when it did.
pub(super) fn refuse_foreign_task(path: &Path) -> Result<()> {
    match JAVA_TASK.iter().find(|name| path.join(name).exists()) {
        Some(name) => Err(foreign(path, name)),
        None => Ok(()),
    }
}

fn application_path(state_dir: &Path, application_id: &str) -> Result<PathBuf> {
    let is_name = !matches!(application_id, "" | "." | "..") && !application_id.contains(['/', '\\', '\0']);
    if is_name {
        Ok(state_dir.join(application_id))
    } else {
        Err(Error::invalid("application id cannot name a directory").with(name::APPLICATION_ID, application_id))
    }
}

fn refuse_foreign(path: &Path) -> Result<()> {
    if path.join(FORMAT).exists() {
        return Ok(());
    }
    if let Some(name) = JAVA_APPLICATION.iter().find(|name| path.join(name).exists()) {
        return Err(foreign(path, name));
    }
    let failed = |error| explain("cannot read state directory", path, error);
    for entry in fs::read_dir(path).map_err(failed)? {
        let name = entry.map_err(failed)?.file_name();
        // A process that was killed early leaves its lock file alone.
        if name != LOCK {
            return Err(foreign(path, &name.to_string_lossy()));
        }
    }
    Ok(())
}

fn foreign(path: &Path, found: &str) -> Error {
    Error::data("directory has state of another layout, as Kafka Streams on the JVM makes it")
        .with("path", path.display())
        .with("found", found)
        .with("remedy", "set another state.dir, or delete the directory: the stores are restored from their changelogs")
}

fn check_format(path: &Path) -> Result<()> {
    let path = path.join(FORMAT);
    match fs::read_to_string(&path) {
        Ok(text) if text == FORMAT_TEXT => Ok(()),
        Ok(text) => Err(Error::data("state directory is of another version")
            .with("path", path.display())
            .with("expected", FORMAT_TEXT.trim())
            .with("got", text.trim())
            .with("remedy", "use the version that wrote it, or delete the directory")),
        Err(error) if error.kind() == io::ErrorKind::NotFound => write_whole(&path, FORMAT_TEXT),
        Err(error) => Err(explain("cannot read state format", &path, error)),
    }
}

/// Writes a file so that it is never seen half written.
fn write_whole(path: &Path, text: &str) -> Result<()> {
    let temporary = path.with_extension("tmp");
    fs::write(&temporary, text)
        .and_then(|()| fs::rename(&temporary, path))
        .map_err(|error| explain("cannot write file", path, error))
}

fn lock(directory: &Path) -> Result<File> {
    let path = directory.join(LOCK);
    let failed = |error| explain("cannot lock state directory", directory, error);
    let mut file =
        OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(in_use(directory, &mut file)),
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    file.set_len(0).and_then(|()| writeln!(file, "{}", std::process::id())).map_err(failed)?;
    Ok(file)
}

fn in_use(directory: &Path, lock: &mut File) -> Error {
    let mut holder = String::new();
    let read = lock.rewind().and_then(|()| lock.read_to_string(&mut holder));
    let holder = if read.is_ok() && !holder.is_empty() { holder.trim() } else { "unknown" };
    Error::new(ErrorKind::Resource, "state directory is in use")
        .with("path", directory.display())
        .with("process", holder)
        .with("remedy", "close the other application with this application.id, or set another state.dir")
}

/// `0_1` is subtopology 0, partition 1.
fn parse_task(name: &str) -> Option<(i32, i32)> {
    let (subtopology, partition) = name.split_once('_')?;
    Some((subtopology.parse().ok()?, partition.parse().ok()?))
}

/// What a failure of the file system means to a user.
fn explain(action: &str, path: &Path, error: io::Error) -> Error {
    use io::ErrorKind as Io;
    let (kind, remedy) = match error.kind() {
        Io::PermissionDenied | Io::ReadOnlyFilesystem => {
            (ErrorKind::Denied, "give the user of this process the right to it, or set another state.dir")
        }
        Io::StorageFull | Io::QuotaExceeded => {
            (ErrorKind::Resource, "free space on the disk, or set state.dir to a larger one")
        }
        Io::NotADirectory | Io::AlreadyExists => (ErrorKind::Invalid, "a file is in the way: set another state.dir"),
        _ => (ErrorKind::Resource, "check the disk of this directory"),
    };
    Error::new(kind, action).with("path", path.display()).with("remedy", remedy).caused_by(error)
}

#[cfg(test)]
mod tests;
