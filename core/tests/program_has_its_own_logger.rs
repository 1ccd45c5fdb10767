//! A Rust program with a logger of its own keeps it, and gets the library's records in it.

#![allow(clippy::unwrap_used, reason = "tests say what they expect by unwrapping")]

use std::sync::{Arc, Mutex};

use kstreams::{ErrorKind, Future, LogLevel};

struct Own(Mutex<Vec<String>>);

static OWN: Own = Own(Mutex::new(Vec::new()));

impl log::Log for Own {
    fn enabled(&self, _metadata: &log::Metadata<'_>) -> bool {
        true
    }

    fn log(&self, record: &log::Record<'_>) {
        self.0.lock().unwrap().push(record.args().to_string());
    }

    fn flush(&self) {}
}

#[test]
fn a_programs_logger_is_left_alone() {
    log::set_logger(&OWN).unwrap();
    log::set_max_level(log::LevelFilter::Info);
    let refused =
        kstreams::set_logger(LogLevel::Trace, Arc::new(|_| unreachable!("the sink was refused"))).unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Invalid);
    assert_eq!(log::max_level(), log::LevelFilter::Info);
    kstreams::clear_logger();
    assert_eq!(log::max_level(), log::LevelFilter::Info);
    log::info!("mine");
    assert_eq!(*OWN.0.lock().unwrap(), ["mine"]);
    assert_eq!(kstreams::dropped_log_records(), 0);
    // The rest of the library works as ever.
    assert_eq!(Future::ready(Ok(1)).then(|one| one).wait(std::time::Duration::from_secs(20)).unwrap(), 1);
}
