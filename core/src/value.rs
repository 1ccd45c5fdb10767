//! What operators and callbacks see of keys and values: one dynamic type that every language maps to its own.

use std::any::Any;
use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::ops::{Deref, Range};
use std::sync::Arc;

use crate::error::{Error, Result};
pub use crate::native::text::Text;

/// Bytes of a record: up to 22 stand in the value itself, more are a slice of a shared buffer. Cheap to clone.
#[derive(Clone)]
pub struct Payload(Repr);

#[derive(Clone)]
enum Repr {
    Inline(u8, [u8; Payload::INLINE]),
    Shared { buffer: Arc<Vec<u8>>, start: u32, end: u32 },
}

impl Payload {
    /// How many bytes need no buffer.
    pub const INLINE: usize = 22;

    /// A part of a buffer that many payloads share.
    ///
    /// # Panics
    /// When the range is not inside the buffer.
    pub fn shared(buffer: &Arc<Vec<u8>>, range: Range<usize>) -> Self {
        let bytes = &buffer[range.clone()];
        if bytes.len() <= Self::INLINE {
            return Self::inline(bytes);
        }
        let position = |at: usize| u32::try_from(at).expect("buffers are smaller than 4 GiB");
        Self(Repr::Shared { buffer: Arc::clone(buffer), start: position(range.start), end: position(range.end) })
    }

    /// A part of these bytes, sharing their buffer.
    ///
    /// # Panics
    /// When the range is out of bounds.
    #[must_use]
    pub fn slice(&self, range: Range<usize>) -> Self {
        match &self.0 {
            Repr::Inline(..) => Self::inline(&self[range]),
            Repr::Shared { buffer, start, .. } => {
                let start = *start as usize;
                assert!(range.end <= self.len(), "the slice is inside the payload");
                Self::shared(buffer, start + range.start..start + range.end)
            }
        }
    }

    fn inline(bytes: &[u8]) -> Self {
        let mut array = [0; Self::INLINE];
        array[..bytes.len()].copy_from_slice(bytes);
        Self(Repr::Inline(u8::try_from(bytes.len()).expect("at most 22"), array))
    }
}

impl Deref for Payload {
    type Target = [u8];

    // Looked at once or more for each record by every binding.
    #[inline]
    fn deref(&self) -> &[u8] {
        match &self.0 {
            Repr::Inline(size, bytes) => &bytes[..usize::from(*size)],
            Repr::Shared { buffer, start, end } => &buffer[*start as usize..*end as usize],
        }
    }
}

/// Compares and hashes as its bytes, so maps can be asked by slices.
impl Borrow<[u8]> for Payload {
    fn borrow(&self) -> &[u8] {
        self
    }
}

impl From<&[u8]> for Payload {
    fn from(bytes: &[u8]) -> Self {
        if bytes.len() <= Self::INLINE { Self::inline(bytes) } else { Self::from(bytes.to_vec()) }
    }
}

impl From<&str> for Payload {
    fn from(text: &str) -> Self {
        Self::from(text.as_bytes())
    }
}

impl From<Vec<u8>> for Payload {
    fn from(bytes: Vec<u8>) -> Self {
        let size = bytes.len();
        Self::shared(&Arc::new(bytes), 0..size)
    }
}

impl PartialEq for Payload {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for Payload {}

impl PartialOrd for Payload {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Payload {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (**self).cmp(&**other)
    }
}

impl Hash for Payload {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

impl fmt::Debug for Payload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.escape_ascii())
    }
}

/// How many bytes a whole number has.
///
/// *Any* is what languages without sized integers produce: the serde that writes it checks the range. A fixed width
/// against a serde of another width is an error, as Java's `ClassCastException`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum IntWidth {
    /// Whatever the serde needs.
    Any,
    /// Java's `Short`.
    Two,
    /// Java's `Integer`.
    Four,
    /// Java's `Long`.
    Eight,
}

/// How many bytes a floating-point number has; see [`IntWidth`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RealWidth {
    /// Whatever the serde needs.
    Any,
    /// Java's `Float`.
    Four,
    /// Java's `Double`.
    Eight,
}

/// A key or a value inside a topology.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Value {
    /// No value: a tombstone, or a record without a key.
    #[default]
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64, IntWidth),
    /// A floating-point number.
    Real(f64, RealWidth),
    /// UTF-8 text.
    Text(Text),
    /// Uninterpreted bytes.
    Bytes(Payload),
    /// An object of the host language.
    Host(HostValue),
}

impl Value {
    /// Whether this is [`Value::Null`].
    pub const fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// What it is, for error messages.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "boolean",
            Self::Int(_, IntWidth::Any) => "integer",
            Self::Int(_, IntWidth::Two) => "short",
            Self::Int(_, IntWidth::Four) => "int",
            Self::Int(_, IntWidth::Eight) => "long",
            Self::Real(_, RealWidth::Any) => "real",
            Self::Real(_, RealWidth::Four) => "float",
            Self::Real(_, RealWidth::Eight) => "double",
            Self::Text(_) => "text",
            Self::Bytes(_) => "bytes",
            Self::Host(_) => "host object",
        }
    }

    /// An error of kind *data* that names what was expected and what this is.
    pub fn mismatch(&self, expected: &str) -> Error {
        let error = Error::data("value is of the wrong type").with("expected", expected).with("got", self.kind());
        // A null is what the data happen to be; any other type is a mistake in the program.
        if self.is_null() { error } else { error.into_mismatch() }
    }
}

