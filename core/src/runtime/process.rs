//! Processing in sessions: the host is entered once for a batch of records, and nothing waits inside.

use std::sync::Arc;
use std::time::Duration;

use super::metrics::Counter;
use super::slot::Stage;
use super::task::Task;
use super::thread::StreamThread;
use crate::clock::Clock;
use crate::error::Result;

/// A session ends after so many records.
const SESSION_RECORDS: usize = 1000;
/// Or after this time.
const SESSION_TIME: Duration = Duration::from_millis(2);
/// Or when the task wants to send so much.
const OUTBOX_RECORDS: usize = 10_000;
const OUTBOX_BYTES: usize = 4 << 20;

/// When a session ends.
struct Session {
    clock: Clock,
    /// What this thread processed.
    processed: Arc<Counter>,
    next_commit: Duration,
}

impl StreamThread {
    /// Gives every task that has records one session, and sends what came of it. `false`: nothing could be processed.
    ///
    /// # Errors
    /// What an exception handler decided to fail with; what the producer answers.
    pub(super) fn process(&mut self) -> Result<bool> {
        let before = self.processed.value();
        let now_ms = self.now_ms();
        for slot in &mut self.slots {
            if slot.stage != Stage::Running || slot.buffered() == 0 {
                continue;
            }
            slot.note_lags(&self.consumer, now_ms);
            let session = Session {
                clock: self.application.clock.clone(),
                processed: Arc::clone(&self.processed),
                next_commit: self.next_commit,
            };
            let outcome = slot.enter(&self.application, move |task| session.run(task));
            slot.note_dropped(&self.application);
            outcome?;
            self.sender.send(slot, &self.application)?;
        }
        let done = self.processed.value() - before;
        self.application.metrics.processed.add(usize::try_from(done).unwrap_or(usize::MAX));
        Ok(done > 0)
    }
}

impl Session {
    fn run(&self, task: &mut Task) -> Result<()> {
        let mut done = 0;
        let outcome = self.process(task, &mut done);
        self.processed.add(done);
        outcome
    }

    fn process(&self, task: &mut Task, done: &mut usize) -> Result<()> {
        // The records are queued already; their readers and handlers are the program's, and so run in here.
        (0..task.inputs().len()).try_for_each(|input| task.add(input, []))?;
        let clock = &self.clock;
        let mut now = clock.elapsed();
        let end = (now + SESSION_TIME).min(self.next_commit.max(now));
        while *done < SESSION_RECORDS && task.is_processable(whole_ms(now)) && task.process_one()? {
            *done += 1;
            let outbox = task.context.outbox();
            if outbox.records.len() >= OUTBOX_RECORDS || outbox.bytes.len() >= OUTBOX_BYTES {
                break;
            }
            if is_moment(*done) {
                now = clock.elapsed();
                if now >= end {
                    break;
                }
            }
        }
        Ok(())
    }
}

/// When to look at the clock: often at first, for functions that take long, then seldom.
const fn is_moment(done: usize) -> bool {
    done.is_multiple_of(16) || done.is_power_of_two()
}

pub(super) fn whole_ms(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}
