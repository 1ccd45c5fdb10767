//! The admin client.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::clock::Deadline;
use crate::config::Config;
use crate::error::{Error, Result};
use crate::native::kafka::admin::RawAdmin;
use crate::thread::lock;

mod topics;

pub use topics::{NewTopic, PartitionDescription, TopicDescription};

/// Looks after topics.
///
/// # Threads
/// Any thread may call.
///
/// # Examples
/// ```
/// use std::time::Duration;
/// use kstreams::testing::EmbeddedCluster;
/// use kstreams::{Admin, Config};
///
/// let cluster = EmbeddedCluster::start(1)?;
/// cluster.create_topic("greetings", 3)?;
/// let admin = Admin::new(&Config::from([("bootstrap.servers", cluster.bootstrap_servers())]))?;
/// let topics = admin.describe_topics(["greetings"], Duration::from_secs(10))?;
/// assert_eq!(topics[0].partitions.len(), 3);
/// admin.close(Duration::from_secs(10))?;
/// # Ok::<(), kstreams::Error>(())
/// ```
pub struct Admin {
    raw: Mutex<Option<Arc<RawAdmin>>>,
}

/// What became of each of many things: both halves.
#[derive(Clone, Debug, Default)]
pub struct Outcomes {
    /// The names of those that were done.
    pub succeeded: Vec<String>,
    /// The names of those that were not, and why.
    pub failed: Vec<(String, Error)>,
}

impl Outcomes {
    /// `Ok` if everything was done.
    ///
    /// # Errors
    /// The first failure.
    pub fn all(self) -> Result<()> {
        self.failed.into_iter().next().map_or(Ok(()), |(_, error)| Err(error))
    }

    fn from_results(results: Vec<(String, Result<()>)>) -> Self {
        let mut outcomes = Self::default();
        for (name, result) in results {
            match result {
                Ok(()) => outcomes.succeeded.push(name),
                Err(error) => outcomes.failed.push((name, error)),
            }
        }
        outcomes
    }
}

impl Admin {
    /// Starts an admin client. It connects in the background: a broker that cannot be reached is no error here.
    ///
    /// # Errors
    /// *Invalid* for unknown or wrong settings.
    pub fn new(config: &Config) -> Result<Self> {
        let raw = RawAdmin::new(config.admin_settings()?.pairs())?;
        Ok(Self { raw: Mutex::new(Some(Arc::new(raw))) })
    }

    /// Ends the client. Calls in other threads go on to their end. May be called again.
    ///
    /// # Errors
    /// *Timeout* when the client is still ending in the background; *closed* for every later call.
    pub fn close(&self, timeout: Duration) -> Result<()> {
        let raw = lock(&self.raw).take().ok_or_else(|| super::closed("admin client"))?;
        // A call that is still running ends the client when it returns.
        Arc::into_inner(raw).map_or(Ok(()), |raw| raw.close(Deadline::after(timeout)))
    }

    fn raw(&self) -> Result<Arc<RawAdmin>> {
        let raw = lock(&self.raw).clone().ok_or_else(|| super::closed("admin client"))?;
        raw.client().check_process()?;
        Ok(raw)
    }
}

impl std::fmt::Debug for Admin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Admin").field("is_closed", &lock(&self.raw).is_none()).finish()
    }
}
