use super::*;
use crate::state::fixture::{Bench, STORE, Temporary, setup};
use crate::state::{CacheBudget, FlushListener};

mod kill;
mod model;

const CHANGELOG: &str = "s-changelog";

fn on_disk(directory: &Temporary) -> Stores {
    Stores::open(Some(directory.path()), vec![setup("s", StoreBottom::Rocks, None)]).unwrap()
}

fn offsets(offset: i64) -> BTreeMap<Arc<str>, i64> {
    BTreeMap::from([(CHANGELOG.into(), offset)])
}

fn restored(records: &[(&'static str, Option<&'static str>, i64)]) -> Vec<Restored<'static>> {
    let record = |(key, value, timestamp): &(&'static str, Option<&'static str>, i64)| Restored {
        key: key.as_bytes(),
        value: value.map(str::as_bytes),
        timestamp: *timestamp,
    };
    records.iter().map(record).collect()
}

#[test]
fn what_is_committed_is_there_after_reopening_with_its_offset() {
    let directory = Temporary::new();
    let mut bench = Bench::over(on_disk(&directory));
    assert!(bench.stores.offsets().is_empty());
    bench.put("a", Some("1"), 5);
    bench.stores.commit(&offsets(10)).unwrap();
    bench.put("a", Some("lost"), 6);
    bench.put("b", Some("lost"), 6);
    assert!(bench.stores.uncommitted_bytes() > 0);
    bench.stores.close().unwrap();

    let mut bench = Bench::over(on_disk(&directory));
    assert_eq!(bench.stores.offsets(), &offsets(10));
    assert_eq!(bench.get("a"), Some(("1".into(), 5)));
    assert_eq!(bench.get("b"), None);
}

#[test]
fn an_aborted_transaction_leaves_nothing() {
    for bottom in [StoreBottom::Rocks, StoreBottom::Memory] {
        let directory = Temporary::new();
        let budget = CacheBudget::new(1 << 20);
        let setups = vec![setup("s", bottom, Some(&budget))];
        let mut bench = Bench::over(Stores::open(Some(directory.path()), setups).unwrap());
        bench.put("a", Some("1"), 1);
        bench.flush();
        bench.stores.commit(&offsets(1)).unwrap();
        bench.put("a", Some("2"), 2);
        bench.flush();
        bench.put("a", Some("3"), 3);
        bench.stores.discard();
        assert_eq!(bench.get("a"), Some(("1".into(), 1)));
        assert_eq!(bench.stores.uncommitted_bytes(), 0);
    }
}

#[test]
fn a_restored_batch_counts_by_its_last_records() {
    for bottom in [StoreBottom::Rocks, StoreBottom::Memory] {
        let directory = Temporary::new();
        let mut bench = Bench::over(Stores::open(Some(directory.path()), vec![setup("s", bottom, None)]).unwrap());
        let records =
            [("b", Some("1"), 1), ("a", Some("1"), 2), ("b", Some("2"), 3), ("c", Some("x"), 4), ("c", None, 5)];
        bench.stores.restore_batch(STORE, restored(&records), 5).unwrap();
        assert_eq!(bench.get("a"), Some(("1".into(), 2)));
        assert_eq!(bench.get("b"), Some(("2".into(), 3)));
        assert_eq!(bench.get("c"), None);
        bench.stores.restore_batch(STORE, restored(&[("a", None, 6)]), 6).unwrap();
        assert_eq!(bench.get("a"), None);
        assert_eq!(bench.stores.offsets(), &offsets(6));
        assert!(bench.outbox.is_empty(), "what is restored is not logged again");
    }
}

