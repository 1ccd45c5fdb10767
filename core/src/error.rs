//! One error type for the whole library. Its [`ErrorKind`] says what to do; everything else is for people.

pub(crate) mod code;

use std::any::Any;
use std::fmt;
use std::sync::Arc;

/// The result of everything that can fail.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What a caller can do about an [`Error`]. New kinds are only added at the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[repr(i32)]
pub enum ErrorKind {
    /// Repeat the call, after a pause.
    Retriable = 1,
    /// Abort the transaction, then begin again.
    Abortable = 2,
    /// Another instance took over: close, create anew.
    Fenced = 3,
    /// A wrong argument, setting or order of calls.
    Invalid = 4,
    /// The broker or the operating system refuses this principal.
    Denied = 5,
    /// Data that cannot be read or written as declared; skip or repair them.
    Data = 6,
    /// The object was closed.
    Closed = 7,
    /// The call was cancelled.
    Cancelled = 8,
    /// A callback of the program failed: see [`Error::user_data`].
    User = 9,
    /// A bug in this library.
    Internal = 10,
    /// A deadline passed; the message says whether the outcome is known.
    Timeout = 11,
    /// Disk, lock or memory: free it, then retry.
    Resource = 12,
    /// This object is unusable: make a new one.
    Fatal = 13,
}

impl ErrorKind {
    /// Every kind, in the order of its number.
    pub const ALL: [Self; 13] = [
        Self::Retriable,
        Self::Abortable,
        Self::Fenced,
        Self::Invalid,
        Self::Denied,
        Self::Data,
        Self::Closed,
        Self::Cancelled,
        Self::User,
        Self::Internal,
        Self::Timeout,
        Self::Resource,
        Self::Fatal,
    ];

    /// The kind's name in lower case, as it appears in every language.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Retriable => "retriable",
            Self::Abortable => "abortable",
            Self::Fenced => "fenced",
            Self::Invalid => "invalid",
            Self::Denied => "denied",
            Self::Data => "data",
            Self::Closed => "closed",
            Self::Cancelled => "cancelled",
            Self::User => "user",
            Self::Internal => "internal",
            Self::Timeout => "timeout",
            Self::Resource => "resource",
            Self::Fatal => "fatal",
        }
    }

    /// One sentence on what to do, for generated documentation.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Retriable => "Repeat the call, after a pause.",
            Self::Abortable => "Abort the transaction, then begin again.",
            Self::Fenced => "Another instance took over: close, create anew.",
            Self::Invalid => "A wrong argument, setting or order of calls.",
            Self::Denied => "The broker or the operating system refuses this principal.",
            Self::Data => "Data that cannot be read or written as declared; skip or repair them.",
            Self::Closed => "The object was closed.",
            Self::Cancelled => "The call was cancelled.",
            Self::User => "A callback of the program failed.",
            Self::Internal => "A bug in this library.",
            Self::Timeout => "A deadline passed; the message says whether the outcome is known.",
            Self::Resource => "Disk, lock or memory: free it, then retry.",
            Self::Fatal => "This object is unusable: make a new one.",
        }
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A failure: its kind, a message, facts, and what caused it. Cheap to clone.
///
/// Prints as `message fact=`value` …`; the cause is printed by whoever walks [`source`](std::error::Error::source).
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Clone)]
struct Inner {
    kind: ErrorKind,
    code: i16,
    mismatch: bool,
    message: String,
    facts: Vec<(&'static str, String)>,
    cause: Option<Arc<dyn std::error::Error + Send + Sync>>,
    user: Option<Arc<dyn Any + Send + Sync>>,
}

impl Error {
    /// An error of `kind` with a message in lower case and without a full stop.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        let message = message.into();
        Self(Arc::new(Inner { kind, code: 0, mismatch: false, message, facts: Vec::new(), cause: None, user: None }))
    }

    /// A wrong argument, setting or order of calls.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Invalid, message)
    }

    /// Data that cannot be read or written as declared.
    pub fn data(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Data, message)
    }

    /// A broken invariant of this library.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Internal, message)
    }

    /// A failure of the program's own callback that carries the host's exception object.
    pub fn from_user(message: impl Into<String>, object: Arc<dyn Any + Send + Sync>) -> Self {
        let mut error = Self::new(ErrorKind::User, message);
        error.inner().user = Some(object);
        error
    }

    /// Adds a fact: printed as ``name=`value` `` after the message.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl fmt::Display) -> Self {
        self.inner().facts.push((name, value.to_string()));
        self
    }

    /// The same error as another kind, where the circumstances say more than the number.
    #[must_use]
    pub(crate) fn with_kind(mut self, kind: ErrorKind) -> Self {
        self.inner().kind = kind;
        self
    }

    /// Adds Kafka's protocol error code.
    #[must_use]
    pub fn with_code(mut self, code: i16) -> Self {
        self.inner().code = code;
        self
    }

    /// Adds the cause, which is printed after this error and not repeated in its message.
    #[must_use]
    pub fn caused_by(mut self, cause: impl std::error::Error + Send + Sync + 'static) -> Self {
        self.inner().cause = Some(Arc::new(cause));
        self
    }

    /// What to do about it.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Kafka's protocol error code, or 0 if the error does not come from a broker.
    pub fn kafka_code(&self) -> i16 {
        self.0.code
    }

    /// The message alone, without facts.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The value of a fact, such as `topic` or `node`.
    pub fn fact(&self, name: &str) -> Option<&str> {
        self.0.facts.iter().find(|(fact, _)| *fact == name).map(|(_, value)| value.as_str())
    }

    /// All facts with their names, in the order in which they are printed.
    pub fn facts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.facts.iter().map(|(name, value)| (*name, value.as_str()))
    }

    /// The host's exception object, of this error or of one of its causes.
    pub fn user_data(&self) -> Option<&Arc<dyn Any + Send + Sync>> {
        self.0.user.as_ref().or_else(|| self.cause()?.user_data())
    }

    /// Whether a value was of another type than its serde or function expects: a mistake in the program, which no
    /// exception handler gets to see (Java's `ClassCastException`).
    pub(crate) fn is_mismatch(&self) -> bool {
        self.0.mismatch
    }

    /// Marks the error as [`is_mismatch`](Self::is_mismatch).
    pub(crate) fn into_mismatch(mut self) -> Self {
        self.inner().mismatch = true;
        self
    }

    /// The cause, if it is an error of this library.
    pub fn cause(&self) -> Option<&Self> {
        self.0.cause.as_deref()?.downcast_ref()
    }

    /// The error and all its causes in one line.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = std::error::Error::source(self);
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }

    fn inner(&mut self) -> &mut Inner {
        Arc::make_mut(&mut self.0)
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        self.0.facts.iter().try_for_each(|(name, value)| write!(f, " {name}=`{value}`"))
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.cause.as_ref().map(|cause| cause.as_ref() as &(dyn std::error::Error + 'static))
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.kind, self.chain())
    }
}
