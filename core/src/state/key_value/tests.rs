use super::super::fixture::{Bench, STORE, string, text};
use super::super::{CacheBudget, Environment, FlushListener, Stores};
use super::*;
use crate::header::{Header, Headers};
use crate::state::fixture::setup;
use crate::topology::plan::StoreBottom;

/// The size of an entry with a key and a value of one byte, written from topic `in`.
const ENTRY: usize = 1 + 25 + 20 + 2 + (8 + 1);

fn cached(entries: usize, listener: FlushListener) -> Bench {
    let mut bench = Bench::in_memory(Some(&CacheBudget::new(entries * ENTRY)));
    bench.stores.get_mut(STORE).set_flush_listener(listener);
    bench
}

#[test]
fn the_changelog_gets_the_value_with_its_own_timestamp_and_a_tombstone_with_the_records() {
    let mut bench = Bench::in_memory(None);
    let mut env = Environment { context: &bench.context, outbox: &mut bench.outbox };
    bench.stores.get_mut(STORE).put(&mut env, &text("a"), &text("1"), 500).unwrap();
    assert_eq!(bench.logged(), ["a=1@500"]);
    bench.put("a", None, 42);
    assert_eq!(bench.logged(), ["a=null@42"]);
    assert_eq!(bench.get("a"), None);
}

#[test]
fn a_store_without_changelog_logs_nothing() {
    let setup = StoreSetup { changelog: None, ..setup("s", StoreBottom::Memory, None) };
    let mut bench = Bench::over(Stores::open(None, vec![setup]).unwrap());
    bench.put("a", Some("1"), 1);
    assert_eq!(bench.get("a"), Some(("1".into(), 1)));
    assert!(bench.outbox.is_empty());
}

#[test]
fn put_if_absent_and_delete_give_back_what_was_there() {
    let mut bench = Bench::in_memory(None);
    let Bench { stores, outbox, context } = &mut bench;
    let env = &mut Environment { context, outbox };
    let store = stores.get_mut(STORE);
    assert_eq!(store.put_if_absent(env, &text("a"), &text("1"), 1).unwrap(), None);
    let first = Some(Stamped { value: text("1"), timestamp: 1 });
    assert_eq!(store.put_if_absent(env, &text("a"), &text("2"), 2).unwrap(), first);
    assert_eq!(store.delete(env, &text("a")).unwrap(), first);
    assert_eq!(store.delete(env, &text("a")).unwrap(), None);
    assert_eq!(bench.logged(), ["a=1@1", "a=null@0", "a=null@0"]);
}

#[test]
fn a_wrong_key_or_value_is_an_error_that_names_the_store() {
    let mut bench = Bench::in_memory(None);
    let Bench { stores, outbox, context } = &mut bench;
    let env = &mut Environment { context, outbox };
    let store = stores.get_mut(STORE);
    let number = Value::Int(1, crate::IntWidth::Eight);
    for error in [
        store.get(&Value::Null).unwrap_err(),
        store.get(&number).unwrap_err(),
        store.put(env, &text("a"), &number, 0).unwrap_err(),
    ] {
        assert_eq!(error.fact("store"), Some("s"), "{error}");
    }
    assert!(bench.outbox.is_empty());
}

#[test]
fn a_write_waits_in_the_cache_until_the_flush() {
    let mut bench = cached(100, FlushListener::New);
    bench.put("a", Some("1"), 1);
    bench.put("a", Some("2"), 9);
    assert_eq!(bench.get("a"), Some(("2".into(), 9)));
    assert!(bench.logged().is_empty());
    assert_eq!(bench.stores.get(STORE).approximate_num_entries(), 0);
    assert_eq!(bench.flush(), ["a:2<-null@9"]);
    assert_eq!(bench.logged(), ["a=2@9"]);
    assert_eq!(bench.stores.get(STORE).approximate_num_entries(), 1);
    assert!(bench.flush().is_empty());
}

