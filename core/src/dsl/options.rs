//! The options of operators, with Kafka's names. Everything in them may be left out.

use std::collections::BTreeMap;
use std::fmt;

use crate::error::Result;
use crate::record::Record;
use crate::serde::SerdeRef;
use crate::topology::plan::{Extractor, OffsetReset, Partitioner, StoreBottom};
use crate::value::Value;

macro_rules! options {
    ($type:ident) => {
        impl $type {
            /// Nothing given.
            pub fn new() -> Self {
                Self::default()
            }

            /// With these serdes.
            pub fn with(key: SerdeRef, value: SerdeRef) -> Self {
                Self::default().key_serde(key).value_serde(value)
            }

            /// Sets the key's serde.
            #[must_use]
            pub fn key_serde(mut self, serde: SerdeRef) -> Self {
                self.key = Some(serde);
                self
            }

            /// Sets the value's serde.
            #[must_use]
            pub fn value_serde(mut self, serde: SerdeRef) -> Self {
                self.value = Some(serde);
                self
            }
        }

        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($type))
                    .field("name", &self.name)
                    .field("key", &self.key)
                    .field("value", &self.value)
                    .finish_non_exhaustive()
            }
        }
    };
}

/// How topics are read.
#[derive(Clone, Default)]
pub struct Consumed {
    pub(super) name: Option<String>,
    pub(super) key: Option<SerdeRef>,
    pub(super) value: Option<SerdeRef>,
    pub(super) timestamps: Option<Extractor>,
    pub(super) reset: Option<OffsetReset>,
}

options!(Consumed);

impl Consumed {
    /// Names the source node.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Takes timestamps from records: the function gets the record and the highest timestamp of its partition so far,
    /// −1 at first. A negative answer drops the record.
    #[must_use]
    pub fn timestamp_extractor(
        mut self,
        extractor: impl Fn(&Record, i64) -> Result<i64> + Send + Sync + 'static,
    ) -> Self {
        self.timestamps = Some(std::sync::Arc::new(extractor));
        self
    }

    /// Says where to begin when the group has no offset; otherwise the configuration says it.
    #[must_use]
    pub fn offset_reset(mut self, reset: OffsetReset) -> Self {
        self.reset = Some(reset);
        self
    }
}

/// How a topic is written.
#[derive(Clone, Default)]
pub struct Produced {
    pub(super) name: Option<String>,
    pub(super) key: Option<SerdeRef>,
    pub(super) value: Option<SerdeRef>,
    pub(super) partitioner: Option<Partitioner>,
}

options!(Produced);

/// How an automatic or explicit repartition topic is made.
#[derive(Clone, Default)]
pub struct Repartitioned {
    pub(super) name: Option<String>,
    pub(super) key: Option<SerdeRef>,
    pub(super) value: Option<SerdeRef>,
    pub(super) partitioner: Option<Partitioner>,
    pub(super) partitions: Option<i32>,
}

options!(Repartitioned);

macro_rules! partitioned {
    ($type:ident, $named:literal) => {
        impl $type {
            #[doc = $named]
            #[must_use]
            pub fn named(mut self, name: impl Into<String>) -> Self {
                self.name = Some(name.into());
                self
            }

            /// Chooses partitions: the function gets topic, key, value and the number of partitions. `None` leaves it
            /// to the producer, an empty list drops the record, several partitions get a copy each.
            #[must_use]
            pub fn partitioner(
                mut self,
                partitioner: impl Fn(&str, &Value, &Value, i32) -> Result<Option<Vec<i32>>> + Send + Sync + 'static,
            ) -> Self {
                self.partitioner = Some(std::sync::Arc::new(partitioner));
                self
            }
        }
    };
}

partitioned!(Produced, "Names the sink node.");
partitioned!(Repartitioned, "Names the topic: it becomes `<application.id>-<name>-repartition`.");

impl Repartitioned {
    /// Fixes the number of partitions. Otherwise the topic gets as many as what is read where it is written.
    #[must_use]
    pub fn partitions(mut self, partitions: i32) -> Self {
        self.partitions = Some(partitions);
        self
    }
}

/// How records are grouped.
#[derive(Clone, Default)]
pub struct Grouped {
    pub(super) name: Option<String>,
    pub(super) key: Option<SerdeRef>,
    pub(super) value: Option<SerdeRef>,
}

options!(Grouped);

impl Grouped {
    /// Names the repartition topic, should one be needed: it becomes `<application.id>-<name>-repartition`.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }
}

/// How a table is kept.
#[derive(Clone)]
pub struct Materialized {
    pub(super) name: Option<String>,
    pub(super) key: Option<SerdeRef>,
    pub(super) value: Option<SerdeRef>,
    pub(super) bottom: Option<StoreBottom>,
    pub(super) caching: bool,
    pub(super) logging: Option<BTreeMap<String, String>>,
}

options!(Materialized);

impl Default for Materialized {
    fn default() -> Self {
        Self { name: None, key: None, value: None, bottom: None, caching: true, logging: Some(BTreeMap::new()) }
    }
}

impl Materialized {
    /// Names the store, so that it can be queried and its changelog keeps its name when the topology changes.
    #[must_use]
    pub fn named(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// Keeps the store in memory.
    #[must_use]
    pub fn in_memory(mut self) -> Self {
        self.bottom = Some(StoreBottom::Memory);
        self
    }

    /// Keeps the store in RocksDB.
    #[must_use]
    pub fn on_disk(mut self) -> Self {
        self.bottom = Some(StoreBottom::Rocks);
        self
    }

    /// Switches off the changelog: what the store held is lost when its task moves.
    #[must_use]
    pub fn logging_disabled(mut self) -> Self {
        self.logging = None;
        self
    }

    /// Sets topic settings of the changelog.
    #[must_use]
    pub fn logging_enabled(mut self, config: BTreeMap<String, String>) -> Self {
        self.logging = Some(config);
        self
    }

    /// Passes every change on at once.
    #[must_use]
    pub fn caching_disabled(mut self) -> Self {
        self.caching = false;
        self
    }

    /// Collects changes of a key and passes on the last one at a commit: the default, when there is a cache budget.
    #[must_use]
    pub fn caching_enabled(mut self) -> Self {
        self.caching = true;
        self
    }
}
