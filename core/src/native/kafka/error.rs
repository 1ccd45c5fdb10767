//! From librdkafka's error numbers to [`Error`].

use std::ffi::{CStr, c_int};

use rdkafka::bindings as rd;

use crate::error::code::Code;
use crate::error::{Error, ErrorKind};

/// An error number of librdkafka: a broker's code, or one of its own below −1.
///
/// Kept as a number because a newer broker may answer one that the generated enumeration does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Status(pub(crate) i32);

impl Status {
    pub(crate) const OK: Self = Self(0);
    pub(crate) const UNKNOWN_TOPIC: Self = Self(3);
    pub(crate) const REBALANCE_IN_PROGRESS: Self = Self(27);
    pub(crate) const TOPIC_ALREADY_EXISTS: Self = Self(36);
    pub(crate) const PARTITION_EOF: Self = Self(-191);
    pub(crate) const TIMED_OUT: Self = Self(-185);
    pub(crate) const QUEUE_FULL: Self = Self(-184);
    pub(crate) const NO_OFFSET: Self = Self(-168);
    pub(crate) const PARTIAL: Self = Self(-158);
    pub(crate) const FATAL: Self = Self(-150);

    pub(crate) const fn is_ok(self) -> bool {
        self.0 == 0
    }

    /// What librdkafka says about it, such as `Broker: Unknown topic or partition`.
    pub(crate) fn description(self) -> String {
        let known = Code::of(self.0).is_some();
        if !known {
            return format!("unknown error code {}", self.0);
        }
        // SAFETY: `Code::of` knows only numbers of the enumeration, which has the layout of an int.
        let err = unsafe { std::mem::transmute::<c_int, rd::rd_kafka_resp_err_t>(self.0) };
        // SAFETY: librdkafka answers every number of its enumeration with a static string.
        let text = unsafe { CStr::from_ptr(rd::rd_kafka_err2str(err)) }.to_string_lossy();
        let text = text.strip_prefix("Broker: ").or_else(|| text.strip_prefix("Local: ")).unwrap_or(&text);
        lower_first(text)
    }

    /// The error for this number, with what was being done as its message.
    pub(crate) fn error(self, doing: &str) -> Error {
        self.error_because(doing, "")
    }

    /// As [`error`](Self::error), with librdkafka's own words about this case if it has any.
    pub(crate) fn error_because(self, doing: &str, reason: &str) -> Error {
        let code = Code::of(self.0);
        let kind = code.map_or(ErrorKind::Retriable, |code| code.kind);
        let reason = if reason.is_empty() { self.description() } else { lower_first(reason) };
        let mut message = format!("{doing}: {reason}");
        if let Some(remedy) = code.map(|code| code.remedy).filter(|remedy| !remedy.is_empty()) {
            message.push_str("; ");
            message.push_str(remedy);
        }
        let name = code.map_or_else(|| self.0.to_string(), |code| code.name.to_owned());
        Error::new(kind, message).with_code(i16::try_from(self.0).unwrap_or(-1)).with("code", name)
    }

    pub(crate) fn result(self, doing: &str) -> Result<(), Error> {
        if self.is_ok() { Ok(()) } else { Err(self.error(doing)) }
    }
}

impl From<rd::rd_kafka_resp_err_t> for Status {
    fn from(err: rd::rd_kafka_resp_err_t) -> Self {
        Self(err as i32)
    }
}

fn lower_first(text: &str) -> String {
    let mut rest = text.chars();
    let second_is_lower = text.chars().nth(1).is_none_or(|c| !c.is_uppercase());
    match rest.next() {
        Some(first) if second_is_lower => first.to_lowercase().chain(rest).collect(),
        _ => text.to_owned(),
    }
}

/// Takes librdkafka's error object: `Ok` for NULL.
///
/// # Safety
/// `error` is NULL or an owned error object, which is destroyed here.
pub(crate) unsafe fn take(error: *mut rd::rd_kafka_error_t, doing: &str) -> Result<(), Error> {
    if error.is_null() {
        return Ok(());
    }
    // SAFETY: the error is live until it is destroyed below.
    let (status, text, fatal, retriable, abortable) = unsafe {
        (
            Status::from(rd::rd_kafka_error_code(error)),
            super::text_from(rd::rd_kafka_error_string(error)).unwrap_or_default(),
            rd::rd_kafka_error_is_fatal(error) != 0,
            rd::rd_kafka_error_is_retriable(error) != 0,
            rd::rd_kafka_error_txn_requires_abort(error) != 0,
        )
    };
    // SAFETY: the caller gave the error away, and nothing uses it after this.
    unsafe { rd::rd_kafka_error_destroy(error) };
    let mapped = status.error_because(doing, &text);
    // The object's flags are about this very call and weigh more than the table.
    let kind = match mapped.kind() {
        ErrorKind::Fenced => ErrorKind::Fenced,
        _ if fatal => ErrorKind::Fatal,
        _ if abortable => ErrorKind::Abortable,
        _ if retriable => ErrorKind::Retriable,
        kind => kind,
    };
    Err(if kind == mapped.kind() { mapped } else { mapped.with_kind(kind) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_number_has_librdkafka_s_words() {
        for code in Code::ALL {
            let status = Status(i32::from(code.number));
            assert!(!status.description().is_empty(), "{}", code.name);
        }
    }

    #[test]
    fn a_number_that_nobody_knows_is_an_error_without_undefined_behaviour() {
        let error = Status(999).error("cannot commit");
        assert_eq!(error.kind(), ErrorKind::Retriable);
        assert!(error.message().contains("unknown error code 999"), "{error}");
    }

    #[test]
    fn the_message_says_what_failed_why_and_what_to_do() {
        let error = Status(3).error("cannot send");
        assert_eq!(error.kind(), ErrorKind::Invalid);
        assert_eq!(error.kafka_code(), 3);
        assert!(error.message().starts_with("cannot send: unknown topic or partition; create the topic"), "{error}");
    }
}