/// Numbers are equal when they are the same number, whatever their width.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a, _), Self::Int(b, _)) => a == b,
            (Self::Real(a, _), Self::Real(b, _)) => a.to_bits() == b.to_bits(),
            (Self::Text(a), Self::Text(b)) => a == b,
            (Self::Bytes(a), Self::Bytes(b)) => a == b,
            (Self::Host(a), Self::Host(b)) => Arc::ptr_eq(&a.0, &b.0),
            _ => false,
        }
    }
}

/// An object of the host language. Its clone is another reference to the same object.
#[derive(Clone)]
pub struct HostValue(Arc<dyn Any + Send + Sync>);

impl HostValue {
    /// Wraps a host's reference; dropping the last clone drops it.
    pub fn new(object: impl Any + Send + Sync) -> Self {
        Self(Arc::new(object))
    }

    /// The host's reference, if it is of this type.
    pub fn get<T: Any>(&self) -> Option<&T> {
        self.0.downcast_ref()
    }
}

impl fmt::Debug for HostValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HostValue")
    }
}

/// A Rust type that stands for keys or values in a [`KStream<K, V>`](crate::KStream).
///
/// `View` is what a closure gets: `&str` for `String`, `i64` for `i64`, `Option<&str>` for `Option<String>`.
/// A null is an error for every type but `Option` and [`Value`].
pub trait Data: Send + Sync + 'static {
    /// What a closure gets to see.
    type View<'a>;

    /// Looks at a value.
    ///
    /// # Errors
    /// *Data* when the value is of another type.
    fn view(value: &Value) -> Result<Self::View<'_>>;
}

/// What a closure may return as a key or value: data, an option of data, or a result of data.
pub trait IntoData {
    /// The data type that the stream then has.
    type Data: Data;

    /// Makes the dynamic value.
    ///
    /// # Errors
    /// Whatever the closure returned as an error.
    fn into_data(self) -> Result<Value>;
}

macro_rules! plain_data {
    ($life:lifetime, $type:ty, $view:ty, $expected:literal, $pattern:pat => $look:expr, $this:ident => $make:expr) => {
        impl Data for $type {
            type View<$life> = $view;

            fn view<$life>(value: &$life Value) -> Result<$view> {
                match value {
                    $pattern => $look,
                    other => Err(other.mismatch($expected)),
                }
            }
        }

        impl IntoData for $type {
            type Data = Self;

            fn into_data(self) -> Result<Value> {
                let $this = self;
                Ok($make)
            }
        }
    };
}

fn narrow<T: TryFrom<i64>>(number: i64, expected: &str) -> Result<T> {
    T::try_from(number)
        .map_err(|_| Error::data("number is out of range").with("expected", expected).with("got", number))
}

plain_data!('a, bool, bool, "boolean", Value::Bool(b) => Ok(*b), this => Value::Bool(this));
plain_data!('a, i64, i64, "long", Value::Int(n, IntWidth::Eight | IntWidth::Any) => Ok(*n), this => Value::Int(this, IntWidth::Eight));
plain_data!('a, i32, i32, "int", Value::Int(n, IntWidth::Four | IntWidth::Any) => narrow(*n, "int"), this => Value::Int(this.into(), IntWidth::Four));
plain_data!('a, i16, i16, "short", Value::Int(n, IntWidth::Two | IntWidth::Any) => narrow(*n, "short"), this => Value::Int(this.into(), IntWidth::Two));
plain_data!('a, f64, f64, "double", Value::Real(x, RealWidth::Eight | RealWidth::Any) => Ok(*x), this => Value::Real(this, RealWidth::Eight));
#[expect(clippy::cast_possible_truncation, reason = "a float serde writes 32 bits")]
const fn single(x: f64) -> f32 {
    x as f32
}
plain_data!('a, f32, f32, "float", Value::Real(x, RealWidth::Four | RealWidth::Any) => Ok(single(*x)), this => Value::Real(this.into(), RealWidth::Four));
plain_data!('a, String, &'a str, "text", Value::Text(text) => Ok(text.as_str()), this => Value::Text(this.into()));
plain_data!('a, Vec<u8>, &'a [u8], "bytes", Value::Bytes(bytes) => Ok(bytes), this => Value::Bytes(this.into()));

/// A key or value that nobody looks at: it may be anything, also null, and passes through as it is.
impl Data for () {
    type View<'a> = ();

    fn view(_: &Value) -> Result<()> {
        Ok(())
    }
}

impl Data for Value {
    type View<'a> = &'a Value;

    fn view(value: &Value) -> Result<&Value> {
        Ok(value)
    }
}

impl IntoData for Value {
    type Data = Self;

    fn into_data(self) -> Result<Value> {
        Ok(self)
    }
}

impl<T: Data> Data for Option<T> {
    type View<'a> = Option<T::View<'a>>;

    fn view(value: &Value) -> Result<Self::View<'_>> {
        if value.is_null() { Ok(None) } else { T::view(value).map(Some) }
    }
}

impl<T: IntoData> IntoData for Option<T> {
    type Data = Option<T::Data>;

    fn into_data(self) -> Result<Value> {
        self.map_or(Ok(Value::Null), T::into_data)
    }
}

impl<T: IntoData> IntoData for Result<T> {
    type Data = T::Data;

    fn into_data(self) -> Result<Value> {
        self?.into_data()
    }
}

impl IntoData for &str {
    type Data = String;

    fn into_data(self) -> Result<Value> {
        Ok(Value::Text(self.into()))
    }
}

impl IntoData for Text {
    type Data = String;

    fn into_data(self) -> Result<Value> {
        Ok(Value::Text(self))
    }
}

impl IntoData for &[u8] {
    type Data = Vec<u8>;

    fn into_data(self) -> Result<Value> {
        Ok(Value::Bytes(self.into()))
    }
}
