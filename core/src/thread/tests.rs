use super::*;
use crate::native::thread::is_blocked;

fn soon() -> Deadline {
    Deadline::after(Duration::from_secs(20))
}

#[test]
fn a_thread_returns_what_its_body_returned() {
    assert_eq!(spawn("answer", || Ok(42)).unwrap().join(soon()).unwrap(), 42);
    let error = spawn("fails", || Err::<(), _>(Error::data("broken"))).unwrap().join(soon()).unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Data, "broken"));
}

#[test]
fn a_panic_becomes_an_internal_error_with_its_text() {
    let error = spawn("panics", || -> Result<()> { panic!("no luck {}", 7) }).unwrap().join(soon()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal);
    assert_eq!(error.fact("panic"), Some("no luck 7"));
}

#[test]
fn a_thread_does_not_see_the_hosts_signals_and_the_starter_still_does() {
    let before = is_blocked(2);
    let blocked = spawn("signals", || Ok((is_blocked(2), is_blocked(15), is_blocked(12)))).unwrap().join(soon());
    assert_eq!(blocked.unwrap(), (true, true, false));
    assert_eq!(is_blocked(2), before);
}

#[test]
fn a_thread_has_its_full_name_in_rust_and_the_end_of_it_in_the_kernel() {
    let names = spawn("orders-6b1f-StreamThread-12", || {
        let kernel = std::fs::read_to_string("/proc/thread-self/comm").unwrap_or_default();
        Ok((std::thread::current().name().map(str::to_owned), kernel.trim().to_owned()))
    });
    let (full, kernel) = names.unwrap().join(soon()).unwrap();
    assert_eq!(full.as_deref(), Some("orders-6b1f-StreamThread-12"));
    if cfg!(target_os = "linux") {
        assert_eq!(kernel, "StreamThread-12");
    }
}

#[test]
fn a_kernel_name_never_splits_a_character() {
    assert_eq!(kernel_name("short"), "short");
    assert_eq!(kernel_name("ä-ääääääää"), "ääääääää".get(2..).unwrap_or_default());
    assert_eq!(kernel_name("exactly-fifteen"), "exactly-fifteen");
}

#[test]
fn hooks_stand_at_both_ends_also_of_a_panic() {
    for panics in [false, true] {
        let order = Arc::new(Mutex::new(Vec::new()));
        let (first, middle, last) = (Arc::clone(&order), Arc::clone(&order), Arc::clone(&order));
        let hooks = ThreadHooks::new(move || lock(&first).push("started"), move || lock(&last).push("stopping"));
        let thread = spawn_with_hooks("hooked", Some(hooks), move || {
            lock(&middle).push("body");
            assert!(!panics, "as planned");
            Ok(())
        });
        assert_eq!(thread.unwrap().join(soon()).is_err(), panics);
        assert_eq!(*lock(&order), ["started", "body", "stopping"]);
    }
}

#[test]
fn joining_ends_at_the_deadline() {
    let gate = Arc::new(Signal::new(false));
    let theirs = Arc::clone(&gate);
    let thread = spawn("waits", move || Ok(theirs.wait(Deadline::NEVER, |open| open.then_some(())))).unwrap();
    assert!(!thread.is_finished());
    assert_eq!(thread.name(), "waits");
    let error = thread.join(Deadline::after(Duration::from_millis(5))).unwrap_err();
    assert_eq!((error.kind(), error.fact("thread")), (ErrorKind::Timeout, Some("waits")));
    gate.update(|open| *open = true);
}

#[test]
fn a_thread_has_a_deep_stack() {
    fn descend(depth: usize) -> usize {
        let frame = std::hint::black_box([depth; 512]);
        if depth == 0 { frame[0] } else { descend(depth - 1) + usize::from(frame[511] == depth) }
    }
    // 700 frames of 4 to 8 KiB need more than the 2 MiB that Rust gives by default.
    assert_eq!(spawn("deep", || Ok(descend(700))).unwrap().join(soon()).unwrap(), 700);
}

#[test]
fn waiting_sees_every_update() {
    let counter = Arc::new(Signal::new(0));
    let theirs = Arc::clone(&counter);
    let calls = Arc::new(AtomicUsize::new(0));
    let thread = spawn("counts", move || {
        (0..1000).for_each(|_| theirs.update(|count| *count += 1));
        Ok(())
    });
    let seen = Arc::clone(&calls);
    let reached = counter.wait(soon(), |count| {
        seen.fetch_add(1, Ordering::Relaxed);
        (*count == 1000).then_some(*count)
    });
    assert_eq!(reached, Some(1000));
    assert!(calls.load(Ordering::Relaxed) > 0);
    thread.unwrap().join(soon()).unwrap();
    assert_eq!(counter.wait(Deadline::after(Duration::ZERO), |count| (*count > 1000).then_some(())), None);
}
