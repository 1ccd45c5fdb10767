use super::*;
use crate::wait_until;

fn sleeper(folder: &Path) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", "trap 'exit 7' TERM; echo ready; while :; do sleep 0.02; done", "sleeper"]).arg(folder);
    command
}

fn ready() -> Process {
    let mut process = Process::in_new_folder("process-test");
    process.start(sleeper(process.folder()));
    wait_until("the child to be ready", Duration::from_secs(10), || process.log().contains("ready"));
    process
}

#[test]
fn a_process_that_is_asked_to_stop_may_choose_its_status() {
    let mut process = ready();
    assert_eq!(process.stop(Duration::from_secs(10)).and_then(|s| s.code()), Some(7));
    assert!(!process.is_running());
}

#[test]
fn a_killed_process_can_be_started_again_in_its_folder() {
    let mut process = ready();
    assert_eq!(process.kill().and_then(|s| s.code()), None);
    process.start(sleeper(process.folder()));
    assert!(process.is_running());
}

#[test]
fn dropping_ends_the_process_and_removes_the_folder() {
    let process = ready();
    let (id, folder) = (process.id().unwrap(), process.folder().to_owned());
    drop(process);
    assert!(!Path::new(&format!("/proc/{id}")).exists());
    assert!(!folder.exists());
}

#[test]
fn the_guard_kills_the_process_when_its_owner_is_gone() {
    let mut process = ready();
    let folder = process.folder().to_owned();
    // What the system does when the owner dies: the pipe closes.
    drop(process.guard.stdin.take());
    wait_until("the guard to clean up", Duration::from_secs(10), || !folder.exists());
    let status = process.child.take().unwrap().wait().unwrap();
    assert_eq!(status.code(), None, "killed by a signal");
    // The pipe is closed: nothing is left for drop.
    std::mem::forget(process);
}
