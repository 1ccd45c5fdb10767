//! Messages: copied out in batches, because one that lives would keep its client from ending.

use std::ffi::{CStr, c_char, c_void};
use std::ptr::{self, NonNull};
use std::sync::Arc;

use rdkafka::bindings as rd;

use super::consumer::RawBatch;
use super::error::Status;
use crate::error::Error;
use crate::header::{Header, Headers};
use crate::value::Payload;

/// The number of a topic within one consumer, in the order in which they were first seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct TopicIndex(pub(crate) u32);

/// One consumed record. Long keys and values share the batch's buffer.
#[derive(Clone, Debug)]
pub(crate) struct RawRecord {
    pub(crate) topic: TopicIndex,
    pub(crate) partition: i32,
    pub(crate) offset: i64,
    /// Milliseconds since the epoch, or −1 where the record has none.
    pub(crate) timestamp: i64,
    pub(crate) key: Option<Payload>,
    pub(crate) value: Option<Payload>,
    pub(crate) headers: Headers,
}

/// The topics of a consumer by number. Handles are compared by address, names only for a topic's first record.
#[derive(Default)]
pub(super) struct TopicTable {
    names: Vec<Arc<str>>,
    /// The handle of each number. A topic may get a new handle when its old one was given up.
    handles: Vec<(*mut rd::rd_kafka_topic_t, TopicIndex)>,
}

// SAFETY: the handles are only compared, never dereferenced after the message they came from.
unsafe impl Send for TopicTable {}
// SAFETY: as above.
unsafe impl Sync for TopicTable {}

impl TopicTable {
    pub(super) fn name(&self, index: TopicIndex) -> &Arc<str> {
        &self.names[index.0 as usize]
    }

    /// The number of a topic, by its name.
    pub(super) fn index(&mut self, name: &str) -> TopicIndex {
        let known = self.names.iter().position(|topic| **topic == *name);
        let position = known.unwrap_or_else(|| {
            self.names.push(name.into());
            self.names.len() - 1
        });
        TopicIndex(u32::try_from(position).expect("fewer topics than 2^32"))
    }

    /// Forgets all handles, because librdkafka may give an address to another topic after an assignment went.
    pub(super) fn forget_handles(&mut self) {
        self.handles.clear();
    }

    /// # Safety
    /// `handle` belongs to a live message.
    unsafe fn of_handle(&mut self, handle: *mut rd::rd_kafka_topic_t) -> TopicIndex {
        if let Some((_, index)) = self.handles.iter().find(|(known, _)| *known == handle) {
            return *index;
        }
        // SAFETY: the handle is live, and so is its name.
        let name = unsafe { CStr::from_ptr(rd::rd_kafka_topic_name(handle)) }.to_string_lossy();
        let index = self.index(&name);
        self.handles.push((handle, index));
        index
    }
}

/// Messages that a batch call returned; destroyed with this value.
pub(super) struct Messages(Vec<*mut rd::rd_kafka_message_t>);

// SAFETY: between calls the vector is empty; the pointers never leave the thread that polls.
unsafe impl Send for Messages {}

impl Messages {
    pub(super) const fn new() -> Self {
        Self(Vec::new())
    }

    /// Drains a queue: waits at most `timeout_ms` for up to `max` messages, behind those already here.
    pub(super) fn fill(&mut self, queue: *mut rd::rd_kafka_queue_t, timeout_ms: i32, max: usize) -> usize {
        let start = self.0.len();
        self.0.resize(start + max, ptr::null_mut());
        // SAFETY: the caller's queue is live, and the vector has room for `max` pointers behind `start`.
        let count = unsafe { rd::rd_kafka_consume_batch_queue(queue, timeout_ms, self.0[start..].as_mut_ptr(), max) };
        let count = usize::try_from(count).unwrap_or(0);
        self.0.truncate(start + count);
        count
    }

    /// Copies everything out and destroys the messages.
    pub(super) fn take(&mut self, topics: &mut TopicTable, batch: &mut RawBatch) {
        let mut rest = self.0.as_slice();
        batch.records.reserve(rest.len());
        while !rest.is_empty() {
            let (count, bytes) = Self::fitting(rest);
            let (chunk, behind) = rest.split_at(count);
            copy_chunk(chunk, bytes, topics, batch);
            rest = behind;
        }
        self.clear();
    }

    /// How many messages share one buffer, and the bytes they need: payloads count positions in 32 bits.
    fn fitting(messages: &[*mut rd::rd_kafka_message_t]) -> (usize, usize) {
        const LIMIT: usize = 1 << 30;
        let mut bytes = 0;
        for (count, message) in messages.iter().enumerate() {
            // SAFETY: the pointer came from the batch call and is not destroyed yet.
            let message = unsafe { &**message };
            let size = shared_size(message.len) + shared_size(message.key_len);
            if count > 0 && bytes + size > LIMIT {
                return (count, bytes);
            }
            bytes += size;
        }
        (messages.len(), bytes)
    }

    fn clear(&mut self) {
        for message in self.0.drain(..) {
            // SAFETY: the message came from the batch call, and nothing points into it any more.
            unsafe { rd::rd_kafka_message_destroy(message) };
        }
    }
}

impl Drop for Messages {
    fn drop(&mut self) {
        self.clear();
    }
}

/// How many bytes of the shared buffer a key or value needs.
const fn shared_size(size: usize) -> usize {
    if size > Payload::INLINE { size } else { 0 }
}

