//! librdkafka's mock cluster: brokers in this process, for tests of error paths and for demonstrations.

use std::ffi::c_int;
use std::ptr::NonNull;

use rdkafka::bindings as rd;

use super::client::Client;
use super::conf::Conf;
use super::error::Status;
use super::{c_text, text_from};
use crate::error::{Error, Result};
use crate::thread;

/// Brokers in this process.
pub(crate) struct Mock {
    raw: NonNull<rd::rd_kafka_mock_cluster_t>,
    // The cluster runs on this client, which goes after it.
    _client: Client,
}

// SAFETY: the mock cluster's calls are messages to its own thread.
unsafe impl Send for Mock {}
// SAFETY: as above.
unsafe impl Sync for Mock {}

impl Mock {
    pub(crate) fn start(brokers: u16) -> Result<Self> {
        let client = Client::new(rd::rd_kafka_type_t::RD_KAFKA_PRODUCER, Conf::with(&[], [])?)?;
        // SAFETY: the client is live.
        let raw = thread::shielded(|| unsafe { rd::rd_kafka_mock_cluster_new(client.raw(), c_int::from(brokers)) });
        let raw = NonNull::new(raw).ok_or_else(|| Error::invalid("cannot start embedded brokers"))?;
        // Mock clusters wait 3 s for more members by default.
        // SAFETY: the cluster is live.
        unsafe { rd::rd_kafka_mock_group_initial_rebalance_delay_ms(raw.as_ptr(), 20) };
        Ok(Self { raw, _client: client })
    }

    pub(crate) fn bootstrap_servers(&self) -> String {
        // SAFETY: the cluster is live and keeps the text.
        unsafe { text_from(rd::rd_kafka_mock_cluster_bootstraps(self.raw.as_ptr())) }.unwrap_or_default()
    }

    pub(crate) fn create_topic(&self, name: &str, partitions: i32) -> Result<()> {
        let c_name = c_text(name)?;
        // SAFETY: the cluster is live, and the name is NUL-terminated.
        let status =
            Status::from(unsafe { rd::rd_kafka_mock_topic_create(self.raw.as_ptr(), c_name.as_ptr(), partitions, 1) });
        status.result("cannot create a topic").map_err(|error| error.with("topic", name))
    }

    /// Cuts a broker's connections and refuses new ones, until [`set_up`](Self::set_up).
    pub(crate) fn set_down(&self, broker: i32) -> Result<()> {
        // SAFETY: the cluster is live.
        let status = Status::from(unsafe { rd::rd_kafka_mock_broker_set_down(self.raw.as_ptr(), broker) });
        status.result("cannot stop an embedded broker")
    }

    pub(crate) fn set_up(&self, broker: i32) -> Result<()> {
        // SAFETY: the cluster is live.
        let status = Status::from(unsafe { rd::rd_kafka_mock_broker_set_up(self.raw.as_ptr(), broker) });
        status.result("cannot start an embedded broker")
    }

    /// Lets the next requests of one kind fail with these codes, one each.
    #[cfg(test)]
    pub(crate) fn fail_next(&self, api: i16, codes: &[i16]) {
        let codes: Vec<rd::rd_kafka_resp_err_t> = codes
            .iter()
            // SAFETY: tests use codes of the protocol, which the enumeration has.
            .map(|code| unsafe { std::mem::transmute::<i32, rd::rd_kafka_resp_err_t>(i32::from(*code)) })
            .collect();
        // SAFETY: the cluster is live, and the codes are copied.
        unsafe {
            rd::rd_kafka_mock_push_request_errors_array(self.raw.as_ptr(), api, codes.len(), codes.as_ptr());
        }
    }
}

impl Drop for Mock {
    fn drop(&mut self) {
        // SAFETY: the cluster belongs to this value, and its client still lives.
        unsafe { rd::rd_kafka_mock_cluster_destroy(self.raw.as_ptr()) };
    }
}
