//! Objects that one thread uses at a time: misuse is answered instead of waiting.

use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, MutexGuard, TryLockError};

use kstreams::{Error, Result};

/// Something for one thread at a time.
#[derive(Debug)]
pub(crate) struct Exclusive<T>(Mutex<T>);

/// The right to use it.
pub(crate) struct Turn<'a, T>(MutexGuard<'a, T>);

impl<T> Exclusive<T> {
    pub(crate) const fn new(object: T) -> Self {
        Self(Mutex::new(object))
    }

    /// The object, if nobody uses it now.
    ///
    /// # Errors
    /// *Invalid*, naming the object, when another thread is in a call on it, or this one is in a callback of such a call.
    pub(crate) fn turn(&self, object: &'static str) -> Result<Turn<'_, T>> {
        match self.0.try_lock() {
            Ok(guard) => Ok(Turn(guard)),
            // A handle whose object panicked answers closed before anybody comes here.
            Err(TryLockError::Poisoned(poisoned)) => Ok(Turn(poisoned.into_inner())),
            Err(TryLockError::WouldBlock) => {
                Err(Error::invalid("the object is in another call: it takes one at a time").with("object", object))
            }
        }
    }
}

impl<T> Deref for Turn<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> DerefMut for Turn<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_user_is_refused_by_name() {
        let object = Exclusive::new(1);
        let turn = object.turn("driver").unwrap();
        let error = object.turn("driver").err().unwrap();
        assert_eq!((error.kind(), error.fact("object")), (kstreams::ErrorKind::Invalid, Some("driver")));
        drop(turn);
        *object.turn("driver").unwrap() += 1;
        assert_eq!(*object.turn("driver").unwrap(), 2);
    }
}
