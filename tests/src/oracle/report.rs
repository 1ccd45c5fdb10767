//! How many cases passed, and what was wrong with the others.

use std::collections::BTreeMap;
use std::fmt;

/// What became of one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Everything is as recorded.
    Passed,
    /// Something differs: what, in lines for people.
    Failed(String),
    /// The case uses something that is not built yet: what.
    Unsupported(String),
}

/// The verdicts of many cases.
#[derive(Debug, Default)]
pub struct Report {
    /// How many cases passed.
    pub passed: usize,
    /// The cases that failed: name and differences, in the order in which they were tried.
    pub failed: Vec<(String, String)>,
    /// How many cases could not be tried for want of each feature.
    pub unsupported: BTreeMap<String, usize>,
}

impl Report {
    /// Takes one verdict in.
    pub fn add(&mut self, name: String, verdict: Verdict) {
        match verdict {
            Verdict::Passed => self.passed += 1,
            Verdict::Failed(differences) => self.failed.push((name, differences)),
            Verdict::Unsupported(what) => *self.unsupported.entry(what).or_default() += 1,
        }
    }

    /// Takes another report in.
    pub fn merge(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed.extend(other.failed);
        for (what, count) in other.unsupported {
            *self.unsupported.entry(what).or_default() += count;
        }
    }

    /// What is not built yet, most wanted first.
    #[must_use]
    pub fn wanted(&self) -> Vec<(&str, usize)> {
        let mut wanted: Vec<_> = self.unsupported.iter().map(|(what, count)| (what.as_str(), *count)).collect();
        wanted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        wanted
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unsupported: usize = self.unsupported.values().sum();
        write!(f, "{} passed, {} failed, {unsupported} unsupported", self.passed, self.failed.len())
    }
}
