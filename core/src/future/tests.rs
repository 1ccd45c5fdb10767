use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, Weak};
use std::task::Wake;

use super::*;
use crate::thread::{Thread, lock, spawn};

const SOON: Duration = Duration::from_secs(20);

fn on_completion_thread() -> bool {
    std::thread::current().name() == Some("ks-completion")
}

#[test]
fn everybody_sees_the_result_and_it_stays() {
    let (promise, future) = Promise::new();
    let clone = future.clone();
    assert!(!future.is_done() && future.value().is_none());
    promise.complete(Ok("done".to_owned()));
    for future in [&future, &clone, &future] {
        assert!(future.is_done());
        assert_eq!(future.value().unwrap().unwrap(), "done");
        assert_eq!(future.wait(Duration::ZERO).unwrap(), "done");
    }
}

#[test]
fn waiting_ends_when_another_thread_completes() {
    let (promise, future) = Promise::new();
    let thread: Thread<()> = spawn("completes", move || {
        promise.complete(Ok(5));
        Ok(())
    })
    .unwrap();
    assert_eq!(future.wait(SOON).unwrap(), 5);
    thread.join(Deadline::after(SOON)).unwrap();
}

#[test]
fn a_timeout_says_that_the_outcome_is_not_known() {
    let (promise, future) = Promise::<()>::new();
    let error = future.wait(Duration::from_millis(2)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.message().contains("not known"));
    promise.complete(Ok(()));
    future.wait(Duration::ZERO).unwrap();
}

#[test]
fn a_dropped_promise_cancels_its_future_and_what_follows() {
    let (promise, future) = Promise::<()>::new();
    let next = future.then(|result| result);
    drop(promise);
    assert_eq!(future.wait(SOON).unwrap_err().kind(), ErrorKind::Cancelled);
    assert_eq!(next.wait(SOON).unwrap_err().kind(), ErrorKind::Cancelled);
}

#[test]
fn continuations_run_on_the_completion_thread_in_the_order_of_their_registration() {
    let (promise, future) = Promise::new();
    let order = Arc::new(Mutex::new(Vec::new()));
    let mut last = None;
    for number in 0..10 {
        let order = Arc::clone(&order);
        last = Some(future.then(move |result: Result<i32>| {
            assert!(on_completion_thread());
            lock(&order).push(number);
            result.map(|value| value + number)
        }));
    }
    promise.complete(Ok(100));
    assert_eq!(last.unwrap().wait(SOON).unwrap(), 109);
    assert_eq!(*lock(&order), (0..10).collect::<Vec<_>>());
}

#[test]
fn a_continuation_of_a_finished_future_does_not_run_inside_the_call() {
    let held = Arc::new(Mutex::new(()));
    let theirs = Arc::clone(&held);
    let guard = lock(&held);
    // If the continuation ran inside `then`, it would wait for the lock that this thread holds.
    let next = Future::ready(Ok(1)).then(move |result| {
        let _guard = lock(&theirs);
        assert!(on_completion_thread());
        result
    });
    assert!(!next.is_done());
    drop(guard);
    assert_eq!(next.wait(SOON).unwrap(), 1);
}

#[test]
fn a_continuation_can_register_more_on_the_same_future() {
    let (promise, future) = Promise::new();
    let (inner_promise, inner) = Promise::new();
    let again = future.clone();
    let outer = future.then(move |_| {
        drop(again.then(move |result: Result<i32>| {
            inner_promise.complete(result.clone());
            result
        }));
        Ok(())
    });
    promise.complete(Ok(3));
    outer.wait(SOON).unwrap();
    assert_eq!(inner.wait(SOON).unwrap(), 3);
}

#[test]
fn errors_travel_along_a_chain_and_a_panic_becomes_one() {
    let future = Future::<()>::ready(Err(Error::data("broken")));
    let passed = future.then(|result| result.map(|()| 1));
    assert_eq!(passed.wait(SOON).unwrap_err().message(), "broken");
    let repaired = passed.then(|result| Ok(result.unwrap_or(-1)));
    assert_eq!(repaired.wait(SOON).unwrap(), -1);
    let panicked = repaired.then(|_| -> Result<()> { panic!("as planned") });
    let error = panicked.wait(SOON).unwrap_err();
    assert_eq!((error.kind(), error.fact("panic")), (ErrorKind::Internal, Some("as planned")));
    assert_eq!(repaired.then(Ok).wait(SOON).unwrap().unwrap(), -1);
}