#[test]
fn stores_in_memory_keep_no_offsets_on_disk() {
    let directory = Temporary::new();
    let setups = || vec![setup("s", StoreBottom::Memory, None), setup("t", StoreBottom::Rocks, None)];
    let mut stores = Stores::open(Some(directory.path()), setups()).unwrap();
    let both = BTreeMap::from([(CHANGELOG.into(), 3), ("t-changelog".into(), 4)]);
    stores.commit(&both).unwrap();
    assert_eq!(stores.offsets(), &both);
    stores.close().unwrap();
    let stores = Stores::open(Some(directory.path()), setups()).unwrap();
    assert_eq!(stores.offsets(), &BTreeMap::from([("t-changelog".into(), 4)]));
}

#[test]
fn stores_in_memory_need_no_directory_but_those_on_disk_do() {
    assert!(Stores::open(None, vec![setup("s", StoreBottom::Memory, None)]).is_ok());
    let error = Stores::open(None, vec![setup("s", StoreBottom::Rocks, None)]).err().unwrap();
    assert_eq!(error.kind(), crate::ErrorKind::Invalid);
}

#[test]
fn a_wiped_task_begins_empty() {
    let directory = Temporary::new();
    let task = directory.path().join("0_0");
    let open = || Stores::open(Some(&task), vec![setup("s", StoreBottom::Rocks, None)]).unwrap();
    let mut bench = Bench::over(open());
    bench.put("a", Some("1"), 1);
    bench.stores.commit(&offsets(1)).unwrap();
    bench.stores.wipe().unwrap();
    assert!(!task.exists());
    let mut bench = Bench::over(open());
    assert_eq!(bench.get("a"), None);
    assert!(bench.stores.offsets().is_empty());
}

#[test]
fn a_store_may_be_added_and_removed_between_runs() {
    let directory = Temporary::new();
    on_disk(&directory).close().unwrap();
    let both = vec![setup("s", StoreBottom::Rocks, None), setup("t", StoreBottom::Rocks, None)];
    Stores::open(Some(directory.path()), both).unwrap().close().unwrap();
    on_disk(&directory).close().unwrap();
}

#[test]
fn the_second_who_opens_a_task_is_told_so() {
    let directory = Temporary::new();
    let first = on_disk(&directory);
    let setups = vec![setup("s", StoreBottom::Rocks, None)];
    let error = Stores::open(Some(directory.path()), setups).err().unwrap();
    assert_eq!(error.kind(), crate::ErrorKind::Resource, "{error:?}");
    assert!(error.fact("path").unwrap().contains("kstreams-test-"));
    assert!(error.fact("remedy").unwrap().contains("state.dir"));
    drop(first);
    on_disk(&directory);
}

#[test]
fn damaged_files_are_an_error_of_kind_data_with_a_remedy() {
    let directory = Temporary::new();
    on_disk(&directory).close().unwrap();
    std::fs::write(directory.path().join("data/CURRENT"), "MANIFEST-999999\n").unwrap();
    let error = Stores::open(Some(directory.path()), vec![setup("s", StoreBottom::Rocks, None)]).err().unwrap();
    assert_eq!(error.kind(), crate::ErrorKind::Data, "{error:?}");
    assert!(error.fact("remedy").unwrap().contains("delete the directory"));
}

#[test]
fn a_task_directory_of_the_jvm_is_refused() {
    for name in [".checkpoint", "rocksdb"] {
        let directory = Temporary::new();
        std::fs::create_dir(directory.path().join(name)).unwrap();
        let error = Stores::open(Some(directory.path()), vec![setup("s", StoreBottom::Rocks, None)]).err().unwrap();
        assert_eq!((error.kind(), error.fact("found")), (crate::ErrorKind::Data, Some(name)));
        assert!(!directory.path().join("data").exists());
    }
}

#[test]
fn stores_are_found_by_name_and_flushed_in_their_order() {
    let names = ["z", "a"];
    let stores = Stores::open(None, names.map(|name| setup(name, StoreBottom::Memory, None)).into()).unwrap();
    assert_eq!(stores.find("a"), Some(StoreId(1)));
    assert_eq!(stores.find("b"), None);
    assert!(stores.ids().map(|id| &**stores.get(id).name()).eq(names));
}
