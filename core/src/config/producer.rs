//! The settings of a producer that are the library's own, and defaults that differ from librdkafka's.

use crate::config::key::keys;

keys! {
    Producer;
    Medium MAX_BLOCK_MS "max.block.ms": Milliseconds = "60000", range(0, i64::MAX);
        "How long a send may wait for room in the buffer or for metadata.";
}
