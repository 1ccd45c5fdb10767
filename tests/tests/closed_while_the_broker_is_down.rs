//! Whoever closes while the broker is down gets to an end in time, and not by a crash.

use std::thread;
use std::time::{Duration, Instant};

use kstreams_tests::instance::tail;
use kstreams_tests::{Instance, KafkaCluster, topics};

const DEADLINE: Duration = Duration::from_secs(90);
/// The program gives its close two seconds; a busy machine needs some time beyond that.
const CLOSE: Duration = Duration::from_secs(4);
const ROUNDS: usize = 5;
const PROGRAMS: usize = 10;

#[test]
fn fifty_programs_close_in_time() {
    let kafka = KafkaCluster::start();
    let servers = kafka.bootstrap_servers();
    topics::create(servers, &[("down-input", 2), ("down-output", 1)]);
    let lines: Vec<String> = (0..500).map(|i| format!("some words of line {i}")).collect();
    topics::write_lines(servers, "down-input", lines.iter().map(String::as_str));
    let program = env!("CARGO_BIN_EXE_word_count");
    let mut programs: Vec<Instance> = (0..PROGRAMS)
        .map(|i| Instance::new(program, servers, &format!("down-{i}"), "down-input", "down-output"))
        .map(|program| program.set("commit.interval.ms", "50").set("session.timeout.ms", "6000"))
        .collect();
    let mut were_running = 0;
    for round in 0..ROUNDS {
        if round > 0 {
            kafka.start_again();
        }
        // Some have tasks, some are on their way to them, one is still at its very start.
        let (early, late) = programs.split_at_mut(PROGRAMS / 2 + 1);
        early.iter_mut().for_each(Instance::start);
        early.iter_mut().for_each(|program| program.wait_until_running(DEADLINE));
        for (i, program) in late.iter_mut().enumerate() {
            program.start();
            let last = if i % 2 == 0 { "joins the group" } else { "to REBALANCING" };
            program.wait_for_log(last, DEADLINE);
        }
        // A clean stop hands the coordinator over, a kill lets connections break.
        if round % 2 == 0 {
            kafka.kill()
        } else {
            kafka.stop()
        }
        for program in &mut programs {
            program.check();
            were_running += usize::from(program.log().contains("to RUNNING"));
        }
        thread::scope(|scope| programs.iter_mut().for_each(|program| drop(scope.spawn(|| close(program)))));
    }
    assert!(were_running >= ROUNDS * PROGRAMS / 2, "only {were_running} had tasks");
}

/// What a program could not commit it says by its exit code; it is never ended by a signal, by itself or by us.
fn close(program: &mut Instance) {
    let begin = Instant::now();
    let status = program.stop(DEADLINE);
    let log = program.log();
    assert!(begin.elapsed() < CLOSE, "closing took {:?}:\n{}", begin.elapsed(), tail(&log));
    let said = log.lines().find(|line| line.contains("word_count: closed after")).unwrap_or_default();
    println!("{said}, {status}");
    assert!(matches!(status.code(), Some(0 | 1)), "{status}:\n{}", tail(&log));
    assert!(!log.contains("panicked"), "{log}");
    assert!(!said.is_empty(), "{log}");
}
