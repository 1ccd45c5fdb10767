//! A linked list through the slots of a cache.

use super::Slot;

/// No slot.
const END: u32 = u32::MAX;

/// A slot's neighbours.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    previous: u32,
    next: u32,
}

impl Link {
    pub(super) const NONE: Self = Self { previous: END, next: END };
}

/// The ends of a list, and which of a slot's links belong to it.
pub(super) struct List {
    first: u32,
    last: u32,
    link: fn(&mut Slot) -> &mut Link,
}

impl List {
    pub(super) const fn new(link: fn(&mut Slot) -> &mut Link) -> Self {
        Self { first: END, last: END, link }
    }

    pub(super) fn first(&self) -> Option<u32> {
        (self.first != END).then_some(self.first)
    }

    fn link<'a>(&self, slots: &'a mut [Slot], slot: u32) -> &'a mut Link {
        (self.link)(&mut slots[slot as usize])
    }

    pub(super) fn push(&mut self, slots: &mut [Slot], slot: u32) {
        *self.link(slots, slot) = Link { previous: self.last, next: END };
        match self.last {
            END => self.first = slot,
            last => self.link(slots, last).next = slot,
        }
        self.last = slot;
    }

    pub(super) fn remove(&mut self, slots: &mut [Slot], slot: u32) {
        let Link { previous, next } = std::mem::replace(self.link(slots, slot), Link::NONE);
        match previous {
            END => self.first = next,
            previous => self.link(slots, previous).next = next,
        }
        match next {
            END => self.last = previous,
            next => self.link(slots, next).previous = previous,
        }
    }

    pub(super) fn move_to_end(&mut self, slots: &mut [Slot], slot: u32) {
        if self.last != slot {
            self.remove(slots, slot);
            self.push(slots, slot);
        }
    }
}
