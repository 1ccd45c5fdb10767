//! The ends of partitions, and deletion of what nobody needs.

use rdkafka::bindings as rd;

use super::{Operation, RawAdmin, array};
use crate::clock::Deadline;
use crate::error::Result;
use crate::native::kafka::error::{self, Status};
use crate::native::kafka::list::{self, List};
use crate::offset::Offset;
use crate::topic::TopicPartition;

impl RawAdmin {
    /// Where each partition stands: [`Offset::BEGINNING`] or [`Offset::END`] in, the real offset out. Partitions that
    /// could not be asked have their own error.
    ///
    /// # Errors
    /// *Timeout* or *retriable* when the cluster did not answer.
    pub(crate) fn list_offsets(
        &self,
        at: &[Offset],
        committed_only: bool,
        deadline: Deadline,
    ) -> Result<Vec<(TopicPartition, Result<i64>)>> {
        if at.is_empty() {
            return Ok(Vec::new());
        }
        let doing = "cannot ask for offsets";
        let list = List::of_offsets(at)?;
        let mut isolation = Ok(());
        let event = self.request(Operation::RD_KAFKA_ADMIN_OP_LISTOFFSETS, doing, deadline, |options, queue| {
            let level = if committed_only {
                rd::rd_kafka_IsolationLevel_t::RD_KAFKA_ISOLATION_LEVEL_READ_COMMITTED
            } else {
                rd::rd_kafka_IsolationLevel_t::RD_KAFKA_ISOLATION_LEVEL_READ_UNCOMMITTED
            };
            // SAFETY: all pointers are live; the list is copied, and the error belongs to us.
            unsafe {
                isolation = error::take(rd::rd_kafka_AdminOptions_set_isolation_level(options.raw(), level), doing);
                rd::rd_kafka_ListOffsets(self.client.raw(), list.raw(), options.raw(), queue.raw());
            }
        })?;
        isolation?;
        let mut count = 0;
        // SAFETY: the event is live and of this type; the results live as long.
        unsafe {
            let result = rd::rd_kafka_event_ListOffsets_result(event.raw());
            let infos = array(rd::rd_kafka_ListOffsets_result_infos(result, &raw mut count).cast_const(), count);
            let partitions = infos.iter().map(|info| rd::rd_kafka_ListOffsetsResultInfo_topic_partition(*info));
            Ok(partitions.map(|partition| answer(&*partition, doing)).collect())
        }
    }

    /// Deletes the records before these offsets. Partitions where that failed have their own error.
    ///
    /// # Errors
    /// *Timeout* or *retriable* when the cluster did not answer.
    pub(crate) fn delete_records(
        &self,
        before: &[Offset],
        deadline: Deadline,
    ) -> Result<Vec<(TopicPartition, Result<i64>)>> {
        if before.is_empty() {
            return Ok(Vec::new());
        }
        let doing = "cannot delete records";
        let list = List::of_offsets(before)?;
        // SAFETY: the list is live and copied.
        let mut request = unsafe { rd::rd_kafka_DeleteRecords_new(list.raw()) };
        let event = self.request(Operation::RD_KAFKA_ADMIN_OP_DELETERECORDS, doing, deadline, |options, queue| {
            // SAFETY: all pointers are live; the request is copied.
            unsafe {
                rd::rd_kafka_DeleteRecords(self.client.raw(), &raw mut request, 1, options.raw(), queue.raw());
            }
        });
        // SAFETY: the request belongs to us.
        unsafe { rd::rd_kafka_DeleteRecords_destroy(request) };
        let event = event?;
        // SAFETY: the event is live and of this type; the list lives as long.
        let elements = unsafe {
            let result = rd::rd_kafka_event_DeleteRecords_result(event.raw());
            list::elements(rd::rd_kafka_DeleteRecords_result_offsets(result))
        };
        Ok(elements.into_iter().map(|element| placed(element, doing)).collect())
    }
}

/// # Safety
/// The element has a NUL-terminated topic.
unsafe fn answer(element: &rd::rd_kafka_topic_partition_t, doing: &str) -> (TopicPartition, Result<i64>) {
    let view = rd::rd_kafka_topic_partition_list_t { cnt: 1, size: 1, elems: std::ptr::from_ref(element).cast_mut() };
    // SAFETY: the view is a list of one live element, which is only read.
    let element = unsafe { list::elements(&raw const view) }.pop();
    placed(element.expect("the list has one element"), doing)
}

fn placed(element: list::Element, doing: &str) -> (TopicPartition, Result<i64>) {
    let Offset { partition, offset, .. } = element.offset;
    let status: Status = element.status;
    let result = status.result(doing).map(|()| offset);
    let result = result.map_err(|error| error.with("topic", &partition.topic).with("partition", partition.partition));
    (partition, result)
}
