//! The producer: records in, futures of their places out.

use std::sync::{Arc, RwLock};
use std::time::Duration;

use crate::clock::Deadline;
use crate::config::{Config, MAX_BLOCK_MS};
use crate::error::{Error, ErrorKind, Result};
use crate::native::kafka::producer::RawProducer;
use crate::thread::{self, Signal, Thread};

mod delivery;
mod record;
mod send;

pub use delivery::{Deliveries, RecordMetadata};
pub use record::ProducerRecord;

use delivery::Pending;

/// Sends records to topics.
///
/// A record goes into a buffer, is sent with others in batches, and its [`Future`](crate::Future) says where it is or
/// why it failed. Defaults are Java's: idempotent, acknowledged by all replicas, 5 ms of lingering, Java's partitioner.
///
/// # Threads
/// Any thread may send. One thread of the library serves the answers.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kstreams::testing::EmbeddedCluster;
/// use kstreams::{Config, Producer, ProducerRecord};
///
/// let cluster = EmbeddedCluster::start(1)?;
/// cluster.create_topic("greetings", 1)?;
/// let producer = Producer::new(&Config::from([("bootstrap.servers", cluster.bootstrap_servers())]))?;
/// let sent = producer.send(ProducerRecord::new("greetings").key("en").value("hello"))?;
/// assert_eq!(sent.wait(Duration::from_secs(10))?.offset, 0);
/// producer.close(Duration::from_secs(10))?;
/// # Ok::<(), kstreams::Error>(())
/// ```
pub struct Producer {
    core: Arc<Core>,
}

/// What the producer shares with the thread that serves its answers.
struct Core {
    /// Gone once the producer is closed.
    raw: RwLock<Option<RawProducer>>,
    /// The records without an answer.
    pending: Signal<Pending>,
    phase: Signal<Phase>,
    max_block: Duration,
}

struct Phase {
    is_open: bool,
    /// How many calls want everything sent now.
    flushing: usize,
    server: Option<Thread<()>>,
}

impl Producer {
    /// Starts a producer. It connects in the background: a broker that cannot be reached is no error here.
    ///
    /// # Errors
    /// *Invalid* for unknown or wrong settings.
    pub fn new(config: &Config) -> Result<Self> {
        let settings = config.producer_settings()?;
        let core = Arc::new(Core {
            max_block: settings.duration(MAX_BLOCK_MS)?,
            raw: RwLock::new(Some(RawProducer::new(settings.pairs())?)),
            pending: Signal::new(Pending::default()),
            phase: Signal::new(Phase { is_open: true, flushing: 0, server: None }),
        });
        let served = Arc::clone(&core);
        let server = thread::spawn("kafka-producer", move || {
            served.serve();
            Ok(())
        })?;
        core.phase.lock().server = Some(server);
        Ok(Self { core })
    }

    /// How many records have no answer yet.
    pub fn outstanding(&self) -> usize {
        self.core.pending.lock().len()
    }

    /// Sends what is buffered at once and waits until every record has its answer. What failed is in the futures.
    ///
    /// # Errors
    /// *Timeout* with the number of records that have none yet: they are still being sent. *Closed*.
    pub fn flush(&self, timeout: Duration) -> Result<()> {
        self.core.flush(Deadline::after(timeout))
    }

    /// Flushes, then ends the producer. The futures of records that were given up say so. May be called again.
    ///
    /// # Errors
    /// *Timeout* with the number of records that were lost. *Closed* for every later call.
    pub fn close(&self, timeout: Duration) -> Result<()> {
        let deadline = Deadline::after(timeout);
        let server = self.core.shut()?;
        let flushed = self.core.drain(deadline);
        let lost = self.core.end(server, deadline)?;
        if lost == 0 {
            return Ok(());
        }
        let error = Error::new(
            ErrorKind::Timeout,
            "closed before all records were acknowledged; their futures say which are lost, raise the timeout",
        );
        let error = error.with("lost", lost);
        Err(match flushed.err().as_ref().and_then(Error::cause) {
            Some(cause) => error.caused_by(cause.clone()),
            None => error,
        })
    }
}

