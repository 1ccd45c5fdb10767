//! Java programs from the cache folder that `tests/java/prepare` fills: the broker and Kafka's own word count.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

use crate::process::Process;

/// The cache folder with the jars, once it is complete. The first call of a machine takes a minute, later ones nothing.
///
/// # Panics
/// When Java or Maven is missing, or the jars cannot be fetched.
pub fn home() -> &'static PathBuf {
    static HOME: OnceLock<PathBuf> = OnceLock::new();
    HOME.get_or_init(|| {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/java/prepare");
        let output = Command::new(script).stderr(Stdio::inherit()).output().expect("bash is always there");
        assert!(output.status.success(), "tests/java/prepare failed: run make setup");
        PathBuf::from(String::from_utf8_lossy(&output.stdout).trim())
    })
}

/// A Java command up to and including the main class. Small and quick to start, not quick in the long run.
pub fn command(main: &str) -> Command {
    let mut command = bare_command();
    command.args(["-XX:TieredStopAtLevel=1", "-Xmx512m", main]);
    command
}

/// As [`command`], for a program that works hard and long: all compilers, a gigabyte.
pub fn long_running_command(main: &str) -> Command {
    let mut command = bare_command();
    command.args(["-Xms1g", "-Xmx1g", main]);
    command
}

fn bare_command() -> Command {
    let mut command = Command::new("java");
    let archive = home().join("kafka.jsa");
    if archive.exists() {
        command.arg("-Xshare:auto").arg(format!("-XX:SharedArchiveFile={}", archive.display()));
    }
    command.args(["-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"]);
    command.arg("-cp").arg(class_path());
    command
}

/// The jars by name, because the class data archive insists on the order that it was made with.
fn class_path() -> String {
    let libs = home().join("libs");
    let files = fs::read_dir(&libs).unwrap_or_else(|e| panic!("cannot read {}: {e}", libs.display()));
    let mut jars: Vec<_> =
        files.filter_map(Result::ok).map(|f| f.path()).filter(|p| p.extension().is_some_and(|e| e == "jar")).collect();
    jars.sort();
    jars.push(home().join("classes"));
    jars.iter().map(|p| p.to_string_lossy().into_owned()).collect::<Vec<_>>().join(":")
}

/// Java's `Topology.describe()` of its own word count demo.
///
/// # Panics
/// When Java fails.
pub fn describe() -> String {
    let output = command("org.apache.kafka.streams.examples.wordcount.Describe").output().expect("java is there");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("Java prints text")
}

/// Kafka's own word count program, running, with a state directory of its own.
///
/// It reads `streams-plaintext-input` and writes `streams-wordcount-output`, which must exist.
pub struct WordCountDemo {
    process: Process,
}

impl WordCountDemo {
    /// Starts it, with a session of one second: the demo does not leave its group when it ends, and whoever goes on
    /// waits for so long. `settings` go to its configuration file and win, such as `("application.id", "…")`, `("state.dir", "…")`.
    pub fn start(bootstrap_servers: &str, settings: &[(&str, &str)]) -> WordCountDemo {
        let mut process = Process::in_new_folder("wordcount-demo");
        let mut text =
            format!("bootstrap.servers={bootstrap_servers}\nstate.dir={}\n", process.folder().join("state").display());
        text += "session.timeout.ms=1000\nheartbeat.interval.ms=300\n";
        settings.iter().for_each(|(key, value)| text += &format!("{key}={value}\n"));
        let file = process.folder().join("demo.properties");
        fs::write(&file, text).expect("the folder is ours");
        let mut command = command("org.apache.kafka.streams.examples.wordcount.WordCountDemo");
        command.arg(file);
        process.start(command);
        WordCountDemo { process }
    }

    /// What it wrote to its log so far: warnings and errors.
    pub fn log(&self) -> String {
        self.process.log()
    }

    /// Whether the program runs.
    pub fn is_running(&mut self) -> bool {
        self.process.is_running()
    }

    /// Asks it to end (SIGTERM): it commits and closes, but stays a member of its group until its session times out.
    /// Killed after 30 seconds.
    pub fn stop(mut self) -> Option<ExitStatus> {
        self.process.stop(Duration::from_secs(30))
    }

    /// Kills it (SIGKILL).
    pub fn kill(mut self) {
        self.process.kill();
    }
}
