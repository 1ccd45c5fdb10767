//! Record headers.

use std::sync::{Arc, Mutex, PoisonError};

use crate::value::Payload;

/// One header: a name and a value, which may be null.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The name; names may repeat.
    pub name: String,
    /// The value, or `None` for null.
    pub value: Option<Payload>,
}

/// The headers of a record: a shared list.
///
/// A clone is a second handle on the *same* list, as in Java where all children of a node get the same record. Use
/// [`copied`](Self::copied) for a list of one's own.
#[derive(Clone, Debug, Default)]
pub struct Headers(Option<Arc<Mutex<Vec<Header>>>>);

impl Headers {
    /// No headers.
    pub const EMPTY: Self = Self(None);

    /// Headers in the given order.
    pub fn new(headers: Vec<Header>) -> Self {
        if headers.is_empty() { Self(None) } else { Self(Some(Arc::new(Mutex::new(headers)))) }
    }

    /// An empty list that handles made from now on share.
    pub fn shared() -> Self {
        Self(Some(Arc::default()))
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.with(<[Header]>::is_empty)
    }

    /// Looks at the headers.
    pub fn with<T>(&self, look: impl FnOnce(&[Header]) -> T) -> T {
        match &self.0 {
            None => look(&[]),
            Some(list) => look(&list.lock().unwrap_or_else(PoisonError::into_inner)),
        }
    }

    /// Adds a header at the end. On headers made by [`EMPTY`](Self::EMPTY) other handles do not see it.
    pub fn add(&mut self, header: Header) {
        let list = self.0.get_or_insert_default();
        list.lock().unwrap_or_else(PoisonError::into_inner).push(header);
    }

    /// A list of one's own with the same headers.
    #[must_use]
    pub fn copied(&self) -> Self {
        Self::new(self.to_vec())
    }

    /// The headers as plain data.
    pub fn to_vec(&self) -> Vec<Header> {
        self.with(<[Header]>::to_vec)
    }

    /// Whether both handles are on the same list.
    pub fn is_same(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (None, None) => true,
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

impl PartialEq for Headers {
    fn eq(&self, other: &Self) -> bool {
        self.is_same(other) || self.to_vec() == other.to_vec()
    }
}
