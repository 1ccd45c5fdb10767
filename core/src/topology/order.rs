//! The orders in which Java's hash and tree collections iterate. They are visible in descriptions and in the order in
//! which stores are made.

use std::cmp::Ordering;

const DEFAULT_CAPACITY: usize = 16;
/// A bucket of a table smaller than this grows the table when it gets long, instead of becoming a tree.
const TREE_CAPACITY: usize = 64;
const LONG_BUCKET: usize = 8;

/// `String.hashCode`, over UTF-16 units.
pub(crate) fn string_hash(text: &str) -> u32 {
    text.encode_utf16().fold(0, |hash, unit| hash.wrapping_mul(31).wrapping_add(unit.into()))
}

/// What a `HashMap` makes of a hash code before it chooses a bucket.
const fn spread(hash: u32) -> usize {
    (hash ^ (hash >> 16)) as usize
}

/// Names in the order of a `HashSet` to which they were added one by one. Repeated names count once.
pub(crate) fn hash_order<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    ordered(names.into_iter(), DEFAULT_CAPACITY)
}

/// Names in the order of a `HashSet` that was made from a collection.
pub(crate) fn hash_order_copied<'a>(names: &[&'a str]) -> Vec<&'a str> {
    // Java computes size / 0.75 + 1 in floating point and rounds up to a power of two.
    let wanted = names.len() * 4 / 3 + 1;
    ordered(names.iter().copied(), wanted.max(DEFAULT_CAPACITY).next_power_of_two())
}

fn ordered<'a>(names: impl Iterator<Item = &'a str>, mut capacity: usize) -> Vec<&'a str> {
    let mut kept: Vec<&str> = Vec::new();
    for name in names {
        if kept.contains(&name) {
            continue;
        }
        let bucket = |name: &str| spread(string_hash(name)) & (capacity - 1);
        let neighbours = kept.iter().filter(|other| bucket(other) == bucket(name)).count();
        kept.push(name);
        if neighbours >= LONG_BUCKET && capacity < TREE_CAPACITY {
            capacity *= 2;
        }
        if kept.len() * 4 > capacity * 3 {
            capacity *= 2;
        }
    }
    // Growing keeps the order within a bucket, so sorting by the last bucket number is enough.
    kept.sort_by_key(|name| spread(string_hash(name)) & (capacity - 1));
    kept
}

/// A `TreeSet` whose comparison may change while it is filled, as Java's descriptions do it: elements stay where the
/// comparisons at their time of insertion put them, so the shape of the tree matters.
#[derive(Clone, Debug, Default)]
pub(crate) struct TreeSet {
    nodes: Vec<TreeNode>,
    root: Option<usize>,
}

#[derive(Clone, Debug)]
struct TreeNode {
    element: usize,
    parent: Option<usize>,
    /// Left and right.
    children: [Option<usize>; 2],
    is_red: bool,
}

impl TreeSet {
    /// Adds an element unless the comparison finds an equal one on its way down.
    pub(crate) fn insert(&mut self, element: usize, compare: impl Fn(usize, usize) -> Ordering) {
        let mut parent = None;
        let mut side = 0;
        let mut at = self.root;
        while let Some(index) = at {
            side = match compare(element, self.nodes[index].element) {
                Ordering::Less => 0,
                Ordering::Greater => 1,
                Ordering::Equal => return,
            };
            parent = at;
            at = self.nodes[index].children[side];
        }
        let new = self.nodes.len();
        self.nodes.push(TreeNode { element, parent, children: [None, None], is_red: true });
        match parent {
            None => self.root = Some(new),
            Some(parent) => self.nodes[parent].children[side] = Some(new),
        }
        self.balance(new);
    }

