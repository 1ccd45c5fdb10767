//! Consumer groups: list, describe, delete.

use rdkafka::bindings as rd;

use super::topics::Outcomes;
use super::{Operation, RawAdmin, array};
use crate::clock::Deadline;
use crate::error::Result;
use crate::native::kafka::error::Status;
use crate::native::kafka::{c_text, list, text_from};
use crate::topic::TopicPartition;

/// A consumer group as its coordinator knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RawGroup {
    pub(crate) name: String,
    /// Kafka's word, such as `Stable` or `Empty`.
    pub(crate) state: String,
    pub(crate) members: Vec<RawMember>,
}

/// One member of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RawMember {
    pub(crate) id: String,
    pub(crate) client_id: String,
    pub(crate) partitions: Vec<TopicPartition>,
}

impl RawAdmin {
    /// The names of all groups.
    ///
    /// # Errors
    /// *Timeout* or *retriable* when the cluster did not answer.
    pub(crate) fn list_groups(&self, deadline: Deadline) -> Result<Vec<String>> {
        let doing = "cannot list groups";
        let operation = Operation::RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPS;
        let event = self.request(operation, doing, deadline, |options, queue| {
            // SAFETY: all pointers are live.
            unsafe { rd::rd_kafka_ListConsumerGroups(self.client.raw(), options.raw(), queue.raw()) };
        })?;
        let mut count = 0;
        // SAFETY: the event is live and of this type; the results live as long.
        unsafe {
            let result = rd::rd_kafka_event_ListConsumerGroups_result(event.raw());
            let groups = rd::rd_kafka_ListConsumerGroups_result_valid(result, &raw mut count).cast_const();
            let groups = array(groups, count).iter();
            Ok(groups.filter_map(|group| text_from(rd::rd_kafka_ConsumerGroupListing_group_id(*group))).collect())
        }
    }

    /// State and members of groups. A group that does not exist is `Dead` and empty.
    ///
    /// # Errors
    /// *Timeout* or *retriable* when a coordinator did not answer; *denied*.
    pub(crate) fn describe_groups(&self, names: &[&str], deadline: Deadline) -> Result<Vec<RawGroup>> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let doing = "cannot describe a group";
        let names = names.iter().map(|name| c_text(name)).collect::<Result<Vec<_>>>()?;
        let mut raw: Vec<_> = names.iter().map(|name| name.as_ptr()).collect();
        let operation = Operation::RD_KAFKA_ADMIN_OP_DESCRIBECONSUMERGROUPS;
        let event = self.request(operation, doing, deadline, |options, queue| {
            // SAFETY: all pointers are live; the names are copied.
            unsafe {
                let client = self.client.raw();
                rd::rd_kafka_DescribeConsumerGroups(client, raw.as_mut_ptr(), raw.len(), options.raw(), queue.raw());
            }
        })?;
        let mut count = 0;
        // SAFETY: the event is live and of this type; the results live as long.
        unsafe {
            let result = rd::rd_kafka_event_DescribeConsumerGroups_result(event.raw());
            let groups = rd::rd_kafka_DescribeConsumerGroups_result_groups(result, &raw mut count).cast_const();
            array(groups, count).iter().map(|group| copy_group(*group, doing)).collect()
        }
    }

    /// Deletes empty groups with their offsets; each has its own outcome.
    ///
    /// # Errors
    /// *Timeout* or *retriable* when a coordinator did not answer.
    pub(crate) fn delete_groups(&self, names: &[&str], deadline: Deadline) -> Result<Outcomes> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let doing = "cannot delete a group";
        let names = names.iter().map(|name| c_text(name)).collect::<Result<Vec<_>>>()?;
        // SAFETY: the names are NUL-terminated and copied.
        let mut raw: Vec<_> = names.iter().map(|name| unsafe { rd::rd_kafka_DeleteGroup_new(name.as_ptr()) }).collect();
        let event = self.request(Operation::RD_KAFKA_ADMIN_OP_DELETEGROUPS, doing, deadline, |options, queue| {
            // SAFETY: all pointers are live; the names are copied.
            unsafe {
                let client = self.client.raw();
                rd::rd_kafka_DeleteGroups(client, raw.as_mut_ptr(), raw.len(), options.raw(), queue.raw());
            }
        });
        // SAFETY: the array holds live objects that belong to us.
        unsafe { rd::rd_kafka_DeleteGroup_destroy_array(raw.as_mut_ptr(), raw.len()) };
        let event = event?;
        let mut count = 0;
        // SAFETY: the event is live and of this type; the results live as long.
        unsafe {
            let result = rd::rd_kafka_event_DeleteGroups_result(event.raw());
            let groups = array(rd::rd_kafka_DeleteGroups_result_groups(result, &raw mut count).cast_const(), count);
            Ok(groups.iter().map(|group| outcome(*group, doing)).collect())
        }
    }
}

