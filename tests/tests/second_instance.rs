//! A second process joins and leaves: the tasks move, and every line is counted once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use kstreams_tests::instance::lines_split;
use kstreams_tests::wordcount::{last_counts, plain_count};
use kstreams_tests::{Instance, KafkaCluster, topics, wait_until};

const DEADLINE: Duration = Duration::from_secs(90);
const PARTITIONS: i32 = 4;
const ID: &str = "shared";
const INPUT: &str = "shared-input";
const OUTPUT: &str = "shared-output";

fn line(i: usize) -> String {
    (0..5).map(|j| format!("w{}", (i * 7 + j * 131) % 997)).collect::<Vec<_>>().join(" ")
}

fn instance(servers: &str) -> Instance {
    Instance::new(env!("CARGO_BIN_EXE_word_count"), servers, ID, INPUT, OUTPUT)
        .set("commit.interval.ms", "100")
        .set("session.timeout.ms", "10000")
}

/// When a process had a task: from its assignment until it was suspended or closed, in milliseconds. Open ones end never.
fn holdings(log: &str) -> BTreeMap<String, Vec<(u64, u64)>> {
    let mut holdings: BTreeMap<String, Vec<(u64, u64)>> = BTreeMap::new();
    for line in log.lines() {
        let Some((head, event)) = line.split_once(" task ") else { continue };
        let (Ok(at), Some((task, event))) = (head.split(' ').next().unwrap_or_default().parse(), event.split_once(' '))
        else {
            continue;
        };
        let of_task = holdings.entry(task.to_owned()).or_default();
        let is_open = of_task.last().is_some_and(|(_, end)| *end == u64::MAX);
        if event.starts_with("assigned") && !is_open {
            of_task.push((at, u64::MAX));
        } else if (event.starts_with("suspended") || event.starts_with("closed")) && is_open {
            of_task.last_mut().expect("it is open").1 = at;
        }
    }
    holdings
}

/// The tasks that a process has now.
fn tasks(instance: &Instance) -> Vec<String> {
    let is_open = |(task, times): (String, Vec<(u64, u64)>)| (times.last()?.1 == u64::MAX).then_some(task);
    holdings(&instance.log()).into_iter().filter_map(is_open).collect()
}

fn assert_each_task_in_one_place(instances: [&Instance; 2]) {
    let [first, second] = instances.map(|instance| holdings(&instance.whole_log()));
    let mut moved = 0;
    for (task, times) in &first {
        let others = second.get(task).map(Vec::as_slice).unwrap_or_default();
        moved += others.len();
        for (from, to) in times {
            for (other_from, other_to) in others {
                assert!(to <= other_from || other_to <= from, "task {task} was on both: {times:?} {others:?}");
            }
        }
    }
    assert!(moved > 0, "no task ever moved: {first:?} {second:?}");
}

fn end(servers: &str, topic: &str) -> i64 {
    topics::end_offsets(servers, topic).map_or(0, |ends| ends.iter().sum())
}

fn written(servers: &str) -> usize {
    end(servers, INPUT) as usize
}

/// Waits until everything that was written is counted.
fn wait_until_counted(servers: &str, instances: &mut [&mut Instance]) {
    wait_until("everything to be counted", DEADLINE, || {
        instances.iter_mut().for_each(|instance| instance.check());
        end(servers, OUTPUT) >= 5 * end(servers, INPUT)
    });
}

fn share_the_tasks(first: &mut Instance, second: &mut Instance) {
    wait_until("each to have half of the tasks", DEADLINE, || {
        first.check();
        second.check();
        let half = PARTITIONS as usize;
        tasks(first).len() == half && tasks(second).len() == half
    });
}

