//! From a record's topic and partition to its task, without a search.

use super::slot::Slot;
use crate::native::kafka::consumer::RawConsumer;
use crate::native::kafka::message::TopicIndex;

/// A task of the thread and one of its inputs.
type Route = (usize, usize);

/// The inputs of all tasks, by the consumer's number of the topic and by partition.
#[derive(Default)]
pub(super) struct Routes {
    by_topic: Vec<Vec<Option<Route>>>,
    is_assigned: bool,
}

impl Routes {
    /// The routes of these tasks. They are valid as long as no task comes or goes.
    pub(super) fn of(slots: &[Slot], consumer: &mut RawConsumer) -> Self {
        let mut by_topic: Vec<Vec<Option<Route>>> = Vec::new();
        for (slot_number, slot) in slots.iter().enumerate() {
            for (input_number, input) in slot.inputs.iter().enumerate() {
                let topic = consumer.topic_index(&input.partition.topic).0 as usize;
                let partition = usize::try_from(input.partition.partition).expect("partitions count from 0");
                by_topic.resize_with(by_topic.len().max(topic + 1), Vec::new);
                let partitions = &mut by_topic[topic];
                partitions.resize(partitions.len().max(partition + 1), None);
                partitions[partition] = Some((slot_number, input_number));
            }
        }
        Self { by_topic, is_assigned: true }
    }

    /// Where a record goes; `None` for one of a partition that was given up.
    pub(super) fn find(&self, topic: TopicIndex, partition: i32) -> Option<Route> {
        *self.by_topic.get(topic.0 as usize)?.get(usize::try_from(partition).ok()?)?
    }

    /// Whether the group has given this thread its share, which may be nothing.
    pub(super) const fn is_assigned(&self) -> bool {
        self.is_assigned
    }
}
