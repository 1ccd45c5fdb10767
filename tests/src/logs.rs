//! What the library logs, for whoever looks into a test: set `KS_TEST_LOG` to `debug`, `info` or `warn`.

use std::io::Write;
use std::sync::{Arc, Once};
use std::time::{SystemTime, UNIX_EPOCH};

use kstreams::LogLevel;

/// Shows the library's log on stderr from now on, if `KS_TEST_LOG` says so.
pub fn show() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let level = match std::env::var("KS_TEST_LOG").as_deref() {
            Ok("debug") => LogLevel::Debug,
            Ok("info") => LogLevel::Info,
            Ok("warn") => LogLevel::Warn,
            _ => return,
        };
        let sink = Arc::new(|record: &kstreams::LogRecord| {
            // Nobody is left to hear of a stderr that is closed.
            let _ = writeln!(
                std::io::stderr(),
                "{} {:?} {} {}",
                record.timestamp_ms % 1_000_000,
                record.level,
                record.target,
                record.message
            );
        });
        kstreams::set_logger(level, sink).expect("tests install no logger of their own");
    });
}

/// Writes the library's log to stderr at once, down to what one wants to know while looking for a fault: not a line is
/// lost when the process is killed.
pub fn to_stderr() {
    struct Stderr;
    impl log::Log for Stderr {
        fn enabled(&self, _: &log::Metadata<'_>) -> bool {
            true
        }

        fn log(&self, record: &log::Record<'_>) {
            let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_millis());
            // One write a line; nobody is left to hear of a stderr that is closed.
            let line = format!("{now} {} {} {}\n", record.level(), record.target(), record.args());
            let _ = std::io::stderr().write_all(line.as_bytes());
        }

        fn flush(&self) {}
    }
    log::set_logger(&Stderr).expect("the program has no other logger");
    log::set_max_level(log::LevelFilter::Debug);
}
