//! The conformance runner: builds the recorded cases with this library, runs them through its test driver, and compares
//! with what Kafka Streams did.
//!
//! `tests/fixtures/oracle/README.md` says where the cases come from.

use std::fmt;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;

mod case;
mod compare;
mod function;
mod report;
mod run;
mod serde;
mod setting;
mod topology;
mod value;

pub use report::{Report, Verdict};

/// Why a case could not be tried, or failed where the caller decides what that means.
#[derive(Debug)]
enum Refusal {
    /// The case uses something that is not built yet.
    Unsupported(String),
    /// The case is not written as it should be.
    Malformed(String),
    /// The library refused.
    Failed(kstreams::Error),
}

impl Refusal {
    fn unsupported(what: impl Into<String>) -> Self {
        Self::Unsupported(what.into())
    }

    fn malformed(what: impl Into<String>) -> Self {
        Self::Malformed(what.into())
    }
}

impl From<kstreams::Error> for Refusal {
    fn from(error: kstreams::Error) -> Self {
        Self::Failed(error)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsupported(what) => write!(f, "not built yet: {what}"),
            Self::Malformed(what) => write!(f, "malformed: {what}"),
            Self::Failed(error) => write!(f, "{error:?}"),
        }
    }
}

/// The recorded cases that come with the project, by family.
///
/// # Errors
/// When the folder cannot be read.
pub fn fixtures() -> std::io::Result<Vec<PathBuf>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/oracle");
    let mut files = Vec::new();
    for entry in folder.read_dir()? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(".jsonl.gz") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// Tries the cases of a file (`.jsonl` or `.jsonl.gz`) whose names contain `filter`.
///
/// # Errors
/// When the file cannot be read.
pub fn try_file(path: &Path, filter: &str) -> std::io::Result<Report> {
    let mut report = Report::default();
    for line in open(path)?.lines() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let (name, verdict) = try_case(&line, filter);
        if name.contains(filter) {
            report.add(name, verdict);
        }
    }
    Ok(report)
}

fn open(path: &Path) -> std::io::Result<BufReader<Box<dyn Read>>> {
    let file = File::open(path)?;
    let zipped = path.extension().is_some_and(|extension| extension == "gz");
    Ok(BufReader::new(if zipped { Box::new(GzDecoder::new(file)) } else { Box::new(file) }))
}

/// Tries one case; one that the filter leaves out is only read.
fn try_case(line: &str, filter: &str) -> (String, Verdict) {
    let case = match case::Case::parse(line) {
        Ok(case) => case,
        Err(refusal) => return (line.chars().take(80).collect(), Verdict::Failed(refusal.to_string())),
    };
    if !case.name.contains(filter) {
        return (case.name, Verdict::Passed);
    }
    let verdict = match run::run(&case) {
        Ok(outcome) => compare::compare(&case, &outcome),
        Err(Refusal::Unsupported(what)) => Verdict::Unsupported(what),
        Err(refusal) => Verdict::Failed(refusal.to_string()),
    };
    (case.name, verdict)
}
