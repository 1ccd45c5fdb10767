//! What a new assignment changes: tasks that stay, that come and that go.

use super::membership::TaskPartitions;
use super::task::TaskId;
use crate::topic::TopicPartition;

/// The difference between the tasks of a thread and those that it shall have.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Difference {
    pub(super) stay: Vec<TaskId>,
    pub(super) come: Vec<TaskId>,
    pub(super) go: Vec<TaskId>,
}

impl Difference {
    /// A task stays only with the same partitions.
    pub(super) fn between<'a>(
        now: impl IntoIterator<Item = (TaskId, &'a [TopicPartition])>,
        wanted: &TaskPartitions,
    ) -> Self {
        let mut difference = Self::default();
        for (id, partitions) in now {
            let stays = wanted.get(&id).is_some_and(|wanted| same(wanted, partitions));
            if stays { difference.stay.push(id) } else { difference.go.push(id) }
        }
        difference.come = wanted.keys().filter(|id| !difference.stay.contains(id)).copied().collect();
        difference
    }
}

fn same(a: &[TopicPartition], b: &[TopicPartition]) -> bool {
    a.len() == b.len() && a.iter().all(|partition| b.contains(partition))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> TaskId {
        text.parse().unwrap()
    }

    fn parts(list: &[(&str, i32)]) -> Vec<TopicPartition> {
        list.iter().map(|(topic, partition)| TopicPartition::new(*topic, *partition)).collect()
    }

    #[test]
    fn tasks_stay_come_and_go() {
        let now = [
            (id("0_0"), parts(&[("a", 0), ("b", 0)])),
            (id("0_1"), parts(&[("a", 1)])),
            (id("0_2"), parts(&[("a", 2)])),
        ];
        let wanted = TaskPartitions::from([
            (id("0_0"), parts(&[("b", 0), ("a", 0)])),
            (id("0_2"), parts(&[("a", 2), ("b", 2)])),
            (id("1_0"), parts(&[("c", 0)])),
        ]);
        let difference = Difference::between(now.iter().map(|(id, parts)| (*id, parts.as_slice())), &wanted);
        assert_eq!(difference.stay, [id("0_0")]);
        assert_eq!(difference.come, [id("0_2"), id("1_0")]);
        assert_eq!(difference.go, [id("0_1"), id("0_2")]);
    }
}
