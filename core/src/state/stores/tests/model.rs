//! Random operations on a store and on a plain map have the same results.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::*;
use crate::state::fixture::{string, text};

type Model = BTreeMap<String, (String, i64)>;

/// A small generator with a seed that a failure prints.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % sides
    }

    fn key(&mut self) -> String {
        format!("{:02}", self.roll(60))
    }
}

fn rows(bench: &mut Bench) -> Model {
    let rows = bench.stores.get_mut(STORE).raw_rows().map(Result::unwrap);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    rows.map(|row| (text(&row.key), (text(&row.value), row.timestamp))).collect()
}

struct Run {
    bottom: StoreBottom,
    budget: Option<Arc<CacheBudget>>,
    directory: Temporary,
    bench: Bench,
    model: Model,
    committed: Model,
    offset: i64,
}

impl Run {
    fn new(bottom: StoreBottom, cache: usize) -> Self {
        let directory = Temporary::new();
        let budget = (cache > 0).then(|| CacheBudget::new(cache));
        let bench = Self::open(bottom, budget.as_ref(), &directory);
        Self { bottom, budget, directory, bench, model: Model::new(), committed: Model::new(), offset: 0 }
    }

    fn open(bottom: StoreBottom, budget: Option<&Arc<CacheBudget>>, directory: &Temporary) -> Bench {
        let settings = Settings { memtable_bytes: 64 << 10 };
        let setups = vec![setup("s", bottom, budget)];
        let mut stores = Stores::open_with(Some(directory.path()), setups, &settings).unwrap();
        stores.get_mut(STORE).set_flush_listener(FlushListener::NewAndOld);
        Bench::over(stores)
    }

    fn write(&mut self, dice: &mut Dice) {
        let key = dice.key();
        let timestamp = i64::try_from(dice.roll(1000)).unwrap();
        if dice.roll(4) == 0 {
            self.bench.put(&key, None, timestamp);
            self.model.remove(&key);
        } else {
            // Short and long values: inside a payload and beside it.
            let value = "v".repeat(usize::try_from(dice.roll(60)).unwrap());
            self.bench.put(&key, Some(&value), timestamp);
            self.model.insert(key, (value, timestamp));
        }
        self.bench.overflow();
    }

    fn read(&mut self, dice: &mut Dice) {
        let key = dice.key();
        assert_eq!(self.bench.get(&key), self.model.get(&key).cloned());
        self.bench.overflow();
    }

    fn check_ranges(&mut self, dice: &mut Dice) {
        let mut ends = [dice.key(), dice.key()];
        ends.sort();
        let [from, to] = ends;
        let bounds = (text(&from), text(&to));
        let expected: Vec<_> = self.model.range(from..=to).map(|(key, _)| key.clone()).collect();
        let mut found = |direction| -> Vec<String> {
            let cursor = self.bench.stores.get_mut(STORE).range(&bounds.0, &bounds.1, direction).unwrap();
            cursor.map(|row| string(&row.unwrap().0)).collect()
        };
        assert_eq!(found(Direction::Forward), expected);
        assert!(found(Direction::Reverse).iter().rev().eq(&expected));
        self.bench.overflow();
    }

    fn commit(&mut self) {
        self.bench.flush();
        self.offset += 1;
        self.bench.stores.commit(&offsets(self.offset)).unwrap();
        self.committed.clone_from(&self.model);
    }

    fn discard(&mut self) {
        self.bench.stores.discard();
        self.model.clone_from(&self.committed);
    }

    fn reopen(&mut self) {
        if self.bottom == StoreBottom::Memory {
            return;
        }
        // The old stores have to be closed before the directory can be opened again.
        self.bench.stores = Stores::open(None, Vec::new()).unwrap();
        self.bench = Self::open(self.bottom, self.budget.as_ref(), &self.directory);
        self.model.clone_from(&self.committed);
        assert_eq!(self.bench.stores.offsets().get(CHANGELOG).copied().unwrap_or(0), self.offset);
    }

    fn step(&mut self, dice: &mut Dice) {
        match dice.roll(200) {
            0 => self.reopen(),
            1..=3 => self.discard(),
            4..=10 => self.commit(),
            11..=15 => drop(self.bench.flush()),
            16..=25 => self.check_ranges(dice),
            26..=30 => assert_eq!(rows(&mut self.bench), self.model),
            31..=100 => self.read(dice),
            _ => self.write(dice),
        }
    }
}

fn run(seed: u64, bottom: StoreBottom, cache: usize) {
    let mut dice = Dice(seed);
    let mut run = Run::new(bottom, cache);
    for step in 0..4000 {
        let outcome = catch_unwind(AssertUnwindSafe(|| run.step(&mut dice)));
        assert!(outcome.is_ok(), "seed {seed:#x}, {bottom:?}, cache {cache}, step {step}");
    }
    run.commit();
    run.reopen();
    assert_eq!(rows(&mut run.bench), run.model, "seed {seed:#x}, {bottom:?}, cache {cache}");
}

#[test]
fn a_store_is_a_map() {
    let seed = crate::clock::random() | 1;
    for bottom in [StoreBottom::Memory, StoreBottom::Rocks] {
        for cache in [0, 1500, 1 << 20] {
            run(seed, bottom, cache);
        }
    }
}
