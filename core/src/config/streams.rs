//! The settings of a streams application, and what they mean together.

use crate::config::key::keys;

pub(crate) mod settings;

keys! {
    Streams;
    High APPLICATION_ID "application.id": Text;
        "Names the application: its consumer group, its internal topics and its directory. Required.";
    High BOOTSTRAP_SERVERS "bootstrap.servers": Text;
        "Brokers to begin with: `host:port`, separated by commas. Required.";
    High STATE_DIR "state.dir": Text = "<tmp>/kstreams";
        "The directory of the state stores. One process at a time may use an application's directory in it.";
    High NUM_STREAM_THREADS "num.stream.threads": Integer = "1", range(1, 10_000);
        "How many threads process records.";
    High PROCESSING_GUARANTEE "processing.guarantee": Text = "at_least_once", words(&["at_least_once", "exactly_once_v2"]);
        "What happens to a record when an instance fails: it may be processed again, or it counts exactly once.";
    High NUM_STANDBY_REPLICAS "num.standby.replicas": Integer = "0", range(0, 1000);
        "How many copies of each store other instances keep ready.";
    High REPLICATION_FACTOR "replication.factor": Integer = "-1", range(-1, 32_767);
        "Replicas of internal topics. -1 leaves it to the broker.";
    Medium APPLICATION_SERVER "application.server": Text = "";
        "`host:port` under which other instances reach this one's stores.";
    Medium ACCEPTABLE_RECOVERY_LAG "acceptable.recovery.lag": Integer = "10000", range(0, i64::MAX);
        "An instance this many records behind counts as caught up and may get the active task.";
    Medium MAX_WARMUP_REPLICAS "max.warmup.replicas": Integer = "2", range(1, 100_000);
        "How many extra copies may be built at a time to move tasks to better places.";
    Medium STATESTORE_CACHE_MAX_BYTES "statestore.cache.max.bytes": Integer = "10485760", range(0, i64::MAX);
        "Memory of the record caches of all threads together. 0 passes every update on.";
    Medium CACHE_MAX_BYTES_BUFFERING "cache.max.bytes.buffering": Integer, range(0, i64::MAX);
        "The older name of `statestore.cache.max.bytes`; if both are set, the newer one counts.";
    Medium MAX_TASK_IDLE_MS "max.task.idle.ms": Milliseconds = "0", range(-1, i64::MAX);
        "How long a task waits for records on its empty partitions, to process in the order of time. -1 does not wait.";
    Medium DEFAULT_KEY_SERDE "default.key.serde": Text;
        "The serde of keys where none is given.";
    Medium DEFAULT_VALUE_SERDE "default.value.serde": Text;
        "The serde of values where none is given.";
    Medium DEFAULT_TIMESTAMP_EXTRACTOR "default.timestamp.extractor": Text = "fail", words(&[
        "fail", "skip", "partitionTime", "wallclock", "FailOnInvalidTimestamp", "LogAndSkipOnInvalidTimestamp", "UsePartitionTimeOnInvalidTimestamp",
        "WallclockTimestampExtractor"]);
        "Where a record's time comes from, and what to do with a negative one.";
    Medium DESERIALIZATION_EXCEPTION_HANDLER "deserialization.exception.handler": Text = "fail",
        words(&["fail", "continue", "LogAndFailExceptionHandler", "LogAndContinueExceptionHandler"]);
        "What to do with a record that cannot be read.";
    Medium PROCESSING_EXCEPTION_HANDLER "processing.exception.handler": Text = "fail",
        words(&["fail", "continue", "LogAndFailProcessingExceptionHandler", "LogAndContinueProcessingExceptionHandler"]);
        "What to do with a record at which an operator fails.";
    Medium PRODUCTION_EXCEPTION_HANDLER "production.exception.handler": Text = "fail",
        words(&["fail", "continue", "DefaultProductionExceptionHandler", "AlwaysContinueProductionExceptionHandler"]);
        "What to do with a record that cannot be sent.";
    Medium ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME "errors.dead.letter.queue.topic.name": Text;
        "The topic for records that a handler continues after. Without it they are only logged.";
    Medium TASK_TIMEOUT_MS "task.timeout.ms": Milliseconds = "300000", range(0, i64::MAX);
        "How long a task may fail to make progress on retriable errors before the error counts as fatal.";
    Medium TOPOLOGY_OPTIMIZATION "topology.optimization": List = "none", words(&[
        "none", "all", "reuse.ktable.source.topics", "merge.repartition.topics", "single.store.self.join"]);
        "Which optimizations the topology gets. They change the names of internal topics.";
    Medium DSL_STORE "dsl.store": Text = "rocksDB", words(&["rocksDB", "in_memory"]);
        "Where stores of the DSL keep their data unless the program says otherwise.";
    Low DEFAULT_DSL_STORE "default.dsl.store": Text, words(&["rocksDB", "in_memory"]);
        "The older name of `dsl.store`; if both are set, the newer one counts.";
    Low DSL_STORE_FORMAT "dsl.store.format": Text = "DEFAULT", words(&["DEFAULT", "HEADERS"]);
        "Whether stores of the DSL keep the headers of their records.";
    Low BUFFERED_RECORDS_PER_PARTITION "buffered.records.per.partition": Integer = "1000", range(1, i64::MAX);
        "A partition with more records than this waiting is paused.";
    Low COMMIT_INTERVAL_MS "commit.interval.ms": Milliseconds, range(0, i64::MAX);
        "How often progress is saved. 30000 at least once, 100 exactly once, unless set.";
    Low POLL_MS "poll.ms": Milliseconds = "100", range(0, i64::MAX);
        "How long a thread without work waits for records.";
    Low PROBING_REBALANCE_INTERVAL_MS "probing.rebalance.interval.ms": Milliseconds = "600000", range(60_000, i64::MAX);
        "How often instances look whether a task can move to a copy that has caught up.";
    Low REPARTITION_PURGE_INTERVAL_MS "repartition.purge.interval.ms": Milliseconds = "30000", range(0, i64::MAX);
        "How often records that are no longer needed are deleted from repartition topics.";
    Low STATE_CLEANUP_DELAY_MS "state.cleanup.delay.ms": Milliseconds = "600000", range(0, i64::MAX);
        "How long the directory of a task that moved away is kept.";
    Low STATE_CLEANUP_DIR_MAX_AGE_MS "state.cleanup.dir.max.age.ms": Milliseconds = "-1", range(-1, i64::MAX);
        "At the start, directories older than this are deleted. -1 keeps them.";
    Low WINDOWSTORE_CHANGELOG_ADDITIONAL_RETENTION_MS "windowstore.changelog.additional.retention.ms":
        Milliseconds = "86400000", range(0, i64::MAX);
        "Added to the retention of the changelogs of window stores, for clocks that differ.";
    Low RACK_AWARE_ASSIGNMENT_STRATEGY "rack.aware.assignment.strategy": Text = "none",
        words(&["none", "min_traffic", "balance_subtopology"]);
        "How tasks are placed with regard to racks.";
    Low RACK_AWARE_ASSIGNMENT_TAGS "rack.aware.assignment.tags": List = "";
        "Names of client tags in which standby copies should differ.";
    Low RACK_AWARE_ASSIGNMENT_TRAFFIC_COST "rack.aware.assignment.traffic_cost": Integer, range(0, 2_147_483_647);
        "What a task that reads across racks costs in the placement.";
    Low RACK_AWARE_ASSIGNMENT_NON_OVERLAP_COST "rack.aware.assignment.non_overlap_cost": Integer, range(0, 2_147_483_647);
        "What moving a task costs in the placement.";
    Low LOG_SUMMARY_INTERVAL_MS "log.summary.interval.ms": Milliseconds = "120000", range(-1, i64::MAX);
        "How often a thread logs what it did. 0 or less does not.";
    Low METRICS_RECORDING_LEVEL "metrics.recording.level": Text = "INFO", words(&["INFO", "DEBUG", "TRACE"]);
        "How detailed the metrics are.";
    Low METRICS_NUM_SAMPLES "metrics.num.samples": Integer = "2", range(1, 2_147_483_647);
        "How many samples a metric is computed from.";
    Low METRICS_SAMPLE_WINDOW_MS "metrics.sample.window.ms": Milliseconds = "30000", range(0, i64::MAX);
        "How long a sample of a metric lasts.";
    Low ENSURE_EXPLICIT_INTERNAL_RESOURCE_NAMING "ensure.explicit.internal.resource.naming": Boolean = "false";
        "Refuses a topology in which a store or an internal topic has a generated name.";
    Low PROCESSING_EXCEPTION_HANDLER_GLOBAL_ENABLED "processing.exception.handler.global.enabled": Boolean = "false";
        "Whether the processing handler also serves global stores.";
    Low STATESTORE_UNCOMMITTED_MAX_BYTES "statestore.uncommitted.max.bytes": Integer = "67108864", range(-1, i64::MAX);
        "Memory of writes that are not committed yet, of all threads together. Beyond it, commits come early. -1 has no bound.";
    Low ALLOW_OS_GROUP_WRITE_ACCESS "allow.os.group.write.access": Boolean = "false";
        "Whether the operating system's group may write to the state directory.";
    Low EMIT_INTERVAL_OUTER_JOIN "__emit.interval.ms.kstreams.outer.join.spurious.results.fix__":
        Milliseconds = "1000", range(0, i64::MAX);
        "How often an outer join looks for records without a partner. For tests.";
    Low EMIT_INTERVAL_WINDOWED_AGGREGATION "__emit.interval.ms.kstreams.windowed.aggregation__":
        Milliseconds = "1000", range(0, i64::MAX);
        "How often a windowed aggregation emits closed windows. For tests.";
    Low INTERNAL_TOPIC_PREFIX "__internal.override.topic.prefix__": Text;
        "What internal topics begin with instead of the application's id. For tests.";
}
