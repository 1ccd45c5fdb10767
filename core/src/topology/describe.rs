//! `Topology::describe`: Java's text, with Java's order of nodes and names.

use std::cmp::Ordering;
use std::fmt::Write;

use super::order::{TreeSet, hash_order, hash_order_copied};
use super::plan::{NodeKind, Plan, Subtopology};

/// The text of a whole topology.
pub(crate) fn describe(plan: &Plan) -> String {
    let mut text = "Topologies:\n ".to_owned();
    for subtopology in &plan.subtopologies {
        text.push_str("  ");
        Drawing::new(plan, subtopology).write(&mut text);
    }
    text
}

/// A subtopology on its way to text.
struct Drawing<'a> {
    plan: &'a Plan,
    subtopology: &'a Subtopology,
    /// By node index of the plan: how many nodes hang below, counted once for each path, and the node itself.
    sizes: Vec<usize>,
    predecessors: Vec<TreeSet>,
    successors: Vec<TreeSet>,
}

impl<'a> Drawing<'a> {
    /// Connects the nodes as Java does: while the sizes, by which the names are ordered, are still growing.
    fn new(plan: &'a Plan, subtopology: &'a Subtopology) -> Self {
        let count = plan.nodes.len();
        let mut drawing = Self {
            plan,
            subtopology,
            sizes: vec![1; count],
            predecessors: vec![TreeSet::default(); count],
            successors: vec![TreeSet::default(); count],
        };
        for node in drawing.nodes_in_hash_order() {
            for &parent in &plan.nodes[node].parents {
                let compare = |a, b| compare(plan, &drawing.sizes, a, b);
                drawing.predecessors[node].insert(parent, compare);
                drawing.successors[parent].insert(node, compare);
                drawing.grow(parent, drawing.sizes[node]);
            }
        }
        drawing
    }

    /// The order of a map by name that was filled from a set of names.
    fn nodes_in_hash_order(&self) -> Vec<usize> {
        let name = |&index: &usize| self.plan.nodes[index].name.as_str();
        let set = hash_order(self.subtopology.nodes.iter().map(name));
        let index_of =
            |wanted: &str| *self.subtopology.nodes.iter().find(|index| name(index) == wanted).expect("its own");
        hash_order(set).into_iter().map(index_of).collect()
    }

    fn grow(&mut self, node: usize, by: usize) {
        self.sizes[node] += by;
        for predecessor in self.predecessors[node].elements() {
            self.grow(predecessor, by);
        }
    }

    fn write(&self, text: &mut String) {
        writeln!(text, "Sub-topology: {}", self.subtopology.id).expect("writing to a string");
        let mut nodes = self.subtopology.nodes.clone();
        nodes.sort_by(|&a, &b| compare(self.plan, &self.sizes, a, b));
        for node in nodes {
            text.push_str("    ");
            self.write_node(text, node);
            text.push('\n');
        }
        text.push('\n');
    }

    fn write_node(&self, text: &mut String, index: usize) {
        let node = &self.plan.nodes[index];
        let name = &node.name;
        let (after, before) = (self.names(&self.successors[index]), self.names(&self.predecessors[index]));
        match &node.kind {
            NodeKind::Source { topics, .. } => {
                let topics: Vec<&str> = topics.iter().map(String::as_str).collect();
                let topics = hash_order_copied(&topics).join(", ");
                write!(text, "Source: {name} (topics: [{topics}])\n      --> {after}")
            }
            NodeKind::Processor(_) => {
                let stores: Vec<&str> =
                    node.stores.iter().map(|&store| self.plan.stores[store].name.as_str()).collect();
                let stores = hash_order_copied(&stores).join(", ");
                write!(text, "Processor: {name} (stores: [{stores}])\n      --> {after}\n      <-- {before}")
            }
            NodeKind::Sink { topic, .. } => write!(text, "Sink: {name} (topic: {topic})\n      <-- {before}"),
        }
        .expect("writing to a string");
    }

    fn names(&self, set: &TreeSet) -> String {
        let names: Vec<&str> = set.elements().into_iter().map(|index| self.plan.nodes[index].name.as_str()).collect();
        if names.is_empty() { "none".to_owned() } else { names.join(", ") }
    }
}

/// The largest first, equally large ones by name.
fn compare(plan: &Plan, sizes: &[usize], a: usize, b: usize) -> Ordering {
    sizes[b].cmp(&sizes[a]).then_with(|| plan.nodes[a].name.cmp(&plan.nodes[b].name))
}
