//! Which nodes run together: those that are joined by edges or share a store.

use super::plan::{PlanNode, Subtopology};

/// Numbers the groups by the first of their nodes. A store belongs to the group of its nodes.
pub(crate) fn group(nodes: &[PlanNode], stores: usize) -> Vec<Subtopology> {
    let mut sets = DisjointSets::new(nodes.len());
    let mut users: Vec<Option<usize>> = vec![None; stores];
    for (index, node) in nodes.iter().enumerate() {
        node.parents.iter().for_each(|&parent| sets.unite(parent, index));
        for &store in &node.stores {
            sets.unite(*users[store].get_or_insert(index), index);
        }
    }
    let mut groups: Vec<(usize, Subtopology)> = Vec::new();
    for index in 0..nodes.len() {
        let root = sets.root(index);
        let known = groups.iter().position(|(other, _)| *other == root);
        let at = known.unwrap_or_else(|| {
            let id = i32::try_from(groups.len()).expect("fewer subtopologies than 2^31");
            groups.push((root, Subtopology { id, ..Subtopology::default() }));
            groups.len() - 1
        });
        groups[at].1.nodes.push(index);
    }
    for (store, user) in users.iter().enumerate() {
        let Some(user) = user else { continue };
        let root = sets.root(*user);
        groups.iter_mut().filter(|(other, _)| *other == root).for_each(|(_, group)| group.stores.push(store));
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

struct DisjointSets(Vec<usize>);

impl DisjointSets {
    fn new(size: usize) -> Self {
        Self((0..size).collect())
    }

    fn root(&mut self, index: usize) -> usize {
        let mut at = index;
        while self.0[at] != at {
            self.0[at] = self.0[self.0[at]];
            at = self.0[at];
        }
        at
    }

    fn unite(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[b] = a;
    }
}
