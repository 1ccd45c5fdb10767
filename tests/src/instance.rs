//! Our word count as a process of its own, with a state directory that outlives its kills.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::thread;
use std::time::{Duration, Instant};

use crate::process::Process;

/// How often a condition is looked at.
const PAUSE: Duration = Duration::from_millis(10);

/// The word count program of these tests. It keeps its state directory from one run to the next, and loses both on drop.
pub struct Instance {
    process: Process,
    program: PathBuf,
    arguments: Vec<String>,
    /// Where the log of this run begins.
    begin: usize,
}

impl Instance {
    /// Describes the program, which is `env!("CARGO_BIN_EXE_word_count")` for tests of this package.
    pub fn new(program: &str, bootstrap_servers: &str, id: &str, input: &str, output: &str) -> Instance {
        let process = Process::in_new_folder("instance");
        let mut instance = Instance { process, program: program.into(), arguments: Vec::new(), begin: 0 };
        let options = [("bootstrap-servers", bootstrap_servers), ("application-id", id), ("input", input)];
        options.into_iter().for_each(|(name, value)| instance.option(name, value));
        instance.option("output", output);
        instance.option("mark", &instance.mark_file().to_string_lossy());
        let state = instance.state_dir().to_string_lossy().into_owned();
        instance.set("state.dir", &state).set("heartbeat.interval.ms", "300")
    }

    /// Changes a setting, from the next start on.
    pub fn set(mut self, key: &str, value: &str) -> Instance {
        self.option("config", &format!("{key}={value}"));
        self
    }

    fn option(&mut self, name: &str, value: &str) {
        self.arguments.extend([format!("--{name}"), value.to_owned()]);
    }

    /// Starts the program.
    ///
    /// # Panics
    /// When it runs already.
    pub fn start(&mut self) {
        self.begin = self.process.log().len();
        let mut command = Command::new(&self.program);
        command.args(&self.arguments);
        self.process.start(command);
    }

    /// Waits until all its tasks process.
    ///
    /// # Panics
    /// When the program ends, or after the deadline; the text has the end of its log.
    pub fn wait_until_running(&mut self, deadline: Duration) {
        self.wait_for_log("to RUNNING", deadline);
    }

    /// Waits until this run has logged something.
    ///
    /// # Panics
    /// When the program ends, or after the deadline; the text has the end of its log.
    pub fn wait_for_log(&mut self, text: &str, deadline: Duration) {
        self.wait_until(&format!("`{text}` in the log"), deadline, |instance| instance.log().contains(text));
    }

    /// Waits for something while the program runs.
    ///
    /// # Panics
    /// When the program ends, or after the deadline; the text has the end of its log.
    pub fn wait_until(&mut self, what: &str, deadline: Duration, mut condition: impl FnMut(&Instance) -> bool) {
        let begin = Instant::now();
        while !condition(self) {
            self.check();
            assert!(begin.elapsed() < deadline, "waited {deadline:?} in vain: {what}\n{}", tail(&self.log()));
            thread::sleep(PAUSE);
        }
    }

    /// Fails with the end of the log when the program has ended.
    ///
    /// # Panics
    /// Then.
    pub fn check(&mut self) {
        assert!(self.is_running(), "the program has ended:\n{}", tail(&self.log()));
    }

    pub fn is_running(&mut self) -> bool {
        self.process.is_running()
    }

    /// The id of the process, while it runs.
    pub fn id(&self) -> Option<u32> {
        self.process.id()
    }

    /// Kills the program (SIGKILL) and waits.
    pub fn kill(&mut self) {
        self.process.kill();
    }

    /// Asks it to end (SIGTERM) and waits; after the deadline it is killed.
    pub fn stop(&mut self, deadline: Duration) -> ExitStatus {
        self.process.stop(deadline).expect("a program is stopped that was started")
    }

    /// Asks it to end, and insists that it does so cleanly.
    ///
    /// # Panics
    /// When it does not; the text has the end of its log.
    pub fn close(&mut self) {
        let status = self.stop(Duration::from_secs(30));
        assert!(status.success(), "{status}:\n{}", tail(&self.log()));
    }

    /// What this run has logged.
    pub fn log(&self) -> String {
        self.process.log().split_off(self.begin)
    }

    /// What all runs have logged.
    pub fn whole_log(&self) -> String {
        self.process.log()
    }

    /// How many lines all runs have split.
    pub fn lines_split(&self) -> u64 {
        lines_split(&self.mark_file())
    }

    /// The file for [`lines_split`].
    pub fn mark_file(&self) -> PathBuf {
        self.process.folder().join("mark")
    }

    pub fn state_dir(&self) -> PathBuf {
        self.process.folder().join("state")
    }

    /// What this run said about its restores, one entry for each changelog that it looked at: partition, first offset, end.
    pub fn restores(&self) -> Vec<(String, i64, i64)> {
        let log = self.log();
        let lines = log.lines().filter_map(|line| line.split_once(" restores "));
        lines.map(|(_, rest)| fields(rest, [" from ", " to "])).collect()
    }

    /// How many changelog records this run has restored, in all restores that ended.
    pub fn restored(&self) -> i64 {
        let log = self.log();
        let lines = log.lines().filter_map(|line| line.split_once(" restored "));
        lines.map(|(_, rest)| number(rest.split(' ').next().unwrap_or_default())).sum()
    }

    /// Where this run began to read at its first assignment: partition and offset, −1 without a committed one.
    pub fn reads(&self) -> Vec<(String, i64)> {
        let log = self.log();
        let lines = log.lines().filter_map(|line| line.split_once(" reads "));
        let parts = lines.filter_map(|(_, rest)| rest.split_once(" from "));
        let mut reads: Vec<(String, i64)> = Vec::new();
        for (partition, offset) in parts {
            if reads.iter().all(|(known, _)| known != partition) {
                reads.push((partition.to_owned(), offset.parse().unwrap_or(-1)));
            }
        }
        reads
    }
}

/// How many lines were split, by the file of marks.
pub fn lines_split(mark_file: &Path) -> u64 {
    fs::metadata(mark_file).map_or(0, |file| file.len())
}

fn fields(text: &str, [from, to]: [&str; 2]) -> (String, i64, i64) {
    let (partition, rest) = text.split_once(from).unwrap_or_else(|| panic!("no `{from}` in `{text}`"));
    let (begin, end) = rest.split_once(to).unwrap_or_else(|| panic!("no `{to}` in `{text}`"));
    (partition.to_owned(), number(begin), number(end))
}

fn number(text: &str) -> i64 {
    text.parse().unwrap_or_else(|_| panic!("`{text}` is no number"))
}

/// The end of a log, for a panic's text.
pub fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(40)..].join("\n")
}