/// # Safety
/// The result is live.
unsafe fn outcome(group: *const rd::rd_kafka_group_result_t, doing: &str) -> (String, Result<()>) {
    // SAFETY: the caller vouches for the pointer; what it holds lives as long.
    unsafe {
        let name = text_from(rd::rd_kafka_group_result_name(group)).unwrap_or_default();
        let answer =
            borrowed(rd::rd_kafka_group_result_error(group), doing).map_err(|error| error.with("group", &name));
        (name, answer)
    }
}

/// # Safety
/// The description is live.
unsafe fn copy_group(group: *const rd::rd_kafka_ConsumerGroupDescription_t, doing: &str) -> Result<RawGroup> {
    // SAFETY: the caller vouches for the pointer; what it holds lives as long.
    unsafe {
        let name = text_from(rd::rd_kafka_ConsumerGroupDescription_group_id(group)).unwrap_or_default();
        borrowed(rd::rd_kafka_ConsumerGroupDescription_error(group), doing)
            .map_err(|error| error.with("group", &name))?;
        let state = rd::rd_kafka_ConsumerGroupDescription_state(group);
        let state = text_from(rd::rd_kafka_consumer_group_state_name(state)).unwrap_or_default();
        let count = rd::rd_kafka_ConsumerGroupDescription_member_count(group);
        let members = (0..count).map(|index| copy_member(rd::rd_kafka_ConsumerGroupDescription_member(group, index)));
        Ok(RawGroup { name, state, members: members.collect() })
    }
}

/// # Safety
/// The description is live.
unsafe fn copy_member(member: *const rd::rd_kafka_MemberDescription_t) -> RawMember {
    // SAFETY: the caller vouches for the pointer; what it holds lives as long.
    let (id, client_id, partitions) = unsafe {
        let assignment = rd::rd_kafka_MemberDescription_assignment(member);
        (
            text_from(rd::rd_kafka_MemberDescription_consumer_id(member)).unwrap_or_default(),
            text_from(rd::rd_kafka_MemberDescription_client_id(member)).unwrap_or_default(),
            list::elements(rd::rd_kafka_MemberAssignment_partitions(assignment)),
        )
    };
    let partitions = partitions.into_iter().map(|element| element.offset.partition).collect();
    RawMember { id, client_id, partitions }
}

/// An error object that belongs to somebody else: `Ok` for NULL.
///
/// # Safety
/// `error` is NULL or live.
unsafe fn borrowed(error: *const rd::rd_kafka_error_t, doing: &str) -> Result<()> {
    if error.is_null() {
        return Ok(());
    }
    // SAFETY: the caller vouches for the pointer.
    let (status, text) =
        unsafe { (Status::from(rd::rd_kafka_error_code(error)), text_from(rd::rd_kafka_error_string(error))) };
    if status.is_ok() { Ok(()) } else { Err(status.error_because(doing, &text.unwrap_or_default())) }
}
