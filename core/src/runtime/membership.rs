//! Who gets which task: what the group's assignment of partitions means.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::internal_topics::{PartitionCounts, source_topics};
use super::task::TaskId;
use crate::error::{Error, Result};
use crate::topic::TopicPartition;
use crate::topology::plan::Plan;

/// The tasks of an assignment with what each of them reads.
pub(super) type TaskPartitions = BTreeMap<TaskId, Vec<TopicPartition>>;

/// How tasks are divided among the members of the group.
pub(super) trait Membership: Send + Sync {
    /// What the group consumer has to be told besides the program's settings.
    fn settings(&self) -> &[(&'static str, &'static str)];

    /// The topics to subscribe to.
    fn topics(&self) -> Vec<&str>;

    /// The tasks that an assignment stands for.
    ///
    /// # Errors
    /// *Invalid* when it would split a task between members.
    fn tasks(&self, assigned: &[TopicPartition]) -> Result<TaskPartitions>;
}

/// librdkafka's built-in `range`: partitions of the same number go to the same member as long as the topics have
/// equally many.
pub(super) struct Range {
    /// By real topic: the subtopology that reads it.
    readers: BTreeMap<Arc<str>, i32>,
    counts: PartitionCounts,
}

impl Range {
    pub(super) fn new(plan: &Plan, application_id: &str, counts: PartitionCounts) -> Self {
        let mut readers = BTreeMap::new();
        for subtopology in &plan.subtopologies {
            for topic in source_topics(plan, subtopology) {
                readers.insert(plan.real_topic(topic, application_id).into(), subtopology.id);
            }
        }
        Self { readers, counts }
    }

    /// Everything that a task reads.
    fn inputs(&self, task: TaskId) -> impl Iterator<Item = &Arc<str>> {
        let has = move |topic: &str| self.counts.get(topic).is_some_and(|count| *count > task.partition);
        let topics = self.readers.iter().filter(move |(topic, reader)| **reader == task.subtopology && has(topic));
        topics.map(|(topic, _)| topic)
    }
}

impl Membership for Range {
    fn settings(&self) -> &[(&'static str, &'static str)] {
        &[("partition.assignment.strategy", "range")]
    }

    fn topics(&self) -> Vec<&str> {
        self.readers.keys().map(|topic| &**topic).collect()
    }

    fn tasks(&self, assigned: &[TopicPartition]) -> Result<TaskPartitions> {
        let mut tasks = TaskPartitions::new();
        for partition in assigned {
            let Some(&subtopology) = self.readers.get(&*partition.topic) else {
                return Err(Error::internal("assigned a topic that nobody reads").with("topic", &partition.topic));
            };
            let id = TaskId { subtopology, partition: partition.partition };
            tasks.entry(id).or_default().push(partition.clone());
        }
        for (id, partitions) in &mut tasks {
            partitions.sort();
            let mut inputs = self.inputs(*id);
            if let Some(topic) = inputs.find(|topic| !partitions.iter().any(|part| part.topic == **topic)) {
                return Err(Error::invalid(
                    "topics that are read together need equally many partitions when several members share them",
                )
                .with("topic", topic)
                .with("task", id));
            }
        }
        Ok(tasks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range() -> Range {
        let readers = [("a", 0), ("b", 0), ("c", 1)].map(|(topic, reader)| (topic.into(), reader)).into();
        let counts = [("a", 2), ("b", 1), ("c", 2)].map(|(topic, count)| (topic.to_owned(), count)).into();
        Range { readers, counts }
    }

    fn parts(list: &[(&str, i32)]) -> Vec<TopicPartition> {
        list.iter().map(|(topic, partition)| TopicPartition::new(*topic, *partition)).collect()
    }

    #[test]
    fn a_task_reads_its_partition_of_every_topic_of_its_subtopology() {
        let tasks = range().tasks(&parts(&[("c", 1), ("b", 0), ("a", 0), ("a", 1)])).unwrap();
        let tasks: Vec<_> = tasks.into_iter().map(|(id, partitions)| (id.to_string(), partitions)).collect();
        assert_eq!(
            tasks,
            [
                ("0_0".to_owned(), parts(&[("a", 0), ("b", 0)])),
                ("0_1".to_owned(), parts(&[("a", 1)])),
                ("1_1".to_owned(), parts(&[("c", 1)])),
            ]
        );
    }

    #[test]
    fn a_task_is_not_split() {
        let error = range().tasks(&parts(&[("a", 0)])).unwrap_err();
        assert_eq!((error.fact("topic"), error.fact("task")), (Some("b"), Some("0_0")));
    }
}