impl Core {
    /// Hands answers over until the producer is closed.
    fn serve(&self) {
        loop {
            let flushing = {
                let phase = self.phase.lock();
                if !phase.is_open && phase.flushing == 0 {
                    return;
                }
                phase.flushing > 0
            };
            let raw = self.raw.read().unwrap_or_else(std::sync::PoisonError::into_inner);
            let Some(raw) = &*raw else { return };
            let mut answers = Vec::new();
            if flushing {
                // How far this slice came shows in what is pending.
                let _ = raw.flush(Deadline::after(Duration::from_millis(20)), |delivery| answers.push(delivery));
            } else {
                raw.poll(Duration::from_millis(200), |delivery| answers.push(delivery));
            }
            self.answer(answers);
        }
    }

    fn flush(&self, deadline: Deadline) -> Result<()> {
        if !self.phase.lock().is_open {
            return Err(super::closed("producer"));
        }
        self.drain(deadline)
    }

    /// Waits until nothing is pending, with lingering switched off.
    fn drain(&self, deadline: Deadline) -> Result<()> {
        self.phase.lock().flushing += 1;
        self.wake();
        let drained = self.pending.wait(deadline, |pending| (pending.len() == 0).then_some(()));
        self.phase.lock().flushing -= 1;
        self.wake();
        drained.ok_or_else(|| {
            let error = Error::new(
                ErrorKind::Timeout,
                "records were not acknowledged before the deadline; they are still being sent: flush again",
            );
            let error = error.with("records", self.pending.lock().len());
            let raw = self.raw.read().unwrap_or_else(std::sync::PoisonError::into_inner);
            match &*raw {
                Some(raw) => raw.client().explain(error),
                None => error,
            }
        })
    }

    /// Takes no more records. Until [`end`](Self::end), everything is sent without lingering.
    fn shut(&self) -> Result<Option<Thread<()>>> {
        let mut phase = self.phase.lock();
        if !std::mem::replace(&mut phase.is_open, false) {
            return Err(super::closed("producer"));
        }
        phase.flushing += 1;
        Ok(phase.server.take())
    }

    /// Gives up what is pending, ends thread and client, and says how many records were lost.
    fn end(&self, server: Option<Thread<()>>, deadline: Deadline) -> Result<usize> {
        // Ending takes a moment also when all the time went into the flush.
        let deadline = deadline.max(Deadline::after(Duration::from_millis(500)));
        self.phase.lock().flushing -= 1;
        self.wake();
        let raw = self.raw.write().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        let Some(raw) = raw else { return Ok(0) };
        let lost = self.pending.lock().len();
        if lost > 0 {
            let mut answers = Vec::new();
            raw.purge(|delivery| answers.push(delivery));
            self.answer(answers);
        }
        let abandoned = self.pending.update(std::mem::take);
        abandoned.abandon();
        if let Some(server) = server {
            server.join(deadline)?;
        }
        raw.close(deadline)?;
        Ok(lost)
    }

    fn wake(&self) {
        if let Some(raw) = &*self.raw.read().unwrap_or_else(std::sync::PoisonError::into_inner) {
            raw.wake();
        }
    }
}

impl Drop for Producer {
    /// Stops at once; what is not acknowledged is lost and logged. Use [`close`](Producer::close).
    fn drop(&mut self) {
        let Ok(server) = self.core.shut() else { return };
        let core = Arc::clone(&self.core);
        let ending = thread::spawn("kafka-producer-end", move || {
            match core.end(server, Deadline::after(Duration::from_secs(5))) {
                Ok(0) => {}
                Ok(lost) => log::warn!("a producer was dropped with records that were not acknowledged lost=`{lost}`"),
                Err(error) => log::warn!("a producer did not end in time: {}", error.chain()),
            }
            Ok(())
        });
        if let Err(error) = ending {
            log::warn!("a producer could not be ended: {}", error.chain());
        }
    }
}

impl std::fmt::Debug for Producer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Producer").field("outstanding", &self.outstanding()).finish()
    }
}