#[test]
fn a_flush_goes_by_the_last_dirtying() {
    let mut bench = cached(100, FlushListener::New);
    for (key, time) in [("a", 1), ("b", 2), ("c", 3), ("a", 4)] {
        bench.put(key, Some("x"), time);
    }
    bench.get("b");
    assert_eq!(bench.flush(), ["b:x<-null@2", "c:x<-null@3", "a:x<-null@4"]);
    bench.put("c", Some("y"), 5);
    bench.put("b", Some("y"), 6);
    assert_eq!(bench.flush(), ["c:y<-null@5", "b:y<-null@6"]);
}

#[test]
fn old_values_come_only_to_those_who_want_them() {
    let mut bench = cached(100, FlushListener::NewAndOld);
    bench.put("a", Some("1"), 1);
    assert_eq!(bench.flush(), ["a:1<-null@1"]);
    bench.put("a", Some("2"), 2);
    bench.put("a", Some("3"), 3);
    assert_eq!(bench.flush(), ["a:3<-1@3"]);
    bench.put("a", None, 4);
    assert_eq!(bench.flush(), ["a:null<-3@4"]);

    let mut bench = cached(100, FlushListener::New);
    bench.put("a", Some("1"), 1);
    bench.flush();
    bench.put("a", None, 4);
    assert_eq!(bench.flush(), ["a:null<-null@4"]);
}

#[test]
fn a_row_made_and_deleted_within_the_interval_leaves_no_trace() {
    let mut bench = cached(100, FlushListener::New);
    bench.put("a", Some("1"), 1);
    bench.put("a", None, 2);
    assert!(bench.flush().is_empty());
    assert!(bench.logged().is_empty());
}

#[test]
fn without_a_listener_even_that_tombstone_is_written() {
    let mut bench = cached(100, FlushListener::None);
    bench.put("b", Some("1"), 1);
    bench.put("a", Some("1"), 1);
    bench.put("a", None, 2);
    assert!(bench.flush().is_empty(), "nobody hears of it");
    assert_eq!(bench.logged(), ["b=1@1", "a=null@2"]);
}

#[test]
fn an_entry_remembers_its_last_writer_and_a_copy_of_the_headers() {
    let mut bench = cached(100, FlushListener::New);
    let headers = Headers::new(vec![Header { name: "h".into(), value: None }]);
    bench.context.headers = headers.clone();
    bench.put("a", Some("1"), 17);
    headers.clone().add(Header { name: "later".into(), value: None });
    let mut pass = bench.stores.get_mut(STORE).flush().unwrap();
    let flushed = bench.stores.get_mut(STORE).step(&mut pass, &mut bench.outbox).unwrap().unwrap();
    assert_eq!(flushed.context.timestamp, 17);
    assert_eq!(flushed.context.topic.as_deref(), Some("in"));
    assert_eq!(flushed.context.headers.to_vec().len(), 1);
}

#[test]
fn a_dirty_tail_is_evicted_first_and_takes_all_dirty_entries_along() {
    let mut bench = cached(3, FlushListener::New);
    for (key, time) in [("a", 1), ("b", 2), ("c", 3)] {
        bench.put(key, Some("x"), time);
        assert!(bench.overflow().is_empty());
    }
    bench.get("a");
    bench.put("d", Some("x"), 4);
    // b is the least recently used; the others follow in the order of dirtying.
    assert_eq!(bench.overflow(), ["b:x<-null@2", "a:x<-null@1", "c:x<-null@3", "d:x<-null@4"]);
    assert_eq!(bench.get("b"), Some(("x".into(), 2)), "it is read from below");
}

#[test]
fn a_clean_tail_is_dropped_silently() {
    let mut bench = cached(2, FlushListener::New);
    bench.put("a", Some("x"), 1);
    bench.put("b", Some("x"), 2);
    assert_eq!(bench.flush().len(), 2);
    bench.put("c", Some("x"), 3);
    assert!(bench.overflow().is_empty(), "a was clean");
    assert_eq!(bench.flush(), ["c:x<-null@3"]);
}

