//! What the library logs, for whoever looks into a test: set `KS_TEST_LOG` to `debug`, `info` or `warn`.

use std::io::Write;
use std::sync::{Arc, Once};

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
