//! librdkafka's log lines go to the `log` facade, never to stderr.

use std::ffi::{CStr, c_char, c_int};

use rdkafka::bindings as rd;

/// The log callback of every client. Runs on librdkafka's threads.
pub(super) unsafe extern "C" fn forward(
    client: *const rd::rd_kafka_t,
    level: c_int,
    facility: *const c_char,
    line: *const c_char,
) {
    let level = match level {
        ..=3 => log::Level::Error,
        4 => log::Level::Warn,
        5 | 6 => log::Level::Info,
        _ => log::Level::Debug,
    };
    if !log::log_enabled!(target: "kafka", level) {
        return;
    }
    // A panic of a logger must not cross the frames of C.
    let _ = std::panic::catch_unwind(|| {
        // SAFETY: librdkafka passes NUL-terminated strings that live through the call.
        let (facility, line) =
            unsafe { (CStr::from_ptr(facility).to_string_lossy(), CStr::from_ptr(line).to_string_lossy()) };
        let name = if client.is_null() {
            "kafka".into()
        } else {
            // SAFETY: the client is live while it logs, and its name lives as long.
            unsafe { CStr::from_ptr(rd::rd_kafka_name(client)) }.to_string_lossy()
        };
        log::log!(target: "kafka", level, "{line} facility=`{facility}` client=`{name}`");
    });
}
