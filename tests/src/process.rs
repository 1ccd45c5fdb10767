//! A child process with a folder of its own, neither of which outlives the test.

use std::fs::{self, File};
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};
use std::{env, thread};

use rustix::process::{Pid, Signal, kill_process};

/// Reads the id of the process to watch, line by line; once we are gone, however that came, it kills the last one and
/// removes the folder. (A parent-death signal would not do: it comes when the *thread* ends that started the child.)
const GUARD: &str = r#"
trap '' HUP INT TERM
pid=0
while read -r line; do pid=$line; done
if [ "$pid" != 0 ] && grep -qF -- "$1" "/proc/$pid/cmdline" 2>/dev/null; then
  kill -9 "$pid"
  tries=0
  while kill -0 "$pid" 2>/dev/null && [ $tries -lt 50 ]; do sleep 0.1; tries=$((tries + 1)); done
fi
rm -rf -- "$1"
"#;

/// A place for a child process: a temporary folder, and the child while it runs.
pub struct Process {
    folder: PathBuf,
    guard: Child,
    child: Option<Child>,
}

impl Process {
    /// Makes the folder; `name` is a part of its name. It is removed on drop, and also when this process is killed.
    pub fn in_new_folder(name: &str) -> Process {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let unique = format!("kstreams-{name}-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let folder = env::temp_dir().join(unique);
        fs::create_dir_all(&folder).unwrap_or_else(|e| panic!("cannot make {}: {e}", folder.display()));
        let guard = Command::new("sh")
            .args(["-c", GUARD, "guard"])
            .arg(&folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .expect("sh is always there");
        Process { folder, guard, child: None }
    }

    /// The folder of the process, which goes when this value is dropped.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Starts the command; both its outputs go to the end of [`log`](Self::log). One of its arguments must name the folder:
    /// that is how the guard knows the process again.
    ///
    /// # Panics
    /// When the last command still runs, or this one cannot be started.
    pub fn start(&mut self, mut command: Command) {
        assert!(!self.is_running(), "already running");
        let log = File::options().create(true).append(true).open(self.log_file()).expect("the folder is ours");
        let errors = log.try_clone().expect("an open file can be cloned");
        command.stdin(Stdio::null()).stdout(log).stderr(errors).process_group(0);
        let child = command.spawn().unwrap_or_else(|e| panic!("cannot start {}: {e}", command.get_program().display()));
        self.watch(child.id());
        self.child = Some(child);
    }

    /// The process's own id, while it runs.
    pub fn id(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Whether the process runs.
    pub fn is_running(&mut self) -> bool {
        self.status().is_none() && self.child.is_some()
    }

    /// Asks the process to end (SIGTERM) and waits; after the deadline it is killed. Answers its status, `None` if nothing ran.
    pub fn stop(&mut self, deadline: Duration) -> Option<ExitStatus> {
        let begin = Instant::now();
        self.signal(Signal::TERM);
        while self.child.is_some() && begin.elapsed() < deadline {
            if let Some(status) = self.status() {
                self.forget();
                return Some(status);
            }
            thread::sleep(Duration::from_millis(5));
        }
        self.kill()
    }

    /// Kills the process (SIGKILL) and waits. Answers its status, `None` if nothing ran.
    pub fn kill(&mut self) -> Option<ExitStatus> {
        let mut child = self.child.take()?;
        // It may have ended by itself; wait() tells.
        let _ = child.kill();
        let status = child.wait().expect("a child can be waited for");
        self.watch(0);
        Some(status)
    }

    /// Sends a signal, if the process runs.
    pub fn signal(&self, signal: Signal) {
        if let Some(pid) = self.id().and_then(|id| Pid::from_raw(id.cast_signed())) {
            // Not reaped yet, so the id is still its own.
            let _ = kill_process(pid, signal);
        }
    }

    /// What the process wrote so far.
    pub fn log(&self) -> String {
        fs::read(self.log_file()).map(|b| String::from_utf8_lossy(&b).into_owned()).unwrap_or_default()
    }

    fn log_file(&self) -> PathBuf {
        self.folder.join("log")
    }

    fn status(&mut self) -> Option<ExitStatus> {
        self.child.as_mut().and_then(|c| c.try_wait().expect("a child can be waited for"))
    }

    fn forget(&mut self) {
        self.child = None;
        self.watch(0);
    }

    fn watch(&mut self, id: u32) {
        let pipe = self.guard.stdin.as_mut().expect("the guard has a pipe until drop");
        writeln!(pipe, "{id}").expect("the guard outlives us");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        drop(self.guard.stdin.take());
        let _ = self.guard.wait();
    }
}

#[cfg(test)]
mod tests;
