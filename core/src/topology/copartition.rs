//! Groups of topics that must have equally many partitions, because what they hold is brought together by key.

use super::order::hash_order;

/// Makes groups of the registered sets of topics.
///
/// This is not a closure: each set goes to the group of the first of its topics that has one, in Java's hash order, and
/// takes its topics along. A group that no topic points to any more is gone.
pub(super) fn groups(sets: &[Vec<String>]) -> Vec<Vec<String>> {
    let mut groups: Vec<Vec<String>> = Vec::new();
    let mut membership: Vec<(&str, usize)> = Vec::new();
    for set in sets {
        let topics = hash_order(set.iter().map(String::as_str));
        let group_of = |topic: &&str| membership.iter().find(|(known, _)| known == topic).map(|(_, group)| *group);
        let group = topics.iter().find_map(group_of).unwrap_or_else(|| {
            groups.push(Vec::new());
            groups.len() - 1
        });
        membership.retain(|(known, _)| !topics.contains(known));
        membership.extend(topics.iter().map(|&topic| (topic, group)));
        groups[group].extend(topics.into_iter().map(str::to_owned));
    }
    let is_alive = |index: &usize| membership.iter().any(|(_, group)| group == index);
    (0..groups.len()).filter(is_alive).map(|index| sorted(std::mem::take(&mut groups[index]))).collect()
}

fn sorted(mut topics: Vec<String>) -> Vec<String> {
    topics.sort();
    topics.dedup();
    topics
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups_of(sets: &[&str]) -> Vec<String> {
        let sets: Vec<Vec<String>> = sets.iter().map(|set| set.split(' ').map(str::to_owned).collect()).collect();
        groups(&sets).iter().map(|group| group.join(" ")).collect()
    }

    #[test]
    fn sets_that_share_a_topic_come_together() {
        assert_eq!(groups_of(&["b a", "b c", "x y"]), ["a b c", "x y"]);
    }

    #[test]
    fn groups_are_not_closed() {
        // `b` comes before `c` in hash order, so its group gets the set.
        assert_eq!(groups_of(&["b a", "c d", "c b"]), ["a b c", "c d"]);
        assert_eq!(groups_of(&["in5", "tab1 tab3", "in5 tab3"]), ["in5 tab3", "tab1 tab3"]);
    }
}
