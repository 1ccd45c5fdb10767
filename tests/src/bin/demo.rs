//! Judges the word count programs: `demo embedded|kafka LANGUAGE=COMMAND..`.
//!
//! Each program counts the same text, on a broker of its own (`embedded`) or on a real Kafka that this program starts
//! (`kafka`). What they counted must be what a plain count says, their topology must read as Java's, and the internal
//! topics must have Java's names. Any difference is an error.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode};
use std::time::{Duration, Instant};

use kstreams_tests::source::root;
use kstreams_tests::{KafkaCluster, java, topics, wait_until};
use rustix::process::{Pid, Signal, kill_process};

const INPUT: &str = "streams-plaintext-input";
const OUTPUT: &str = "streams-wordcount-output";
const APPLICATION: &str = "streams-wordcount";
const STORE: &str = "KSTREAM-AGGREGATE-STATE-STORE-0000000003";
const DEADLINE: Duration = Duration::from_secs(120);
/// How long a program may take to close after a signal.
const CLOSING: Duration = Duration::from_secs(2);

type Counts = BTreeMap<String, i64>;
type Checked<T = ()> = Result<T, String>;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(problem) => {
            eprintln!("demo: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Checked<String> {
    let usage = "usage: demo embedded|kafka LANGUAGE=COMMAND..";
    let (broker, programs) = arguments.split_first().ok_or(usage)?;
    let programs: Vec<(&str, &str)> =
        programs.iter().map(|program| program.split_once('=').ok_or(usage)).collect::<Result<_, _>>()?;
    let text = root().join("examples/data/opticks.txt");
    let expected = Expected {
        counts: plain_count(&fs::read_to_string(&text).map_err(|e| format!("{}: {e}", text.display()))?),
        describe: java::describe(),
        text,
    };
    let folder = Folder::new()?;
    match broker.as_str() {
        "embedded" => programs.iter().try_for_each(|program| embedded(program, &expected, &folder.0))?,
        "kafka" => on_kafka(&programs, &expected, &folder.0)?,
        other => return Err(format!("unknown broker `{other}`; {usage}")),
    }
    let languages: Vec<_> = programs.iter().map(|(language, _)| *language).collect();
    let (words, total) = (expected.counts.len(), expected.counts.values().sum::<i64>());
    Ok(format!(
        "{} programs ({}) agree with the plain count ({words} words, {total} in all), with Java's text and names",
        languages.len(),
        languages.join(", ")
    ))
}

/// What every program has to find.
struct Expected {
    counts: Counts,
    describe: String,
    text: PathBuf,
}

/// Java's `line.toLowerCase().split("\\W+")`, word by word and without a stream processor.
fn plain_count(text: &str) -> Counts {
    let mut counts = Counts::new();
    for line in text.lines() {
        let line = line.to_ascii_lowercase();
        let mut words: Vec<&str> = line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').collect();
        // Separators in a row are one; a leading empty word stays, trailing ones go, an empty line is one empty word.
        let leading = !line.is_empty() && words.first() == Some(&"");
        words.retain(|word| !word.is_empty());
        if line.is_empty() || (leading && !words.is_empty()) {
            words.insert(0, "");
        }
        words.into_iter().for_each(|word| *counts.entry(word.to_owned()).or_default() += 1);
    }
    counts
}

fn embedded((language, command): &(&str, &str), expected: &Expected, folder: &Path) -> Checked {
    println!("\n=== {language} ===");
    let json = folder.join(format!("{language}.json"));
    let mut child = program(command, &own_folder(folder, language)?);
    child.arg("--text").arg(&expected.text).arg("--json").arg(&json);
    let mut child = Running::start(language, child)?;
    child.must_end(DEADLINE)?;
    let summary = fs::read_to_string(&json).map_err(|e| format!("{language} wrote no summary: {e}"))?;
    let summary: serde_json::Value =
        serde_json::from_str(&summary).map_err(|e| format!("{language}'s summary: {e}"))?;
    let counts = serde_json::from_value(summary["counts"].clone()).map_err(|e| format!("{language}'s counts: {e}"))?;
    same_counts(language, &counts, &expected.counts)?;
    same_text(language, summary["describe"].as_str().unwrap_or_default(), &expected.describe)?;
    let topics: BTreeSet<String> =
        serde_json::from_value(summary["topics"].clone()).map_err(|e| format!("{language}'s topics: {e}"))?;
    same_topics(language, topics, APPLICATION, &[INPUT, OUTPUT])
}

fn on_kafka(programs: &[(&str, &str)], expected: &Expected, folder: &Path) -> Checked {
    let kafka = KafkaCluster::start();
    let servers = kafka.bootstrap_servers();
    println!("Kafka runs at {servers}");
    topics::create(servers, &[(INPUT, 2)]);
    let text = fs::read_to_string(&expected.text).map_err(|e| e.to_string())?;
    topics::write_lines(servers, INPUT, text.lines());
    let mut known: BTreeSet<String> = topics::names(servers).into_iter().collect();
    for (language, command) in programs {
        println!("\n=== {language} ===");
        let (application, output) = (format!("{APPLICATION}-{language}"), format!("{OUTPUT}-{language}"));
        topics::create(servers, &[(&output, 2)]);
        let mut child = program(command, &own_folder(folder, language)?);
        child.args(["--bootstrap-servers", servers, "--input", INPUT, "--output", &output]);
        child.args(["--application-id", &application]);
        let printed = folder.join(format!("{language}.out"));
        child.stdout(File::create(&printed).map_err(|e| e.to_string())?);
        let mut child = Running::start(language, child)?;
        count_all(&mut child, servers, &output, expected.counts.values().sum())?;
        child.must_close()?;

        let dumped = topics::dump(servers, &output);
        same_counts(language, &last_values(&dumped), &expected.counts)?;
        let printed = fs::read_to_string(&printed).map_err(|e| e.to_string())?;
        same_text(language, &printed, &expected.describe.replace(OUTPUT, &output))?;
        let now: BTreeSet<String> = topics::names(servers).into_iter().collect();
        let new = now.difference(&known).filter(|name| !name.starts_with("__")).cloned().collect();
        same_topics(language, new, &application, &[&output])?;
        known = now;
    }
    Ok(())
}

/// Waits until there is one count for each word: without a cache that is how many there are.
fn count_all(child: &mut Running, servers: &str, output: &str, words: i64) -> Checked {
    let start = Instant::now();
    let mut done = 0;
    wait_until("all words to be counted", DEADLINE, || {
        let ends: i64 = topics::end_offsets(servers, output).unwrap_or_default().iter().sum();
        if ends != done {
            println!("{ends} of {words} words");
            done = ends;
        }
        ends >= words || !child.is_running()
    });
    if done < words {
        return Err(format!("{} ended after {done} of {words} words", child.language));
    }
    println!("{:.0} words a second, start included", words as f64 / start.elapsed().as_secs_f64());
    Ok(())
}

fn last_values(dumped: &[topics::Dumped]) -> Counts {
    let long = |bytes: &[u8]| bytes.try_into().map_or(i64::MIN, i64::from_be_bytes);
    let text = |bytes: Option<&[u8]>| String::from_utf8_lossy(bytes.unwrap_or_default()).into_owned();
    dumped.iter().map(|r| (text(r.key.as_deref()), r.value.as_deref().map_or(i64::MIN, long))).collect()
}

fn same_counts(language: &str, counts: &Counts, expected: &Counts) -> Checked {
    let words: BTreeSet<&String> = counts.keys().chain(expected.keys()).collect();
    let wrong = words.into_iter().find(|word| counts.get(*word) != expected.get(*word));
    wrong.map_or(Ok(()), |word| {
        let (got, expected) = (counts.get(word), expected.get(word));
        Err(format!("{language} counted `{word}` {got:?} times, a plain count {expected:?}"))
    })
}

fn same_text(language: &str, printed: &str, expected: &str) -> Checked {
    match printed.contains(expected.trim_end()) {
        true => Ok(()),
        false => Err(format!("{language} describes the topology as\n{printed}\nand Java as\n{expected}")),
    }
}

fn same_topics(language: &str, mut topics: BTreeSet<String>, application: &str, own: &[&str]) -> Checked {
    own.iter().for_each(|topic| _ = topics.remove(*topic));
    let expected: BTreeSet<String> =
        ["changelog", "repartition"].map(|kind| format!("{application}-{STORE}-{kind}")).into();
    match topics == expected {
        true => Ok(()),
        false => Err(format!("{language} made the internal topics {topics:?}, Java makes {expected:?}")),
    }
}

/// Where a program's stores go: the same application id on another broker must not find them.
fn own_folder(folder: &Path, language: &str) -> Checked<PathBuf> {
    let own = folder.join(language);
    fs::create_dir_all(&own).map_err(|e| format!("{}: {e}", own.display()))?;
    Ok(own)
}

/// A program's command, split at spaces. Its stores go to our folder.
fn program(command: &str, folder: &Path) -> Command {
    let mut words = command.split(' ');
    let mut child = Command::new(words.next().unwrap_or_default());
    child.args(words).env("TMPDIR", folder);
    child
}

/// A program that is killed if we give up on it.
struct Running {
    language: String,
    child: Child,
}

impl Running {
    fn start(language: &str, mut command: Command) -> Checked<Self> {
        let child = command.spawn().map_err(|e| format!("{language} does not start: {e}"))?;
        Ok(Self { language: language.to_owned(), child })
    }

    fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    fn must_end(&mut self, deadline: Duration) -> Checked {
        wait_until(&format!("{} to end", self.language), deadline, || !self.is_running());
        let status = self.child.wait().map_err(|e| e.to_string())?;
        if status.success() { Ok(()) } else { Err(format!("{} ended with {status}", self.language)) }
    }

    /// Asks it to stop as Ctrl-C or a service manager would, and measures how long that takes.
    fn must_close(&mut self) -> Checked {
        let id = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw).ok_or("no process id")?;
        let start = Instant::now();
        kill_process(id, Signal::TERM).map_err(|e| e.to_string())?;
        self.must_end(CLOSING + Duration::from_secs(8))?;
        let took = start.elapsed();
        match took <= CLOSING {
            true => Ok(()),
            false => {
                Err(format!("{} took {took:?} to close after SIGTERM, at most {CLOSING:?} is allowed", self.language))
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.is_running() {
            _ = self.child.kill();
            _ = self.child.wait();
        }
    }
}

/// A temporary folder that goes with us.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Checked<Self> {
        let path = std::env::temp_dir().join(format!("kstreams-demo-{}", std::process::id()));
        fs::create_dir_all(&path).map_err(|e| format!("{}: {e}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_plain_count_splits_as_java_does() {
        let counts = plain_count("To be, or not to be\n\n (be)\n---\n");
        let expected = [("", 2), ("be", 3), ("not", 1), ("or", 1), ("to", 2)];
        assert_eq!(counts, expected.into_iter().map(|(word, count)| (word.to_owned(), count)).collect());
    }

    #[test]
    fn a_wrong_count_is_named() {
        let counts = |count| Counts::from([("be".to_owned(), count)]);
        assert!(same_counts("c", &counts(2), &counts(2)).is_ok());
        assert_eq!(
            same_counts("c", &counts(1), &counts(2)).unwrap_err(),
            "c counted `be` Some(1) times, a plain count Some(2)"
        );
        assert!(same_counts("c", &Counts::new(), &counts(2)).is_err());
    }

    #[test]
    fn other_internal_topics_are_refused() {
        let java = |kind| format!("app-{STORE}-{kind}");
        let named = |names: &[String]| same_topics("c", names.iter().cloned().collect(), "app", &["out"]);
        assert!(named(&[java("changelog"), java("repartition"), "out".to_owned()]).is_ok());
        assert!(named(&[java("changelog")]).is_err());
        assert!(named(&[java("changelog"), java("repartition"), "more".to_owned()]).is_err());
    }
}
