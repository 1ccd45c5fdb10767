//! How keys and values are written as bytes.

use kstreams::serde::{SerdeRef, bytes, named};
use kstreams::{Error, Payload, Result, Value};
use napi::Env;
use napi_derive::napi;

use crate::error::export;
use crate::raw::{In, Js, Out, Val};
use crate::value;

/// A serde by its name.
///
/// # Errors
/// *Invalid* for an unknown name.
pub(crate) fn find(name: &str) -> Result<SerdeRef> {
    let expected = "bytes, string, short, int, long, float, double or boolean";
    named(name).ok_or_else(|| Error::invalid("unknown serde").with("got", name).with("expected", expected))
}

/// A serde by its name, if there is one.
///
/// # Errors
/// As [`find`].
pub(crate) fn find_some(name: Option<&str>) -> Result<Option<SerdeRef>> {
    name.map(find).transpose()
}

/// Without a serde, keys and values are bytes.
///
/// # Errors
/// As [`find`].
pub(crate) fn or_bytes(name: Option<&str>) -> Result<SerdeRef> {
    name.map_or_else(|| Ok(bytes()), find)
}

/// The bytes of a JavaScript value; none for `null` and `undefined`.
pub(crate) fn write(serde: &SerdeRef, val: Val<'_>) -> Result<Option<Payload>> {
    if val.is_nullish() {
        return Ok(None);
    }
    let value = value::from_js(val)?;
    let mut bytes = Vec::new();
    serde.serialize(&value, &mut bytes)?;
    Ok(Some(bytes.into()))
}

/// The JavaScript value of bytes; `null` for none.
pub(crate) fn read<'s>(js: Js<'s>, serde: &SerdeRef, bytes: Option<&Payload>) -> Result<Val<'s>> {
    let value = bytes.map_or(Ok(Value::Null), |bytes| serde.deserialize(bytes))?;
    value::to_js(js, &value)
}

/// The bytes of a value.
#[napi(catch_unwind)]
pub fn serialize(env: Env, name: String, value: In<'_>) -> napi::Result<Out> {
    export(&env, |js| {
        let bytes = write(&find(&name)?, value.val())?;
        Ok(bytes.map_or_else(|| js.null(), |bytes| js.buffer(&bytes)).into_out())
    })
}

/// The value of bytes.
#[napi(catch_unwind)]
pub fn deserialize(env: Env, name: String, data: In<'_>) -> napi::Result<Out> {
    export(&env, |js| {
        let serde = find(&name)?;
        let bytes = match data.val().is_nullish() {
            true => None,
            false => Some(
                data.val()
                    .with_bytes(|bytes| Payload::from(bytes))
                    .ok_or_else(|| value::wrong_type(data.val(), "Buffer, Uint8Array or null"))?,
            ),
        };
        read(js, &serde, bytes.as_ref()).map(Val::into_out)
    })
}
