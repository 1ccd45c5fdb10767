//! Pausing by taking a partition's queue off the consumer's: librdkafka's own pause drops what is fetched already.

use std::collections::BTreeMap;

use rdkafka::bindings as rd;

use crate::error::Result;
use crate::native::kafka::c_text;
use crate::native::kafka::client::Client;
use crate::native::kafka::queue::Queue;
use crate::topic::TopicPartition;

/// The partitions that were ever taken off. librdkafka leaves their forwarding to us from then on.
#[derive(Default)]
pub(super) struct Paused(BTreeMap<TopicPartition, Queue>);

impl Paused {
    pub(super) fn pause(&mut self, client: &Client, partition: &TopicPartition) -> Result<()> {
        if let Some(queue) = self.0.get(partition) {
            queue.forward(None);
            return Ok(());
        }
        let topic = c_text(&partition.topic)?;
        // SAFETY: the client is live, the name is NUL-terminated; the reference goes to the new owner.
        let queue = unsafe {
            Queue::take(rd::rd_kafka_queue_get_partition(client.raw(), topic.as_ptr(), partition.partition))?
        };
        queue.forward(None);
        self.0.insert(partition.clone(), queue);
        Ok(())
    }

    pub(super) fn resume(&mut self, partition: &TopicPartition, target: &Queue) {
        if let Some(queue) = self.0.get(partition) {
            queue.forward(Some(target));
        }
    }

    /// Ends all pauses, as an assignment does.
    pub(super) fn reconnect(&mut self, target: &Queue) {
        self.0.values().for_each(|queue| queue.forward(Some(target)));
    }

    /// Ends the pauses of partitions that go away.
    pub(super) fn forget(&mut self, partitions: &[TopicPartition], target: &Queue) {
        partitions.iter().for_each(|partition| self.resume(partition, target));
    }
}
