use std::sync::{Mutex, PoisonError};

use super::*;
use crate::thread::lock;

/// The logger belongs to the process, so these tests take turns.
static TURN: Mutex<()> = Mutex::new(());

const TARGET: &str = "kstreams::log::tests";

type Seen = Arc<Mutex<Vec<LogRecord>>>;

fn collect() -> (Seen, LogSink) {
    let seen = Seen::default();
    let theirs = Arc::clone(&seen);
    // Other tests of this process log, too.
    let sink = move |record: &LogRecord| {
        if record.target == TARGET {
            lock(&theirs).push(record.clone());
        }
    };
    (seen, Arc::new(sink))
}

fn flush() {
    flush_logger(Duration::from_secs(20)).unwrap();
}

fn messages(seen: &Seen) -> Vec<String> {
    lock(seen).iter().map(|record| record.message.clone()).collect()
}

#[test]
fn records_arrive_in_order_on_the_log_thread_down_to_the_level() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let (seen, sink) = collect();
    set_logger(LogLevel::Info, sink).unwrap();
    log::info!("first");
    log::debug!("too quiet");
    log::warn!("second\nline");
    flush();
    clear_logger();
    log::error!("nobody listens");
    assert_eq!(messages(&seen), ["first", "second line"]);
    let seen = lock(&seen);
    assert_eq!((seen[0].level, seen[1].level), (LogLevel::Info, LogLevel::Warn));
    assert!(seen[0].timestamp_ms > 1_700_000_000_000);
}

#[test]
fn a_slow_host_loses_records_and_learns_how_many() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let gate = Arc::new(Signal::new(false));
    let (theirs, counts) = (Arc::clone(&gate), Arc::new(Mutex::new((0_usize, Vec::new()))));
    let taken = Arc::clone(&counts);
    let sink = move |record: &LogRecord| {
        theirs.wait(Deadline::NEVER, |open| open.then_some(()));
        match record.message.strip_prefix("log records dropped count=`") {
            Some(count) => lock(&taken).1.push(count.trim_end_matches('`').parse::<u64>().unwrap()),
            None if record.target == TARGET => lock(&taken).0 += 1,
            None => (),
        }
    };
    let before = dropped_log_records();
    set_logger(LogLevel::Error, Arc::new(sink)).unwrap();
    let sent = CAPACITY + 500;
    (0..sent).for_each(|number| log::error!("{number}"));
    let dropped = dropped_log_records() - before;
    assert!(dropped >= 499, "{dropped}");
    assert_eq!(flush_logger(Duration::from_millis(1)).unwrap_err().kind(), ErrorKind::Timeout);
    gate.update(|open| *open = true);
    flush();
    clear_logger();
    let (arrived, announced) = &*lock(&counts);
    assert_eq!(announced.iter().sum::<u64>(), dropped);
    // Other tests of this process may have taken a few places.
    assert!(*arrived <= CAPACITY + 1 && *arrived >= CAPACITY - 100, "{arrived}");
}

#[test]
fn a_sink_may_panic_log_and_be_replaced() {
    let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let (seen, sink) = collect();
    let stumbling = move |record: &LogRecord| {
        log::error!(target: TARGET, "from the sink");
        sink(record);
        assert!(record.message != "stumble", "as planned");
    };
    set_logger(LogLevel::Error, Arc::new(stumbling)).unwrap();
    log::error!("stumble");
    log::error!("go on");
    flush();
    assert_eq!(messages(&seen), ["stumble", "go on"]);
    let (later, sink) = collect();
    set_logger(LogLevel::Error, sink).unwrap();
    log::error!("to the new one");
    flush();
    clear_logger();
    assert_eq!((messages(&seen).len(), messages(&later)), (2, vec!["to the new one".to_owned()]));
}

#[test]
fn a_level_is_read_from_its_name() {
    assert_eq!("WARN".parse::<LogLevel>().unwrap(), LogLevel::Warn);
    assert_eq!(LogLevel::Trace.to_string().parse::<LogLevel>().unwrap(), LogLevel::Trace);
    assert_eq!("loud".parse::<LogLevel>().unwrap_err().fact("allowed"), Some("error, warn, info, debug, trace"));
}
