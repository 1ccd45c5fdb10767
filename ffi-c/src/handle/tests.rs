#![allow(clippy::disallowed_methods, reason = "the threads of a program in C are not ours")]
use super::*;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier};

struct Thing;

impl Handle for Thing {
    type Object = Counted;
    const TAG: u8 = 120;
    const NAME: &'static str = "thing";
}

struct Other;

impl Handle for Other {
    type Object = u64;
    const TAG: u8 = 121;
    const NAME: &'static str = "other";
}

struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

fn kind<H: Handle>(handle: *const H) -> Option<ErrorKind> {
    borrow(handle, "thing").err().map(|error| error.kind())
}

#[test]
fn a_handle_gives_its_object_until_it_is_destroyed() {
    let drops = Arc::new(AtomicUsize::new(0));
    let handle = give::<Thing>(Counted(Arc::clone(&drops)));
    assert_eq!(kind(handle), None);
    destroy(handle);
    assert_eq!(drops.load(Ordering::SeqCst), 1);
    assert_eq!(kind(handle), Some(ErrorKind::Closed));
    destroy(handle);
    assert_eq!(drops.load(Ordering::SeqCst), 1);
}

#[test]
fn a_slot_used_again_does_not_revive_old_handles() {
    let old = give::<Other>(1);
    destroy(old);
    // Whatever slot it is, the old handle's generation is over.
    let new: Vec<_> = (0..200).map(|n| give::<Other>(n)).collect();
    assert_eq!(kind(old), Some(ErrorKind::Closed));
    new.into_iter().for_each(|handle| destroy(handle));
}

#[test]
fn null_forged_and_foreign_handles_are_refused_by_name() {
    let error = borrow::<Other>(std::ptr::null(), "other").err().unwrap();
    assert_eq!((error.kind(), error.fact("argument")), (ErrorKind::Invalid, Some("other")));
    for forged in [1_usize, 8, 0x7FFF_1234_5678, usize::MAX, 121 << 56 | 0xFF_FFFF, 121 << 56 | 7 << 50] {
        assert_eq!(kind::<Other>(std::ptr::without_provenance(forged)), Some(ErrorKind::Invalid), "{forged:x}");
    }
    let handle = give::<Other>(3);
    assert_eq!(kind(handle.cast::<Thing>()), Some(ErrorKind::Invalid));
    destroy(handle.cast::<Thing>());
    assert_eq!(kind(handle), None);
    destroy(handle);
}

#[test]
fn an_object_in_use_lives_until_its_last_user_leaves() {
    let drops = Arc::new(AtomicUsize::new(0));
    let handle = give::<Thing>(Counted(Arc::clone(&drops)));
    let first = borrow(handle, "thing").unwrap();
    let second = borrow(handle, "thing").unwrap();
    destroy(handle);
    assert_eq!(kind(handle), Some(ErrorKind::Closed));
    drop(first);
    assert_eq!(drops.load(Ordering::SeqCst), 0);
    drop(second);
    assert_eq!(drops.load(Ordering::SeqCst), 1);
}

#[test]
fn a_panic_makes_the_object_answer_closed() {
    let handle = give::<Other>(1);
    let untouched = give::<Other>(2);
    std::panic::catch_unwind(|| panic_in(handle.addr())).unwrap_err();
    assert_eq!(kind(handle), Some(ErrorKind::Closed));
    assert_eq!(kind(untouched), None);
    destroy(handle);
    destroy(untouched);
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the threads are the program's")]
fn threads_that_use_and_destroy_the_same_handles_drop_each_object_once() {
    const ROUNDS: usize = 2_000;
    let drops = Arc::new(AtomicUsize::new(0));
    let handles: Arc<Vec<usize>> =
        Arc::new((0..ROUNDS).map(|_| give::<Thing>(Counted(Arc::clone(&drops))).addr()).collect());
    let start = Arc::new(Barrier::new(4));
    let threads: Vec<_> = (0..4)
        .map(|thread| {
            let (handles, start) = (Arc::clone(&handles), Arc::clone(&start));
            std::thread::spawn(move || {
                start.wait();
                for &handle in handles.iter() {
                    let handle: *const Thing = std::ptr::without_provenance(handle);
                    drop(borrow(handle, "thing"));
                    if thread < 2 {
                        destroy(handle);
                        // The slot is used again while the others still hold the old handle.
                        destroy(give::<Other>(7));
                    }
                    drop(borrow(handle, "thing"));
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    assert_eq!(drops.load(Ordering::SeqCst), ROUNDS);
}