/// Keeps some lines of input ahead of both programs, until it is told to stop.
fn feed(servers: &'static str, marks: Vec<std::path::PathBuf>) -> impl FnOnce() {
    let is_over = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&is_over);
    let feeder = thread::spawn(move || {
        while !stop.load(Ordering::Relaxed) {
            let from = written(servers);
            let more: Vec<String> = (from..from + 1_000).map(line).collect();
            topics::write_lines(servers, INPUT, more.iter().map(String::as_str));
            wait_until("the programs to read on", DEADLINE, || {
                let split: u64 = marks.iter().map(|marks| lines_split(marks)).sum();
                (from as u64) < split + 1_000 || stop.load(Ordering::Relaxed)
            });
        }
    });
    move || {
        is_over.store(true, Ordering::Relaxed);
        feeder.join().expect("the feeder can write");
    }
}

#[test]
fn a_second_process_takes_its_share_and_gives_it_back() {
    let servers = KafkaCluster::shared().bootstrap_servers();
    topics::create(servers, &[(INPUT, PARTITIONS), (OUTPUT, 1)]);
    let (mut first, mut second) = (instance(servers), instance(servers));
    let stop = feed(servers, vec![first.mark_file(), second.mark_file()]);
    first.start();
    first.wait_until("the first counts", DEADLINE, |_| end(servers, OUTPUT) > 10_000);

    second.start();
    share_the_tasks(&mut first, &mut second);
    let before = [first.lines_split(), second.lines_split()];
    wait_until("both to process for a while", DEADLINE, || {
        first.lines_split() + second.lines_split() > before[0] + before[1] + 10_000
    });
    let done = [first.lines_split() - before[0], second.lines_split() - before[1]];
    let fifth = (done[0] + done[1]) / 5;
    assert!(done.iter().all(|done| *done > fifth), "lines of each: {done:?}");

    // It leaves in the middle, and comes back.
    second.close();
    first.wait_until("the first to have all tasks", DEADLINE, |first| tasks(first).len() == 2 * PARTITIONS as usize);
    second.start();
    share_the_tasks(&mut first, &mut second);
    stop();
    wait_until_counted(servers, &mut [&mut first, &mut second]);
    second.close();
    first.close();

    assert_each_task_in_one_place([&first, &second]);
    assert_counts(servers, &[&first, &second]);
}

#[test]
fn a_close_in_the_middle_loses_and_repeats_nothing() {
    let servers = KafkaCluster::shared().bootstrap_servers();
    let (id, input, output) = ("interrupted", "interrupted-input", "interrupted-output");
    topics::create(servers, &[(input, PARTITIONS), (output, 1)]);
    let lines: Vec<String> = (0..60_000).map(line).collect();
    topics::write_lines(servers, input, lines.iter().map(String::as_str));
    let mut instance = Instance::new(env!("CARGO_BIN_EXE_word_count"), servers, id, input, output);
    for part in 1..=3 {
        instance.start();
        instance.wait_until("some more lines", DEADLINE, |instance| instance.lines_split() >= part * 10_000);
        instance.close();
    }
    assert!(instance.lines_split() < lines.len() as u64, "it was closed in the middle");
    instance.start();
    instance.wait_until("everything to be counted", DEADLINE, |_| end(servers, output) >= 5 * lines.len() as i64);
    instance.close();
    assert_eq!(instance.lines_split(), lines.len() as u64);
    assert_eq!(end(servers, output), 5 * lines.len() as i64);
    assert_eq!(last_counts(&topics::dump(servers, output)), plain_count(lines.iter().map(String::as_str)));
}

fn assert_counts(servers: &str, instances: &[&Instance]) {
    let lines: Vec<String> = (0..written(servers)).map(line).collect();
    let counts = last_counts(&topics::dump(servers, OUTPUT));
    assert_eq!(counts, plain_count(lines.iter().map(String::as_str)));
    assert_eq!(instances.iter().map(|instance| instance.lines_split()).sum::<u64>(), lines.len() as u64);
    assert_eq!(end(servers, OUTPUT), 5 * lines.len() as i64, "each count is written once");
}
