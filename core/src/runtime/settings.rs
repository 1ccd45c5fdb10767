//! The settings of an application, read once.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use super::task::build::TaskSettings;
use crate::config::streams::{
    BUFFERED_RECORDS_PER_PARTITION, NUM_STREAM_THREADS, POLL_MS, PROCESSING_GUARANTEE, REPLICATION_FACTOR,
    STATESTORE_UNCOMMITTED_MAX_BYTES,
};
use crate::config::{ClientSettings, Config, MAX_POLL_RECORDS, StreamsSettings};
use crate::error::{Error, Result};

/// Checked settings, divided among the threads where they are meant for all of them together.
#[derive(Clone)]
pub(super) struct Settings {
    pub(super) streams: StreamsSettings,
    pub(super) task: TaskSettings,
    pub(super) client_id: String,
    pub(super) threads: usize,
    pub(super) commit_interval: Duration,
    pub(super) poll: Duration,
    pub(super) poll_records: usize,
    pub(super) buffered: usize,
    pub(super) state_dir: PathBuf,
    pub(super) replication_factor: i32,
    /// The `topic.` settings.
    pub(super) topic_defaults: BTreeMap<String, String>,
    /// The record cache of each thread.
    pub(super) cache_bytes: usize,
    /// What the stores of each thread may hold back until a commit.
    pub(super) uncommitted_bytes: usize,
}

impl Settings {
    /// Reads and checks the settings.
    ///
    /// # Errors
    /// *Invalid* with the name of the first setting that is missing or wrong.
    pub(super) fn read(config: &Config, process_id: u128) -> Result<Self> {
        let streams = config.streams_settings()?;
        if streams.is_exactly_once() {
            return Err(Error::invalid("exactly_once_v2 is not supported yet: use at_least_once")
                .with("setting", PROCESSING_GUARANTEE));
        }
        let threads = config.size(NUM_STREAM_THREADS)?;
        let main_consumer = streams.main_consumer()?;
        let poll_records = usize::try_from(main_consumer.integer(MAX_POLL_RECORDS)?).unwrap_or(1000);
        let uncommitted = usize::try_from(config.integer(STATESTORE_UNCOMMITTED_MAX_BYTES)?).unwrap_or(usize::MAX);
        Ok(Self {
            task: TaskSettings::from_config(config)?,
            client_id: client_id(config, streams.application_id(), process_id),
            threads,
            commit_interval: streams.commit_interval()?,
            poll: config.duration(POLL_MS)?.unwrap_or_default(),
            poll_records,
            buffered: config.size(BUFFERED_RECORDS_PER_PARTITION)?,
            state_dir: streams.state_dir(),
            replication_factor: i32::try_from(config.integer(REPLICATION_FACTOR)?).unwrap_or(-1),
            topic_defaults: streams.topic_overrides().into_iter().collect(),
            cache_bytes: streams.cache_bytes()? / threads,
            uncommitted_bytes: uncommitted / threads,
            streams,
        })
    }

    pub(super) fn application_id(&self) -> &str {
        self.streams.application_id()
    }

    /// The name of a stream thread, as Java's: its clients' names begin with it.
    pub(super) fn thread_name(&self, index: usize) -> String {
        format!("{}-StreamThread-{index}", self.client_id)
    }
}

/// Names a client in the broker's logs.
pub(super) fn named(mut settings: ClientSettings, owner: &str, role: &str) -> ClientSettings {
    settings.set("client.id", format!("{owner}-{role}"));
    settings
}

fn client_id(config: &Config, application_id: &str, process_id: u128) -> String {
    match config.get("client.id").filter(|id| !id.is_empty()) {
        Some(id) => id.to_owned(),
        None => format!("{application_id}-{}", uuid(process_id)),
    }
}

/// The usual form of a universally unique id.
fn uuid(id: u128) -> String {
    let hex = format!("{id:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
