//! Records, as JavaScript sees them.

use kstreams::{Error, Header, Headers, Result};

use crate::function::gone;
use crate::host::{Helper, Link};
use crate::raw::{Js, Val};
use crate::{error, value};

/// A record from parts that are JavaScript values already; what is not known is `undefined`.
pub(crate) struct Parts<'s, 'h> {
    pub(crate) topic: Val<'s>,
    pub(crate) key: Val<'s>,
    pub(crate) value: Val<'s>,
    pub(crate) partition: Option<i32>,
    pub(crate) offset: Option<i64>,
    pub(crate) timestamp: Option<i64>,
    pub(crate) headers: &'h Headers,
}

impl<'s> Parts<'s, '_> {
    /// The record object.
    pub(crate) fn make(self, js: Js<'s>) -> Result<Val<'s>> {
        let arguments = [
            self.topic,
            self.key,
            self.value,
            self.timestamp.map_or_else(|| js.undefined(), |time| js.number(value::as_real(time))),
            self.partition.map_or_else(|| js.undefined(), |number| js.int32(number)),
            self.offset.map_or_else(|| js.undefined(), |number| js.bigint(number)),
            headers_to_js(js, self.headers),
        ];
        let maker = Link::helper(js, Helper::MakeRecord).ok_or_else(gone)?;
        maker.call(&arguments).map_err(|thrown| error::from_js(thrown, "record"))
    }
}

/// Names and values in turn; `undefined` where there are none, which is cheap.
fn headers_to_js<'s>(js: Js<'s>, headers: &Headers) -> Val<'s> {
    headers.with(|headers| {
        if headers.is_empty() {
            return js.undefined();
        }
        let pair = |header: &Header| {
            [js.string(&header.name), header.value.as_ref().map_or_else(|| js.null(), |value| js.buffer(value))]
        };
        let flat: Vec<_> = headers.iter().flat_map(pair).collect();
        js.array(flat.into_iter())
    })
}

/// Headers from an argument: names and values in turn.
///
/// # Errors
/// *Invalid* for anything else.
pub(crate) fn headers_from_js(val: Val<'_>) -> Result<Headers> {
    if val.is_nullish() {
        return Ok(Headers::EMPTY);
    }
    let flat: Vec<_> = val.items().collect();
    let header = |pair: &[Val<'_>]| {
        let name = pair[0].as_text();
        let value = match pair[1].is_nullish() {
            true => Some(None),
            false => pair[1].with_bytes(|bytes| Some(bytes.into())),
        };
        match (name, value) {
            (Some(name), Some(value)) => Ok(Header { name, value }),
            _ => Err(Error::invalid("a header is a name with bytes or null")),
        }
    };
    flat.chunks_exact(2).map(header).collect::<Result<_>>().map(Headers::new)
}
