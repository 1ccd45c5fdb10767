//! A real Apache Kafka for tests.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use crate::process::Process;
use crate::{java, wait_for};

mod metadata;
mod port;

use port::Port;

/// A start takes two seconds on an idle machine; tests that share two cores with compilers may see ten times that.
const START_DEADLINE: Duration = Duration::from_secs(90);
const STOP_DEADLINE: Duration = Duration::from_secs(30);

/// One Kafka process (KRaft, broker and controller in one) on loopback, with its own ports and data.
///
/// Topics are not created automatically. A group member may be as quick as `session.timeout.ms=500` to be declared gone.
/// Dropping it kills the broker and removes the data; so does the end of the test process, however it ends.
///
/// ```no_run
/// use kstreams_tests::KafkaCluster;
///
/// let kafka = KafkaCluster::start();
/// kafka.kill();
/// kafka.start_again();
/// println!("{}", kafka.bootstrap_servers());
/// ```
pub struct KafkaCluster {
    process: Mutex<Process>,
    ports: [Port; 2],
    bootstrap_servers: String,
    for_load: bool,
}

/// How a [`KafkaCluster`] differs from the usual one.
#[derive(Default)]
pub struct Options {
    settings: BTreeMap<String, String>,
    for_load: bool,
}

impl Options {
    /// Sets one of the broker's own settings.
    pub fn set(mut self, key: &str, value: &str) -> Options {
        self.settings.insert(key.to_owned(), value.to_owned());
        self
    }

    /// For measurements: all of Java's compilers and a gigabyte of memory, instead of a quick start.
    pub fn for_load(mut self) -> Options {
        self.for_load = true;
        self
    }

    /// Starts the broker and waits until it answers.
    ///
    /// # Panics
    /// When it does not start; the text has the end of its log.
    pub fn start(self) -> KafkaCluster {
        let process = Process::in_new_folder("kafka");
        let ports = [Port::reserve(), Port::reserve()];
        let bootstrap_servers = format!("127.0.0.1:{}", ports[0].number());
        let cluster = KafkaCluster { process: Mutex::new(process), ports, bootstrap_servers, for_load: self.for_load };
        cluster.write_files(&self.settings);
        cluster.start_again();
        cluster
    }
}

impl KafkaCluster {
    /// Starts a broker of one's own, for tests that stop it or need special settings.
    ///
    /// # Panics
    /// When it does not start; the text has the end of its log.
    pub fn start() -> KafkaCluster {
        Self::options().start()
    }

    /// Starts to describe a broker with special settings; end with [`Options::start`].
    pub fn options() -> Options {
        Options::default()
    }

    /// The broker that all tests of this process share. Tests take topic names and application ids of their own.
    ///
    /// # Panics
    /// When it does not start; the text has the end of its log.
    pub fn shared() -> &'static KafkaCluster {
        static SHARED: OnceLock<KafkaCluster> = OnceLock::new();
        SHARED.get_or_init(KafkaCluster::start)
    }

    /// `127.0.0.1:PORT`; stays the same when the broker is started again.
    pub fn bootstrap_servers(&self) -> &str {
        &self.bootstrap_servers
    }

    /// Stops the broker cleanly (SIGTERM) and waits until it is gone. Nothing happens if it does not run.
    pub fn stop(&self) {
        self.process().stop(STOP_DEADLINE);
    }

    /// Kills the broker (SIGKILL) and waits until it is gone. Nothing happens if it does not run.
    pub fn kill(&self) {
        self.process().kill();
    }

    /// Starts the broker after [`stop`](Self::stop) or [`kill`](Self::kill), with the same ports and data, and waits until it answers.
    ///
    /// # Panics
    /// When it runs already, or does not start; the text has the end of its log.
    pub fn start_again(&self) {
        let mut process = self.process();
        let main = "kafka.Kafka";
        let mut command = if self.for_load { java::long_running_command(main) } else { java::command(main) };
        command.arg(process.folder().join("server.properties"));
        process.start(command);
        wait_for("the broker to answer", START_DEADLINE, || {
            assert!(process.is_running(), "the broker did not start:\n{}", last_lines(&process.log()));
            metadata::answers(self.ports[0].number()).then_some(())
        });
    }

    /// The process's own id, while the broker runs.
    pub fn id(&self) -> Option<u32> {
        self.process().id()
    }

    /// What the broker wrote to its log so far: warnings and errors.
    pub fn log(&self) -> String {
        self.process().log()
    }

    fn write_files(&self, settings: &BTreeMap<String, String>) {
        let folder = self.process().folder().to_owned();
        let data = folder.join("data");
        copy_template(&data);
        let [broker, controller] = [self.ports[0].number(), self.ports[1].number()];
        let mut text = include_str!("../java/server.properties").to_owned();
        text += &format!("listeners=PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}\n");
        text += &format!("advertised.listeners=PLAINTEXT://127.0.0.1:{broker}\n");
        text += &format!("controller.quorum.voters=1@127.0.0.1:{controller}\n");
        text += &format!("log.dirs={}\n", data.display());
        // The last line of a key wins.
        settings.iter().for_each(|(key, value)| text += &format!("{key}={value}\n"));
        fs::write(folder.join("server.properties"), text).expect("the folder is ours");
    }

    fn process(&self) -> MutexGuard<'_, Process> {
        // A panic while starting leaves a process that can still be stopped.
        self.process.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Copies the formatted data directory that `tests/java/prepare` made.
fn copy_template(to: &PathBuf) {
    let template = java::home().join("data");
    fs::create_dir(to).expect("the folder is ours");
    for file in fs::read_dir(&template).unwrap_or_else(|e| panic!("cannot read {}: {e}", template.display())) {
        let file = file.expect("a directory can be read to its end");
        fs::copy(file.path(), to.join(file.file_name())).expect("the template is small");
    }
}

fn last_lines(log: &str) -> String {
    let lines: Vec<_> = log.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

#[cfg(test)]
mod tests;
