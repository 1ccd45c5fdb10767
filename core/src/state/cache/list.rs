//! A linked list through the slots of a cache. The links stand together, apart from the entries: moving a slot touches
//! its neighbours, which would otherwise be two more entries to load from memory.

/// No slot.
const END: u32 = u32::MAX;

/// A slot's neighbours.
#[derive(Clone, Copy, Debug)]
struct Link {
    previous: u32,
    next: u32,
}

/// An order of slots. A slot is in it once or not at all.
#[derive(Debug)]
pub(super) struct List {
    links: Vec<Link>,
    first: u32,
    last: u32,
}

impl List {
    pub(super) const fn new() -> Self {
        Self { links: Vec::new(), first: END, last: END }
    }

    pub(super) fn first(&self) -> Option<u32> {
        (self.first != END).then_some(self.first)
    }

    /// Appends a slot that is not in the list.
    pub(super) fn push(&mut self, slot: u32) {
        if self.links.len() <= slot as usize {
            self.links.resize(slot as usize + 1, Link { previous: END, next: END });
        }
        self.links[slot as usize] = Link { previous: self.last, next: END };
        match self.last {
            END => self.first = slot,
            last => self.links[last as usize].next = slot,
        }
        self.last = slot;
    }

    /// Takes out a slot that is in the list.
    pub(super) fn remove(&mut self, slot: u32) {
        let Link { previous, next } = self.links[slot as usize];
        match previous {
            END => self.first = next,
            previous => self.links[previous as usize].next = next,
        }
        match next {
            END => self.last = previous,
            next => self.links[next as usize].previous = previous,
        }
    }

    /// Moves a slot that is in the list.
    pub(super) fn move_to_end(&mut self, slot: u32) {
        if self.last != slot {
            self.remove(slot);
            self.push(slot);
        }
    }
}