#[test]
fn a_read_that_fills_the_cache_can_evict() {
    let mut bench = cached(2, FlushListener::New);
    for (key, time) in [("a", 1), ("b", 2), ("c", 3)] {
        bench.put(key, Some("x"), time);
    }
    assert_eq!(bench.overflow().len(), 3);
    bench.put("b", Some("y"), 4);
    bench.put("c", Some("y"), 5);
    assert!(bench.overflow().is_empty());
    assert_eq!(bench.get("a"), Some(("x".into(), 1)));
    assert_eq!(bench.overflow(), ["b:y<-null@4", "c:y<-null@5"]);
}

#[test]
fn stores_of_a_thread_share_the_budget_and_only_the_written_one_gives_up_entries() {
    let budget = CacheBudget::new(2 * ENTRY);
    let setups = ["s", "t"].map(|name| setup(name, StoreBottom::Memory, Some(&budget)));
    let mut bench = Bench::over(Stores::open(None, setups.into()).unwrap());
    bench.stores.get_mut(STORE).set_flush_listener(FlushListener::New);
    let mut env = Environment { context: &bench.context, outbox: &mut bench.outbox };
    let other = bench.stores.get_mut(crate::operator::StoreId(1));
    for key in ["x", "y"] {
        other.put(&mut env, &text(key), &text("1"), 0).unwrap();
    }
    assert!(other.overflow().is_none());
    bench.put("a", Some("1"), 1);
    assert_eq!(bench.overflow(), ["a:1<-null@1"]);
    assert_eq!(budget.used(), i64::try_from(2 * ENTRY).unwrap());
    bench.stores.discard();
    assert_eq!(budget.used(), 0);
}

#[test]
fn who_hears_of_a_change_may_write_to_the_same_store() {
    let mut bench = cached(100, FlushListener::NewAndOld);
    bench.put("a", Some("1"), 1);
    bench.put("b", Some("1"), 2);
    let mut pass = bench.stores.get_mut(STORE).flush().unwrap();
    assert_eq!(bench.next(&mut pass).as_deref(), Some("a:1<-null@1"));
    bench.put("b", Some("2"), 3);
    bench.put("c", Some("1"), 4);
    assert_eq!(bench.get("b"), Some(("2".into(), 3)));
    // The flush goes on with what was dirty when it began.
    assert_eq!(bench.next(&mut pass).as_deref(), Some("b:1<-null@2"));
    assert_eq!(bench.next(&mut pass), None);
    assert_eq!(bench.flush(), ["b:2<-1@3", "c:1<-null@4"]);
}

#[test]
fn passes_nest() {
    let mut bench = cached(2, FlushListener::New);
    bench.put("a", Some("1"), 1);
    bench.put("b", Some("1"), 2);
    bench.put("c", Some("1"), 3);
    let mut outer = bench.stores.get_mut(STORE).overflow().unwrap();
    assert_eq!(bench.next(&mut outer).as_deref(), Some("a:1<-null@1"));
    bench.put("d", Some("1"), 4);
    bench.put("e", Some("1"), 5);
    // b and c are clean by now and are dropped; the outer pass still writes them.
    assert_eq!(bench.overflow(), Vec::<String>::new());
    assert_eq!(bench.next(&mut outer).as_deref(), Some("b:1<-null@2"));
    assert_eq!(bench.next(&mut outer).as_deref(), Some("c:1<-null@3"));
    assert_eq!(bench.next(&mut outer), None);
    assert_eq!(bench.flush(), ["d:1<-null@4", "e:1<-null@5"]);
    assert_eq!(bench.get("b"), Some(("1".into(), 2)));
}

#[test]
fn a_key_written_again_while_its_deletion_is_flushed_is_kept() {
    let mut bench = cached(100, FlushListener::New);
    bench.put("a", Some("1"), 1);
    bench.flush();
    bench.put("a", None, 2);
    let mut pass = bench.stores.get_mut(STORE).flush().unwrap();
    assert_eq!(bench.next(&mut pass).as_deref(), Some("a:null<-null@2"));
    bench.put("a", Some("3"), 3);
    assert_eq!(bench.next(&mut pass), None);
    assert_eq!(bench.flush(), ["a:3<-null@3"]);
}

