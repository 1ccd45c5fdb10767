//! Pausing by taking a partition's queue off the consumer's, and holding back what is behind it on the common queue
//! already: librdkafka's own pause drops what is fetched.

use std::collections::BTreeMap;

use rdkafka::bindings as rd;

use crate::error::Result;
use crate::native::kafka::c_text;
use crate::native::kafka::client::Client;
use crate::native::kafka::message::{RawRecord, TopicIndex};
use crate::native::kafka::queue::Queue;
use crate::topic::TopicPartition;

/// A partition as records name it.
type Place = (TopicIndex, i32);

/// The partitions that are not delivered now.
#[derive(Default)]
pub(super) struct Paused {
    /// Partitions that were ever taken off. librdkafka leaves their forwarding to us from then on.
    queues: BTreeMap<TopicPartition, Queue>,
    /// What came for a paused partition nevertheless. librdkafka's limits on its queues bound it.
    held: BTreeMap<Place, Vec<RawRecord>>,
    /// What was held and may go now.
    ready: Vec<RawRecord>,
}

impl Paused {
    pub(super) fn pause(&mut self, client: &Client, partition: &TopicPartition, place: Place) -> Result<()> {
        if let Some(queue) = self.queues.get(partition) {
            queue.forward(None);
        } else {
            let topic = c_text(&partition.topic)?;
            // SAFETY: the client is live, the name is NUL-terminated; the reference goes to the new owner.
            let queue = unsafe {
                Queue::take(rd::rd_kafka_queue_get_partition(client.raw(), topic.as_ptr(), partition.partition))?
            };
            queue.forward(None);
            self.queues.insert(partition.clone(), queue);
        }
        let held = self.held.entry(place).or_default();
        held.extend(self.ready.extract_if(.., |record| place_of(record) == place));
        Ok(())
    }

    pub(super) fn resume(&mut self, partition: &TopicPartition, place: Place, target: &Queue) {
        // Before the queue is forwarded again: what is held is older.
        self.ready.append(&mut self.held.remove(&place).unwrap_or_default());
        if let Some(queue) = self.queues.get(partition) {
            queue.forward(Some(target));
        }
    }

    /// Moves up to `max` held records that may go now into a batch; says whether all of them went.
    pub(super) fn release(&mut self, max: usize, records: &mut Vec<RawRecord>) -> bool {
        records.extend(self.ready.drain(..max.min(self.ready.len())));
        self.ready.is_empty()
    }

    /// Takes the records of paused partitions out of a batch.
    pub(super) fn hold(&mut self, records: &mut Vec<RawRecord>) {
        if self.held.is_empty() {
            return;
        }
        for record in std::mem::take(records) {
            match self.held.get_mut(&place_of(&record)) {
                Some(held) => held.push(record),
                None => records.push(record),
            }
        }
    }

    /// Ends all pauses, as an assignment does.
    pub(super) fn reconnect(&mut self, target: &Queue) {
        self.held.clear();
        self.ready.clear();
        self.queues.values().for_each(|queue| queue.forward(Some(target)));
    }

    /// Ends the pause of a partition that goes away.
    pub(super) fn forget(&mut self, partition: &TopicPartition, place: Place, target: &Queue) {
        self.held.remove(&place);
        self.ready.retain(|record| place_of(record) != place);
        if let Some(queue) = self.queues.get(partition) {
            queue.forward(Some(target));
        }
    }

    /// Drops what was held of a partition that is read from another place now.
    pub(super) fn rewind(&mut self, place: Place) {
        if let Some(held) = self.held.get_mut(&place) {
            held.clear();
        }
        self.ready.retain(|record| place_of(record) != place);
    }
}

fn place_of(record: &RawRecord) -> Place {
    (record.topic, record.partition)
}