    /// The elements in the order of the tree.
    pub(crate) fn elements(&self) -> Vec<usize> {
        let mut elements = Vec::with_capacity(self.nodes.len());
        let mut path = Vec::new();
        let mut at = self.root;
        while at.is_some() || !path.is_empty() {
            while let Some(index) = at {
                path.push(index);
                at = self.nodes[index].children[0];
            }
            let index = path.pop().expect("the path is not empty");
            elements.push(self.nodes[index].element);
            at = self.nodes[index].children[1];
        }
        elements
    }

    /// The usual repair of a red-black tree after an insertion.
    fn balance(&mut self, new: usize) {
        let mut at = new;
        while let Some(parent) = self.red_parent(at) {
            let grandparent = self.nodes[parent].parent.expect("a red node is never the root");
            let side = self.side_of(parent);
            let uncle = self.nodes[grandparent].children[1 - side];
            if let Some(uncle) = uncle.filter(|&uncle| self.nodes[uncle].is_red) {
                self.nodes[parent].is_red = false;
                self.nodes[uncle].is_red = false;
                self.nodes[grandparent].is_red = true;
                at = grandparent;
                continue;
            }
            if self.side_of(at) != side {
                at = parent;
                self.rotate(at, side);
            }
            let parent = self.nodes[at].parent.expect("it was rotated below its parent");
            self.nodes[parent].is_red = false;
            self.nodes[grandparent].is_red = true;
            self.rotate(grandparent, 1 - side);
        }
        if let Some(root) = self.root {
            self.nodes[root].is_red = false;
        }
    }

    fn red_parent(&self, index: usize) -> Option<usize> {
        self.nodes[index].parent.filter(|&parent| self.nodes[parent].is_red)
    }

    fn side_of(&self, index: usize) -> usize {
        let parent = self.nodes[index].parent.expect("only nodes below the root are asked for");
        usize::from(self.nodes[parent].children[1] == Some(index))
    }

    /// Moves a node down to its side 0 or 1; its child on the other side takes its place.
    fn rotate(&mut self, index: usize, side: usize) {
        let child = self.nodes[index].children[1 - side].expect("a rotation has something to lift");
        let parent = self.nodes[index].parent;
        match parent {
            None => self.root = Some(child),
            Some(parent) => {
                let place = self.side_of(index);
                self.nodes[parent].children[place] = Some(child);
            }
        }
        let moved = self.nodes[child].children[side];
        if let Some(moved) = moved {
            self.nodes[moved].parent = Some(index);
        }
        self.nodes[index].children[1 - side] = moved;
        self.nodes[index].parent = Some(child);
        self.nodes[child].parent = parent;
        self.nodes[child].children[side] = Some(index);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_hash_as_in_java() {
        assert_eq!(string_hash("hello"), 99_162_322);
        assert_eq!(string_hash("KSTREAM-SOURCE-0000000000").cast_signed(), {
            "KSTREAM-SOURCE-0000000000".bytes().fold(0_i32, |h, b| h.wrapping_mul(31).wrapping_add(b.into()))
        });
    }

    #[test]
    fn a_hash_set_orders_by_bucket() {
        // One-letter hash codes are the letters' own numbers: 'p' is 112 = bucket 0 of 16, 'a' is 97 = bucket 1.
        assert_eq!(hash_order(["a", "p", "b", "a"]), ["p", "a", "b"]);
    }

    #[test]
    fn a_tree_set_keeps_order_and_drops_equals() {
        let mut set = TreeSet::default();
        let numbers: Vec<usize> = (0..200).map(|i| i * 73 % 199).collect();
        numbers.iter().for_each(|&number| set.insert(number, |a, b| a.cmp(&b)));
        assert_eq!(set.elements(), (0..199).collect::<Vec<_>>());
        assert!(depth(&set, set.root) <= 16, "twice the logarithm of 199");
    }

    fn depth(set: &TreeSet, at: Option<usize>) -> usize {
        at.map_or(0, |at| 1 + set.nodes[at].children.map(|child| depth(set, child)).into_iter().max().unwrap_or(0))
    }
}
