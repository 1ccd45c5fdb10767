//! What RocksDB's errors mean to a user: kind, directory, and what to do.

use std::path::Path;

use crate::error::{Error, ErrorKind};

/// Why a call failed, as far as RocksDB tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// Writes come faster than they can be flushed; passes.
    Stall,
    /// The disk is full or a quota is used up; passes when somebody frees space.
    Full,
    /// No right to a file.
    Denied,
    /// Another process, or another place of this process, has the database open.
    Locked,
    /// Files are damaged, missing, or not of this layout.
    Corrupt,
    /// Any other failure of the file system.
    Io,
    /// A wrong use of the library.
    Other,
}

impl Fault {
    /// Only the class of a status survives RocksDB's C interface; the rest has to be read from its text.
    pub(super) fn of(error: &rocksdb::Error) -> Self {
        let text = error.as_ref();
        let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
        match error.kind() {
            rocksdb::ErrorKind::Incomplete | rocksdb::ErrorKind::Busy | rocksdb::ErrorKind::TryAgain => Self::Stall,
            _ if says(&["No space left", "Disk quota exceeded", "Space limit"]) => Self::Full,
            _ if says(&["Permission denied", "Operation not permitted", "Read-only file system"]) => Self::Denied,
            _ if says(&["lock hold by current process", "While lock file"]) => Self::Locked,
            rocksdb::ErrorKind::Corruption | rocksdb::ErrorKind::NotFound => Self::Corrupt,
            rocksdb::ErrorKind::IOError if says(&["No such file"]) => Self::Corrupt,
            rocksdb::ErrorKind::InvalidArgument if says(&["comparator", "not opened", "does not match"]) => {
                Self::Corrupt
            }
            rocksdb::ErrorKind::IOError => Self::Io,
            _ => Self::Other,
        }
    }

    /// Whether the same call may succeed a little later.
    pub(super) const fn passes(self) -> bool {
        matches!(self, Self::Stall | Self::Full)
    }

    const fn kind(self) -> ErrorKind {
        match self {
            Self::Stall | Self::Full | Self::Locked | Self::Io => ErrorKind::Resource,
            Self::Denied => ErrorKind::Denied,
            Self::Corrupt => ErrorKind::Data,
            Self::Other => ErrorKind::Internal,
        }
    }

    const fn remedy(self) -> Option<&'static str> {
        match self {
            Self::Stall => Some("the disk is too slow for the writes: give it less load or a faster disk"),
            Self::Full => Some("free space on the disk of this directory, or set state.dir to a larger one"),
            Self::Denied => Some("give the user of this process the right to read and write the directory"),
            Self::Locked => Some("end the other process that uses the directory, or set another state.dir"),
            Self::Corrupt => Some("delete the directory: the stores are restored from their changelogs"),
            Self::Io => Some("check the disk of this directory"),
            Self::Other => None,
        }
    }
}

/// An error of this library for a failed call on the database in `path`.
pub(super) fn explain(action: &str, path: &Path, error: rocksdb::Error) -> Error {
    let fault = Fault::of(&error);
    let mut explained = Error::new(fault.kind(), action).with("path", path.display());
    if let Some(remedy) = fault.remedy() {
        explained = explained.with("remedy", remedy);
    }
    explained.caused_by(error)
}