/// Copies messages whose long keys and values have `bytes` bytes together.
fn copy_chunk(messages: &[*mut rd::rd_kafka_message_t], bytes: usize, topics: &mut TopicTable, batch: &mut RawBatch) {
    let mut arena = Vec::with_capacity(bytes);
    for message in messages {
        // SAFETY: the messages are live, and key and value have the sizes that stand beside them.
        unsafe {
            let message = &**message;
            if status(message).is_ok() {
                append_long(&mut arena, message.key, message.key_len);
                append_long(&mut arena, message.payload, message.len);
            }
        }
    }
    let arena = Arc::new(arena);
    let mut used = 0;
    for message in messages {
        let pointer: *const rd::rd_kafka_message_t = *message;
        // SAFETY: as above.
        let message = unsafe { &*pointer };
        let status = status(message);
        if !status.is_ok() {
            if status == Status::PARTITION_EOF {
                // SAFETY: as above.
                let topic = unsafe { topics.of_handle(message.rkt) };
                batch.ends.push((topic, message.partition, message.offset));
            } else {
                // SAFETY: as above.
                batch.errors.push(unsafe { failure(pointer, status) });
            }
            continue;
        }
        // SAFETY: as above; the arena was filled in the same order.
        batch.records.push(unsafe {
            RawRecord {
                topic: topics.of_handle(message.rkt),
                partition: message.partition,
                offset: message.offset,
                timestamp: timestamp_of(pointer),
                key: payload(message.key, message.key_len, &arena, &mut used),
                value: payload(message.payload, message.len, &arena, &mut used),
                headers: headers_of(pointer),
            }
        });
    }
}

/// The field is read as a number: a newer broker may have sent a code outside of the generated enumeration.
pub(super) fn status(message: &rd::rd_kafka_message_t) -> Status {
    // SAFETY: the field is an initialised int.
    Status(unsafe { (&raw const message.err).cast::<i32>().read() })
}

/// # Safety
/// `data` is NULL or has `size` bytes.
unsafe fn append_long(arena: &mut Vec<u8>, data: *const c_void, size: usize) {
    if size > Payload::INLINE && !data.is_null() {
        // SAFETY: the caller vouches for pointer and size.
        arena.extend_from_slice(unsafe { std::slice::from_raw_parts(data.cast::<u8>(), size) });
    }
}

/// # Safety
/// `data` is NULL or has `size` bytes.
unsafe fn payload(data: *const c_void, size: usize, arena: &Arc<Vec<u8>>, used: &mut usize) -> Option<Payload> {
    if data.is_null() {
        return None;
    }
    if size > Payload::INLINE {
        let start = *used;
        *used += size;
        return Some(Payload::shared(arena, start..*used));
    }
    // SAFETY: the caller vouches for pointer and size.
    Some(Payload::from(unsafe { std::slice::from_raw_parts(data.cast::<u8>(), size) }))
}

/// # Safety
/// The message is live.
pub(super) unsafe fn timestamp_of(message: *const rd::rd_kafka_message_t) -> i64 {
    let mut kind = rd::rd_kafka_timestamp_type_t::RD_KAFKA_TIMESTAMP_NOT_AVAILABLE;
    // SAFETY: the message is live, and the kind is a local variable.
    unsafe { rd::rd_kafka_message_timestamp(message, &raw mut kind) }
}

/// # Safety
/// The message is live.
unsafe fn headers_of(message: *const rd::rd_kafka_message_t) -> Headers {
    let mut list = ptr::null_mut();
    // SAFETY: the message is live; the list stays its property.
    let status = Status::from(unsafe { rd::rd_kafka_message_headers(message, &raw mut list) });
    let Some(list) = NonNull::new(list).filter(|_| status.is_ok()) else { return Headers::EMPTY };
    let mut headers = Vec::new();
    loop {
        let (mut name, mut value, mut size): (*const c_char, *const c_void, usize) = (ptr::null(), ptr::null(), 0);
        // SAFETY: the list is live, and the outputs are local variables.
        let status = Status::from(unsafe {
            rd::rd_kafka_header_get_all(list.as_ptr(), headers.len(), &raw mut name, &raw mut value, &raw mut size)
        });
        if !status.is_ok() {
            return Headers::new(headers);
        }
        // SAFETY: librdkafka ends names with NUL and says the value's size.
        headers.push(unsafe {
            let bytes = (!value.is_null()).then(|| std::slice::from_raw_parts(value.cast::<u8>(), size));
            Header { name: CStr::from_ptr(name).to_string_lossy().into_owned(), value: bytes.map(Payload::from) }
        });
    }
}

/// # Safety
/// The message is live and carries an error.
unsafe fn failure(message: *const rd::rd_kafka_message_t, status: Status) -> Error {
    // SAFETY: the message is live, and its text with it.
    let (reason, topic, partition) = unsafe {
        let topic = (*message).rkt;
        let name = (!topic.is_null()).then(|| super::text_from(rd::rd_kafka_topic_name(topic))).flatten();
        (super::text_from(rd::rd_kafka_message_errstr(message)).unwrap_or_default(), name, (*message).partition)
    };
    let error = status.error_because("cannot read", &reason);
    match topic {
        Some(topic) if partition >= 0 => error.with("topic", topic).with("partition", partition),
        Some(topic) => error.with("topic", topic),
        None => error,
    }
}
