//! The arguments of `rd_kafka_produceva`.

use std::ptr::{self, NonNull};

use rdkafka::bindings as rd;

use super::Message;
use crate::error::{Error, Result};
use crate::header::Header;
use crate::native::kafka::error::Status;

const ROOM: usize = 8;

/// The arguments for one record. Keys and values are borrowed from the message.
pub(super) struct Vector {
    arguments: [rd::rd_kafka_vu_t; ROOM],
    len: usize,
    headers: Option<NonNull<rd::rd_kafka_headers_t>>,
}

type Kind = rd::rd_kafka_vtype_t;
type Argument = rd::rd_kafka_vu_s__bindgen_ty_1;

impl Vector {
    pub(super) fn new(topic: *mut rd::rd_kafka_topic_t, message: &Message<'_>) -> Self {
        let none = rd::rd_kafka_vu_t { vtype: Kind::RD_KAFKA_VTYPE_END, u: Argument { ptr: ptr::null_mut() } };
        let mut vector = Self { arguments: [none; ROOM], len: 0, headers: None };
        vector.push(Kind::RD_KAFKA_VTYPE_RKT, Argument { rkt: topic });
        vector.push(Kind::RD_KAFKA_VTYPE_PARTITION, Argument { i32_: message.partition.unwrap_or(-1) });
        vector.push(Kind::RD_KAFKA_VTYPE_MSGFLAGS, Argument { i: rd::RD_KAFKA_MSG_F_COPY });
        vector.push(Kind::RD_KAFKA_VTYPE_KEY, bytes(message.key));
        vector.push(Kind::RD_KAFKA_VTYPE_VALUE, bytes(message.value));
        vector.push(Kind::RD_KAFKA_VTYPE_OPAQUE, Argument { ptr: ptr::without_provenance_mut(message.tag as usize) });
        if let Some(timestamp) = message.timestamp {
            vector.push(Kind::RD_KAFKA_VTYPE_TIMESTAMP, Argument { i64_: timestamp });
        }
        vector
    }

    pub(super) fn add_headers(&mut self, headers: &[Header]) -> Result<()> {
        if headers.is_empty() {
            return Ok(());
        }
        // SAFETY: the call has no preconditions, and its result belongs to this value.
        let list = NonNull::new(unsafe { rd::rd_kafka_headers_new(headers.len()) })
            .ok_or_else(|| Error::internal("librdkafka gave no headers"))?;
        self.headers = Some(list);
        headers.iter().try_for_each(|header| add(list, header))?;
        self.push(Kind::RD_KAFKA_VTYPE_HEADERS, Argument { headers: list.as_ptr() });
        Ok(())
    }

    /// After success the headers belong to librdkafka.
    pub(super) fn headers_were_taken(&mut self) {
        self.headers = None;
    }

    pub(super) fn as_ptr(&self) -> *const rd::rd_kafka_vu_t {
        self.arguments.as_ptr()
    }

    pub(super) fn len(&self) -> usize {
        self.len
    }

    fn push(&mut self, kind: Kind, argument: Argument) {
        self.arguments[self.len] = rd::rd_kafka_vu_t { vtype: kind, u: argument };
        self.len += 1;
    }
}

impl Drop for Vector {
    fn drop(&mut self) {
        if let Some(headers) = self.headers {
            // SAFETY: librdkafka did not take the headers, so they belong to this value.
            unsafe { rd::rd_kafka_headers_destroy(headers.as_ptr()) };
        }
    }
}

fn bytes(data: Option<&[u8]>) -> Argument {
    // An empty slice has a pointer too: that is how empty differs from null.
    let (ptr, size) = data.map_or((ptr::null(), 0), |data| (data.as_ptr(), data.len()));
    Argument { mem: rd::rd_kafka_vu_s__bindgen_ty_1__bindgen_ty_1 { ptr: ptr.cast_mut().cast(), size } }
}

fn add(list: NonNull<rd::rd_kafka_headers_t>, header: &Header) -> Result<()> {
    let too_long = |_| Error::invalid("a header is longer than 2^63 bytes");
    let name_size = isize::try_from(header.name.len()).map_err(too_long)?;
    let (value, size) = match &header.value {
        Some(value) => (value.as_ptr(), isize::try_from(value.len()).map_err(too_long)?),
        None => (ptr::null(), 0),
    };
    // SAFETY: the list is live, and both parts have the sizes that are said; they are copied.
    let status = Status::from(unsafe {
        rd::rd_kafka_header_add(list.as_ptr(), header.name.as_ptr().cast(), name_size, value.cast(), size)
    });
    status.result("cannot add a header").map_err(|error| error.with("header", &header.name))
}
