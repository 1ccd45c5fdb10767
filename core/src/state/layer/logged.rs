//! The changelog: every write is also a record.

use crate::error::Result;
use crate::header::Headers;
use crate::operator::outbox::{Outbox, Outgoing};
use crate::state::layer::overlay::Overlay;
use crate::state::{ChangelogTarget, stamp};

/// Rows whose values begin with their timestamp, and their changelog if there is one.
pub(crate) struct Logged {
    target: Option<ChangelogTarget>,
    inner: Overlay,
}

impl Logged {
    pub(crate) const fn new(target: Option<ChangelogTarget>, inner: Overlay) -> Self {
        Self { target, inner }
    }

    /// Writes a row. The changelog gets the value without its timestamp, which becomes the record's; a deletion has the
    /// timestamp of the record that is being processed, `now`.
    pub(crate) fn put(&mut self, outbox: &mut Outbox, key: &[u8], stamped: Option<&[u8]>, now: i64) -> Result<()> {
        if let Some(target) = self.target {
            let (timestamp, value) = match stamped {
                Some(stamped) => stamp::split(stamped).map(|(timestamp, value)| (timestamp, Some(value)))?,
                None => (now, None),
            };
            log(target, outbox, key, value, timestamp);
        }
        self.inner.put(key, stamped);
        Ok(())
    }

    pub(crate) const fn inner(&self) -> &Overlay {
        &self.inner
    }

    pub(crate) const fn inner_mut(&mut self) -> &mut Overlay {
        &mut self.inner
    }
}

fn log(target: ChangelogTarget, outbox: &mut Outbox, key: &[u8], value: Option<&[u8]>, timestamp: i64) {
    let key = outbox.append(key);
    let value = value.map(|value| outbox.append(value));
    outbox.records.push(Outgoing {
        topic: target.topic,
        partition: Some(target.partition),
        key: Some(key),
        value,
        timestamp: Some(timestamp),
        headers: Headers::EMPTY,
    });
}
