//! Lists of partitions and offsets.

use std::ffi::CString;
use std::ptr::NonNull;
use std::sync::Arc;

use rdkafka::bindings as rd;

use super::c_text;
use super::error::Status;
use crate::error::Result;
use crate::offset::Offset;
use crate::topic::TopicPartition;

/// An `rd_kafka_topic_partition_list_t`.
pub(super) struct List(NonNull<rd::rd_kafka_topic_partition_list_t>);

/// One element, copied out.
pub(super) struct Element {
    pub(super) offset: Offset,
    pub(super) status: Status,
}

impl List {
    pub(super) fn with_capacity(size: usize) -> Self {
        let size = i32::try_from(size).expect("fewer partitions than 2^31");
        // SAFETY: the call has no preconditions, aborts when out of memory, and its result belongs to this value.
        let raw = unsafe { rd::rd_kafka_topic_partition_list_new(size) };
        Self(NonNull::new(raw).expect("librdkafka aborts when out of memory"))
    }

    /// Takes a list that a C function returned.
    ///
    /// # Safety
    /// `raw` is NULL or a list that nobody else destroys.
    pub(super) unsafe fn take(raw: *mut rd::rd_kafka_topic_partition_list_t) -> Option<Self> {
        NonNull::new(raw).map(Self)
    }

    pub(super) fn of_topics<'a>(topics: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        let mut list = Self::with_capacity(4);
        topics.into_iter().try_for_each(|topic| list.add(topic, -1, 0, "").map(drop))?;
        Ok(list)
    }

    pub(super) fn of_partitions<'a>(partitions: impl IntoIterator<Item = &'a TopicPartition>) -> Result<Self> {
        let mut list = Self::with_capacity(8);
        partitions.into_iter().try_for_each(|part| list.add(&part.topic, part.partition, Offset::COMMITTED, ""))?;
        Ok(list)
    }

    pub(super) fn of_offsets<'a>(offsets: impl IntoIterator<Item = &'a Offset>) -> Result<Self> {
        let mut list = Self::with_capacity(8);
        for at in offsets {
            list.add(&at.partition.topic, at.partition.partition, at.offset, &at.metadata)?;
        }
        Ok(list)
    }

    fn add(&mut self, topic: &str, partition: i32, offset: i64, metadata: &str) -> Result<()> {
        let topic: CString = c_text(topic)?;
        // SAFETY: the list is live, the name is NUL-terminated and copied by the call.
        let element = unsafe { rd::rd_kafka_topic_partition_list_add(self.raw(), topic.as_ptr(), partition) };
        // SAFETY: the element stays valid until the list changes, and nothing else points to it.
        let element = unsafe { &mut *element };
        element.offset = offset;
        if !metadata.is_empty() {
            // SAFETY: the size is not zero.
            let copy = unsafe { rd::rd_kafka_mem_malloc(std::ptr::null_mut(), metadata.len()) };
            // SAFETY: the new block has the size of the text and does not overlap it.
            unsafe { std::ptr::copy_nonoverlapping(metadata.as_ptr(), copy.cast::<u8>(), metadata.len()) };
            // The list frees its elements' metadata.
            (element.metadata, element.metadata_size) = (copy, metadata.len());
        }
        Ok(())
    }

    pub(super) fn raw(&self) -> *mut rd::rd_kafka_topic_partition_list_t {
        self.0.as_ptr()
    }

    /// Copies the elements out.
    pub(super) fn elements(&self) -> Vec<Element> {
        // SAFETY: the list is live.
        unsafe { elements(self.raw()) }
    }

    /// The first element's failure, with its partition.
    pub(super) fn check(&self, doing: &str) -> Result<()> {
        let failed = self.elements().into_iter().find(|element| !element.status.is_ok());
        failed.map_or(Ok(()), |element| {
            let at = element.offset.partition;
            Err(element.status.error(doing).with("topic", at.topic).with("partition", at.partition))
        })
    }
}

impl Drop for List {
    fn drop(&mut self) {
        // SAFETY: the list belongs to this value.
        unsafe { rd::rd_kafka_topic_partition_list_destroy(self.raw()) };
    }
}

/// Copies the elements of a list that belongs to somebody else.
///
/// # Safety
/// `list` is NULL or a list that does not change during the call.
pub(super) unsafe fn elements(list: *const rd::rd_kafka_topic_partition_list_t) -> Vec<Element> {
    // SAFETY: the caller vouches for the pointer.
    let Some(list) = (unsafe { list.as_ref() }) else { return Vec::new() };
    let count = usize::try_from(list.cnt).unwrap_or(0);
    if count == 0 {
        return Vec::new();
    }
    // SAFETY: a list has `cnt` elements at `elems`.
    let raw = unsafe { std::slice::from_raw_parts(list.elems, count) };
    let mut topic: Arc<str> = "".into();
    raw.iter()
        .map(|element| {
            // SAFETY: each element has a NUL-terminated topic name.
            let name = unsafe { std::ffi::CStr::from_ptr(element.topic) }.to_string_lossy();
            if *name != *topic {
                topic = name.as_ref().into();
            }
            let partition = TopicPartition { topic: Arc::clone(&topic), partition: element.partition };
            // SAFETY: an element's metadata has the size that stands beside it.
            let metadata = unsafe { metadata_of(element) };
            // SAFETY: the field is an int whose value may be outside of the generated enumeration.
            let status = Status(unsafe { (&raw const element.err).cast::<i32>().read() });
            Element { offset: Offset { partition, offset: element.offset, metadata }, status }
        })
        .collect()
}

/// # Safety
/// The element's metadata is NULL or has its declared size.
unsafe fn metadata_of(element: &rd::rd_kafka_topic_partition_t) -> String {
    if element.metadata.is_null() {
        return String::new();
    }
    // SAFETY: the caller vouches for pointer and size.
    let bytes = unsafe { std::slice::from_raw_parts(element.metadata.cast::<u8>(), element.metadata_size) };
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_come_back_as_they_were() {
        let offsets = [
            Offset { partition: TopicPartition::new("a", 0), offset: 7, metadata: "note".into() },
            Offset::new(TopicPartition::new("a", 1), 0),
            Offset::new(TopicPartition::new("b", 3), Offset::END),
        ];
        let list = List::of_offsets(&offsets).unwrap();
        let back: Vec<Offset> = list.elements().into_iter().map(|element| element.offset).collect();
        assert_eq!(back, offsets);
    }

    #[test]
    fn a_topic_with_a_nul_is_refused() {
        assert!(List::of_topics(["a\0b"]).is_err());
    }
}
