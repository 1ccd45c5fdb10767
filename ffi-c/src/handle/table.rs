//! The table behind the handles: slots that never move, found by index, with a generation that tells one object's
//! time in a slot from the next one's.
//!
//! A slot's state is one number: generation, phase, and how many threads use the object now. Threads add themselves
//! before they look at the generation and leave again if it is not theirs, so the count of a free slot may be above
//! zero for a moment; the phase decides.

use std::any::Any;
use std::cell::UnsafeCell;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// What a lookup finds.
pub(super) enum Lookup<T> {
    Found(T),
    /// It was a handle once.
    Stale,
    /// It never was one, or is one of another type.
    Forged,
}

type Object = Box<dyn Any + Send + Sync>;

struct Slot {
    index: u32,
    state: AtomicU64,
    tag: AtomicU64,
    broken: AtomicBool,
    object: UnsafeCell<Option<Object>>,
}

// SAFETY: the object is written only in phases in which one thread owns the slot (filling, reclaiming), and read only
// while the phase is live or dying and the reader is counted; both are ordered by `state`.
unsafe impl Sync for Slot {}

const ONE_PIN: u64 = 1;
const PINS: u64 = (1 << 28) - 1;
const PHASE: u64 = 0xF << 28;
const FREE: u64 = 0;
const LIVE: u64 = 1 << 28;
const DYING: u64 = 2 << 28;
const RECLAIMING: u64 = 3 << 28;
const GENERATION_SHIFT: u32 = 32;

const INDEX_BITS: u32 = 24;
const TAG_SHIFT: u32 = 56;

/// Bucket `n` holds `FIRST << n` slots, so that slots never move and a lookup is two loads.
const FIRST: usize = 64;
const BUCKETS: usize = 18;

static TABLE: [AtomicPtr<Slot>; BUCKETS] = [const { AtomicPtr::new(std::ptr::null_mut()) }; BUCKETS];
static VACANT: Mutex<Vacant> = Mutex::new(Vacant { free: Vec::new(), fresh: 0 });
static LIVING: AtomicUsize = AtomicUsize::new(0);

struct Vacant {
    free: Vec<u32>,
    fresh: u32,
}

/// A counted use of a slot's object.
pub(super) struct Entry {
    slot: &'static Slot,
    was_panicking: bool,
}

/// Puts an object into a slot and gives its handle's number.
pub(super) fn insert(tag: u8, object: Object) -> usize {
    let index = vacant_index();
    let slot = slot(index).expect("the index was handed out after its bucket was made");
    // SAFETY: the slot is free and its index was taken from the list, so this thread alone may write it.
    unsafe { *slot.object.get() = Some(object) };
    slot.broken.store(false, Ordering::Relaxed);
    slot.tag.store(u64::from(tag), Ordering::Relaxed);
    LIVING.fetch_add(1, Ordering::Relaxed);
    // Adding keeps the count of threads that are just finding out that the slot is not theirs.
    let before = slot.state.fetch_add(LIVE - FREE, Ordering::AcqRel);
    debug_assert_eq!(before & PHASE, FREE, "only free slots are in the list");
    number(tag, before >> GENERATION_SHIFT, index)
}

/// Counts a use of the object, if the handle is good. With a tag, objects of other types are refused.
pub(super) fn pin(number: usize, tag: Option<u8>) -> Lookup<Entry> {
    let Some((slot, handle_tag, generation)) = parse(number) else { return Lookup::Forged };
    if tag.is_some_and(|tag| tag != handle_tag) {
        return Lookup::Forged;
    }
    let before = slot.state.fetch_add(ONE_PIN, Ordering::Acquire);
    let entry = Entry { slot, was_panicking: std::thread::panicking() };
    match check(slot, before, handle_tag, generation) {
        Lookup::Found(()) => Lookup::Found(entry),
        Lookup::Stale => Lookup::Stale,
        Lookup::Forged => Lookup::Forged,
    }
}

/// Ends the handle's life. The object is dropped here, or by the last thread that uses it.
pub(super) fn retire(number: usize, tag: u8) -> Lookup<()> {
    let entry = match pin(number, Some(tag)) {
        Lookup::Found(entry) => entry,
        Lookup::Stale => return Lookup::Stale,
        Lookup::Forged => return Lookup::Forged,
    };
    let (_, _, generation) = parse(number).expect("the lookup was good");
    let mut state = entry.slot.state.load(Ordering::Relaxed);
    loop {
        if state & PHASE != LIVE || state >> GENERATION_SHIFT != generation {
            return Lookup::Stale;
        }
        let dying = state - LIVE + DYING;
        match entry.slot.state.compare_exchange_weak(state, dying, Ordering::AcqRel, Ordering::Relaxed) {
            Ok(_) => return Lookup::Found(()),
            Err(now) => state = now,
        }
    }
}