#[test]
fn waiting_inside_a_continuation_is_refused_instead_of_blocking_for_ever() {
    let (_promise, never) = Promise::<()>::new();
    let finished = Future::ready(Ok(8));
    let outcome = Future::ready(Ok(())).then(move |_| {
        let refused = never.wait(SOON).unwrap_err();
        Ok((refused.kind(), finished.wait(SOON)?))
    });
    assert_eq!(outcome.wait(SOON).unwrap(), (ErrorKind::Invalid, 8));
}

#[test]
fn a_future_keeps_its_owner_alive_and_a_promise_does_not() {
    let owner = Arc::new(());
    let watcher: Weak<()> = Arc::downgrade(&owner);
    let (promise, future) = Promise::<()>::keeping(owner);
    let next = future.then(|result| result);
    drop(future);
    assert!(watcher.upgrade().is_some());
    drop(next);
    assert!(watcher.upgrade().is_none());
    promise.complete(Ok(()));
}

#[test]
fn a_promise_knows_when_nobody_can_see_its_result() {
    let (promise, future) = Promise::<()>::new();
    assert!(!promise.is_abandoned());
    drop(future.then(|result| result));
    drop(future);
    assert!(!promise.is_abandoned());
    let (promise, future) = Promise::<()>::new();
    drop(future);
    assert!(promise.is_abandoned());
}

#[test]
fn a_hundred_thousand_in_flight_all_complete() {
    const COUNT: usize = 100_000;
    let (promises, futures): (Vec<_>, Vec<_>) = (0..COUNT).map(|_| Promise::new()).unzip();
    let calls = Arc::new(AtomicUsize::new(0));
    let follow = |future: &Future<usize>| {
        let calls = Arc::clone(&calls);
        future.then(move |result| {
            calls.fetch_add(1, Ordering::Relaxed);
            result.map(|number| number * 2)
        })
    };
    let doubled: Vec<_> = futures.iter().map(follow).collect();
    let thread = spawn("completes", move || {
        promises.into_iter().enumerate().rev().for_each(|(number, promise)| promise.complete(Ok(number)));
        Ok(())
    });
    for (number, future) in doubled.iter().enumerate() {
        assert_eq!(future.wait(SOON).unwrap(), number * 2);
    }
    assert_eq!(calls.load(Ordering::Relaxed), COUNT);
    thread.unwrap().join(Deadline::after(SOON)).unwrap();
}

#[test]
fn a_queue_drains_every_token_once_in_bounded_batches() {
    const COUNT: u64 = 100_000;
    let queue = CompletionQueue::new();
    let mut promises = Vec::new();
    for token in 0..COUNT {
        let (promise, future) = Promise::new();
        future.enqueue(&queue, token);
        promises.push(promise);
    }
    assert!(queue.is_empty() && queue.drain(10, Duration::ZERO).is_empty());
    let thread = spawn("completes", move || {
        promises.into_iter().for_each(|promise| promise.complete(Ok(())));
        Ok(())
    });
    let mut tokens = Vec::new();
    while tokens.len() < usize::try_from(COUNT).unwrap() {
        let batch = queue.drain(1000, SOON);
        assert!(!batch.is_empty() && batch.len() <= 1000);
        tokens.extend(batch);
    }
    assert_eq!(tokens, (0..COUNT).collect::<Vec<_>>());
    assert_eq!(queue.len(), 0);
    thread.unwrap().join(Deadline::after(SOON)).unwrap();
    Future::ready(Ok(())).enqueue(&queue, 9);
    assert_eq!(queue.drain(1, SOON), [9]);
}

#[test]
fn it_can_be_awaited() {
    struct Flag(AtomicBool);
    impl Wake for Flag {
        fn wake(self: Arc<Self>) {
            self.0.store(true, Ordering::SeqCst);
        }
    }
    let flag = Arc::new(Flag(AtomicBool::new(false)));
    let waker = Waker::from(Arc::clone(&flag));
    let mut context = Context::from_waker(&waker);
    let (promise, mut future) = Promise::new();
    for _ in 0..3 {
        assert!(std::future::Future::poll(Pin::new(&mut future), &mut context).is_pending());
    }
    assert!(!flag.0.load(Ordering::SeqCst));
    promise.complete(Ok(11));
    assert!(flag.0.load(Ordering::SeqCst));
    let Poll::Ready(result) = std::future::Future::poll(Pin::new(&mut future), &mut context) else {
        panic!("not woken")
    };
    assert_eq!(result.unwrap(), 11);
}