#[test]
fn the_budget_counts_as_java_does() {
    let budget = CacheBudget::new(1 << 20);
    let mut bench = Bench::in_memory(Some(&budget));
    bench.put("key", Some("value"), 1);
    // key, pointers and flag, context with topic, timestamp and value
    let written = 3 + 25 + (20 + 2) + (8 + 5);
    assert_eq!(budget.used(), written);
    bench.put("key", Some("v"), 1);
    assert_eq!(budget.used(), written - 4);
    bench.context.headers = Headers::new(vec![Header { name: "é".into(), value: Some((&b"123"[..]).into()) }]);
    bench.put("key", Some("v"), 1);
    assert_eq!(budget.used(), written - 4 + 4);
    bench.put("key", None, 1);
    bench.flush();
    assert_eq!(budget.used(), 0, "a flushed deletion needs no entry");
}

fn keys(cursor: Cursor) -> Vec<String> {
    cursor.map(|row| row.map(|(key, row)| format!("{}={}", string(&key), string(&row.value))).unwrap()).collect()
}

/// a, b and d are at the bottom; b and c in the overlay; c, d and e in the cache.
fn layered() -> Bench {
    let mut bench = cached(100, FlushListener::New);
    for key in ["a", "b", "d"] {
        bench.put(key, Some("bottom"), 0);
    }
    bench.flush();
    bench.stores.commit(&std::collections::BTreeMap::new()).unwrap();
    bench.put("b", Some("overlay"), 1);
    bench.put("c", Some("overlay"), 1);
    bench.flush();
    bench.put("c", Some("cache"), 2);
    bench.put("d", None, 2);
    bench.put("e", Some("cache"), 2);
    bench
}

#[test]
fn ranges_merge_cache_overlay_and_bottom_in_both_directions() {
    let mut bench = layered();
    let store = bench.stores.get_mut(STORE);
    let all = ["a=bottom", "b=overlay", "c=cache", "e=cache"];
    assert_eq!(keys(store.all(Direction::Forward)), all);
    assert_eq!(keys(store.all(Direction::Reverse)), ["e=cache", "c=cache", "b=overlay", "a=bottom"]);
    assert_eq!(keys(store.range(&text("b"), &text("d"), Direction::Forward).unwrap()), &all[1..3]);
    assert_eq!(keys(store.range(&Value::Null, &text("b"), Direction::Forward).unwrap()), &all[..2]);
    assert_eq!(keys(store.range(&text("c"), &Value::Null, Direction::Forward).unwrap()), &all[2..]);
    assert!(keys(store.range(&text("d"), &text("b"), Direction::Forward).unwrap()).is_empty());
    assert_eq!(keys(store.prefix(&text("b"), &crate::serde::utf8()).unwrap()), &all[1..2]);
}

#[test]
fn a_cursor_does_not_see_later_writes() {
    let mut bench = layered();
    let cursor = bench.stores.get_mut(STORE).all(Direction::Forward);
    for key in ["a", "b", "c", "f"] {
        bench.put(key, Some("later"), 3);
    }
    bench.flush();
    bench.stores.commit(&std::collections::BTreeMap::new()).unwrap();
    assert_eq!(keys(cursor), ["a=bottom", "b=overlay", "c=cache", "e=cache"]);
}

#[test]
fn raw_rows_are_in_the_order_of_their_bytes() {
    let mut bench = layered();
    let rows: Vec<_> = bench.stores.get_mut(STORE).raw_rows().map(Result::unwrap).collect();
    let row = |key: &str, value: &str, timestamp| RawRow {
        key: key.as_bytes().into(),
        value: value.as_bytes().into(),
        timestamp,
    };
    assert_eq!(rows, [row("a", "bottom", 0), row("b", "overlay", 1), row("c", "cache", 2), row("e", "cache", 2)]);
}