/// How many objects stand in the table.
pub(super) fn live() -> usize {
    LIVING.load(Ordering::Relaxed)
}

impl Entry {
    pub(super) fn object(&self) -> &(dyn Any + Send + Sync) {
        // SAFETY: the slot was live when this entry was counted, and it is not reclaimed before the entry leaves.
        let object = unsafe { &*self.slot.object.get() };
        object.as_deref().expect("a live slot has an object")
    }

    pub(super) fn is_broken(&self) -> bool {
        self.slot.broken.load(Ordering::Relaxed)
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        if !self.was_panicking && std::thread::panicking() {
            self.slot.broken.store(true, Ordering::Relaxed);
        }
        let before = self.slot.state.fetch_sub(ONE_PIN, Ordering::AcqRel);
        if before & PHASE == DYING && before & PINS == 1 {
            reclaim(self.slot, before - ONE_PIN);
        }
    }
}

/// Drops the object of a slot that nobody uses any more, and frees the slot for the next generation.
fn reclaim(slot: &'static Slot, dying: u64) {
    let reclaiming = dying - DYING + RECLAIMING;
    if slot.state.compare_exchange(dying, reclaiming, Ordering::AcqRel, Ordering::Relaxed).is_err() {
        // Somebody came in meanwhile to find out that the object is dying: they will be the last to leave.
        return;
    }
    // SAFETY: in this phase the slot belongs to the thread that entered it, and no counted reader is left.
    let object = unsafe { (*slot.object.get()).take() };
    LIVING.fetch_sub(1, Ordering::Relaxed);
    let next_generation = (1_u64 << GENERATION_SHIFT).wrapping_sub(RECLAIMING - FREE);
    slot.state.fetch_add(next_generation, Ordering::Release);
    lock().free.push(slot.index);
    // Last, because the object's own end may destroy other handles, call the program, or panic.
    drop(object);
}

fn check(slot: &Slot, state: u64, tag: u8, generation: u64) -> Lookup<()> {
    let current = state >> GENERATION_SHIFT;
    if current == generation && state & PHASE == LIVE && slot.tag.load(Ordering::Relaxed) == u64::from(tag) {
        return Lookup::Found(());
    }
    // Generations begin at 1.
    let was_handed_out = (1..current).contains(&generation) || (generation == current && state & PHASE != FREE);
    if was_handed_out { Lookup::Stale } else { Lookup::Forged }
}

fn number(tag: u8, generation: u64, index: u32) -> usize {
    let number = u64::from(tag) << TAG_SHIFT | generation << INDEX_BITS | u64::from(index);
    usize::try_from(number).expect("pointers have 64 bits")
}

fn parse(number: usize) -> Option<(&'static Slot, u8, u64)> {
    let number = number as u64;
    let tag = u8::try_from(number >> TAG_SHIFT).ok().filter(|&tag| tag > 0)?;
    let generation = number >> INDEX_BITS & u64::from(u32::MAX);
    let index = u32::try_from(number & ((1 << INDEX_BITS) - 1)).ok()?;
    Some((slot(index)?, tag, generation))
}

fn slot(index: u32) -> Option<&'static Slot> {
    let (bucket, offset) = place(index);
    let first = TABLE.get(bucket)?.load(Ordering::Acquire);
    if first.is_null() {
        return None;
    }
    // SAFETY: a bucket that is not null has `FIRST << bucket` slots, more than `offset`, and is never freed.
    Some(unsafe { &*first.add(offset) })
}

fn place(index: u32) -> (usize, usize) {
    let position = index as usize + FIRST;
    let bucket = (position.ilog2() - FIRST.ilog2()) as usize;
    (bucket, position - (FIRST << bucket))
}

fn vacant_index() -> u32 {
    let mut vacant = lock();
    if let Some(index) = vacant.free.pop() {
        return index;
    }
    let index = vacant.fresh;
    let (bucket, offset) = place(index);
    assert!(bucket < BUCKETS, "there are sixteen million handles: something never destroys them");
    if offset == 0 {
        let slots: Box<[Slot]> = (index..).take(FIRST << bucket).map(Slot::vacant).collect();
        TABLE[bucket].store(Box::leak(slots).as_mut_ptr(), Ordering::Release);
    }
    vacant.fresh += 1;
    index
}

fn lock() -> std::sync::MutexGuard<'static, Vacant> {
    VACANT.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Slot {
    fn vacant(index: u32) -> Self {
        Self {
            index,
            state: AtomicU64::new(1 << GENERATION_SHIFT),
            tag: AtomicU64::new(0),
            broken: AtomicBool::new(false),
            object: UnsafeCell::new(None),
        }
    }
}
