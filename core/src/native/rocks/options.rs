//! How databases are opened: one set of options for all, over one cache and one memory budget for the process.

use std::sync::OnceLock;

use rocksdb::{
    BlockBasedOptions, Cache, DBCompressionType, FlushOptions, LogLevel, LruCacheOptions, Options, WriteBufferManager,
    WriteOptions,
};

/// Memory for blocks, indices, filters and memtables of all databases of the process.
const CACHE_BYTES: usize = 128 << 20;
/// The part of it that memtables may use before they are flushed early.
const MEMTABLES_BYTES: usize = 64 << 20;
/// Few shards: an index or filter block has to fit into one, or every read loads it again.
const CACHE_SHARD_BITS: i32 = 2;
const BLOOM_BITS_PER_KEY: f64 = 10.0;

/// What differs between databases.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings {
    /// The size at which a memtable is flushed.
    pub(crate) memtable_bytes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { memtable_bytes: 16 << 20 }
    }
}

struct Shared {
    cache: Cache,
    memtables: WriteBufferManager,
}

fn shared() -> &'static Shared {
    static SHARED: OnceLock<Shared> = OnceLock::new();
    SHARED.get_or_init(|| {
        let mut lru = LruCacheOptions::default();
        lru.set_capacity(CACHE_BYTES);
        lru.set_num_shard_bits(CACHE_SHARD_BITS);
        let cache = Cache::new_lru_cache_opts(&lru);
        // Without stalls: a writer could wait for memtables of an idle database, which nobody flushes.
        let memtables = WriteBufferManager::new_write_buffer_manager_with_cache(MEMTABLES_BYTES, false, cache.clone());
        Shared { cache, memtables }
    })
}

/// Options of the whole database.
pub(super) fn database() -> Options {
    let mut options = Options::default();
    options.create_if_missing(true);
    options.create_missing_column_families(true);
    // Without a write-ahead log, only this keeps the families at one common point after a crash.
    options.set_atomic_flush(true);
    options.set_write_buffer_manager(&shared().memtables);
    options.set_max_background_jobs(2);
    options.set_max_open_files(512);
    options.set_log_level(LogLevel::Warn);
    options.set_keep_log_file_num(2);
    options.set_max_log_file_size(1 << 20);
    options.set_stats_dump_period_sec(0);
    options
}

/// Options of every column family.
pub(super) fn family(settings: &Settings) -> Options {
    let mut blocks = BlockBasedOptions::default();
    blocks.set_block_cache(&shared().cache);
    blocks.set_block_size(16 << 10);
    blocks.set_format_version(5);
    blocks.set_bloom_filter(BLOOM_BITS_PER_KEY, false);
    blocks.set_optimize_filters_for_memory(true);
    blocks.set_cache_index_and_filter_blocks(true);
    blocks.set_cache_index_and_filter_blocks_with_high_priority(true);
    blocks.set_pin_l0_filter_and_index_blocks_in_cache(true);

    let mut options = Options::default();
    options.set_block_based_table_factory(&blocks);
    options.set_compression_type(DBCompressionType::Lz4);
    options.set_write_buffer_size(settings.memtable_bytes);
    options.set_max_write_buffer_number(3);
    options.set_target_file_size_base(32 << 20);
    options.set_level_compaction_dynamic_level_bytes(true);
    options
}

/// Writes without log, which fail instead of waiting: RocksDB can hang for ever on a full disk otherwise.
pub(super) fn write() -> WriteOptions {
    let mut options = WriteOptions::default();
    options.disable_wal(true);
    options.set_no_slowdown(true);
    options.set_memtable_insert_hint_per_batch(true);
    options
}

pub(super) fn flush() -> FlushOptions {
    let mut options = FlushOptions::default();
    options.set_wait(true);
    options
}
