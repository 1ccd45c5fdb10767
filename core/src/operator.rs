//! Operators: the nodes of a running topology. A record goes in, records come out, depth first.

use std::sync::Arc;

use crate::error::{Error, Result};
use crate::record::{Record, Update};

pub(crate) mod aggregate;
pub(crate) mod context;
pub(crate) mod filter;
pub(crate) mod flat_map;
pub(crate) mod map;
pub(crate) mod merge;
pub(crate) mod outbox;
pub(crate) mod peek;
pub(crate) mod sink;
pub(crate) mod to_stream;

pub(crate) use context::Context;

/// Why an operator did not finish its record.
#[derive(Debug)]
pub(crate) enum Stop {
    /// This node failed. Whoever called it asks the processing exception handler; its parents may go on.
    Node(Error),
    /// The task has to stop: every node returns at once.
    Task(Error),
}

impl Stop {
    /// The error, whichever it stops.
    pub(crate) fn into_error(self) -> Error {
        match self {
            Self::Node(error) | Self::Task(error) => error,
        }
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Self::Node(error)
    }
}

/// What processing a record gives.
pub(crate) type Flow = Result<(), Stop>;

/// One node of a task. It lives in one task and is called by one thread at a time.
///
/// [`Context::forward`] finishes all children, in the order in which they were attached, before it returns. A `?` on
/// an [`Error`] fails this node only.
pub(crate) trait Operator: Send {
    /// Takes a record of a stream.
    fn process(&mut self, _ctx: &mut Context, _record: Record) -> Flow {
        Err(Error::internal("a stream record reached a node of a table").into())
    }

    /// Takes a change of a table.
    fn update(&mut self, _ctx: &mut Context, _update: Update) -> Flow {
        Err(Error::internal("a table's change reached a node of a stream").into())
    }
}

/// The number of a store within its task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct StoreId(pub(crate) usize);

/// What a factory may ask for when a task makes its operators.
pub(crate) trait Wiring {
    /// The store of that name, which the node must be connected to.
    fn store(&self, name: &str) -> Result<StoreId>;
}

/// Makes a node's operator, once for each task.
pub(crate) type OperatorFactory = Arc<dyn Fn(&dyn Wiring) -> Result<Box<dyn Operator>> + Send + Sync>;

/// A factory of operators that need no store.
pub(crate) fn factory<O: Operator + 'static>(make: impl Fn() -> O + Send + Sync + 'static) -> OperatorFactory {
    Arc::new(move |_| Ok(Box::new(make())))
}
