//! Kafka's and librdkafka's error numbers in one table: the name, what kind of error it is, and what helps.

#![allow(dead_code, reason = "the whole table serves tests and generated documents")]

use crate::error::ErrorKind::{
    self, Abortable, Cancelled, Closed, Data, Denied, Fatal, Fenced, Invalid, Resource, Retriable, Timeout, User,
};

/// One error number. Those below −1 are librdkafka's own, the others the protocol's.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Code {
    pub(crate) number: i16,
    pub(crate) name: &'static str,
    pub(crate) kind: ErrorKind,
    /// What a person can do, or nothing where the kind says it all.
    pub(crate) remedy: &'static str,
}

impl Code {
    /// Every known number, in ascending order.
    pub(crate) const ALL: &'static [Self] = CODES;

    /// The entry of a number, unless a newer broker invented it.
    pub(crate) fn of(number: i32) -> Option<Self> {
        let number = i16::try_from(number).ok()?;
        let index = CODES.binary_search_by_key(&number, |code| code.number).ok()?;
        Some(CODES[index])
    }
}

const fn code(number: i16, name: &'static str, kind: ErrorKind, remedy: &'static str) -> Code {
    Code { number, name, kind, remedy }
}

#[rustfmt::skip]
const CODES: &[Code] = &[
    code(-199, "_BAD_MSG", Data, ""),
    code(-198, "_BAD_COMPRESSION", Data, ""),
    code(-197, "_DESTROY", Closed, ""),
    code(-196, "_FAIL", Retriable, ""),
    code(-195, "_TRANSPORT", Retriable, "check bootstrap.servers, and that the broker runs and can be reached"),
    code(-194, "_CRIT_SYS_RESOURCE", Resource, ""),
    code(-193, "_RESOLVE", Retriable, "check the host names in bootstrap.servers"),
    code(-192, "_MSG_TIMED_OUT", Timeout, "the record was not acknowledged within delivery.timeout.ms; check bootstrap.servers, and that the leader can be reached"),
    code(-191, "_PARTITION_EOF", Invalid, ""),
    code(-190, "_UNKNOWN_PARTITION", Invalid, "the topic has fewer partitions"),
    code(-189, "_FS", Resource, ""),
    code(-188, "_UNKNOWN_TOPIC", Invalid, "create the topic, or check its name"),
    code(-187, "_ALL_BROKERS_DOWN", Retriable, "check bootstrap.servers, and that a broker runs and can be reached"),
    code(-186, "_INVALID_ARG", Invalid, ""),
    code(-185, "_TIMED_OUT", Timeout, "check bootstrap.servers, and that the broker can be reached"),
    code(-184, "_QUEUE_FULL", Retriable, "wait for deliveries, or raise queue.buffering.max.messages or queue.buffering.max.kbytes"),
    code(-183, "_ISR_INSUFF", Retriable, ""),
    code(-182, "_NODE_UPDATE", Retriable, ""),
    code(-181, "_SSL", Denied, "check security.protocol and the ssl settings"),
    code(-180, "_WAIT_COORD", Retriable, ""),
    code(-179, "_UNKNOWN_GROUP", Invalid, "set group.id"),
    code(-178, "_IN_PROGRESS", Retriable, ""),
    code(-177, "_PREV_IN_PROGRESS", Retriable, ""),
    code(-176, "_EXISTING_SUBSCRIPTION", Invalid, ""),
    code(-175, "_ASSIGN_PARTITIONS", Invalid, ""),
    code(-174, "_REVOKE_PARTITIONS", Invalid, ""),
    code(-173, "_CONFLICT", Invalid, ""),
    code(-172, "_STATE", Invalid, ""),
    code(-171, "_UNKNOWN_PROTOCOL", Invalid, ""),
    code(-170, "_NOT_IMPLEMENTED", Invalid, ""),
    code(-169, "_AUTHENTICATION", Denied, "check security.protocol and the sasl and ssl settings"),
    code(-168, "_NO_OFFSET", Invalid, "nothing was read since the last commit"),
    code(-167, "_OUTDATED", Retriable, ""),
    code(-166, "_TIMED_OUT_QUEUE", Timeout, ""),
    code(-165, "_UNSUPPORTED_FEATURE", Invalid, ""),
    code(-164, "_WAIT_CACHE", Retriable, ""),
    code(-163, "_INTR", Cancelled, ""),
    code(-162, "_KEY_SERIALIZATION", Data, ""),
    code(-161, "_VALUE_SERIALIZATION", Data, ""),
    code(-160, "_KEY_DESERIALIZATION", Data, ""),
    code(-159, "_VALUE_DESERIALIZATION", Data, ""),
    code(-158, "_PARTIAL", Retriable, ""),
    code(-157, "_READ_ONLY", Invalid, ""),
    code(-156, "_NOENT", Invalid, ""),
    code(-155, "_UNDERFLOW", Data, ""),
    code(-154, "_INVALID_TYPE", Invalid, ""),
    code(-153, "_RETRY", Retriable, ""),
    code(-152, "_PURGE_QUEUE", Cancelled, "the producer was closed before the record was sent"),
    code(-151, "_PURGE_INFLIGHT", Cancelled, "the producer was closed before the record was acknowledged; it may still be delivered"),
    code(-150, "_FATAL", Fatal, "close this client and make a new one"),
    code(-149, "_INCONSISTENT", Fatal, ""),
    code(-148, "_GAPLESS_GUARANTEE", Fatal, ""),
    code(-147, "_MAX_POLL_EXCEEDED", Abortable, "poll more often, or raise max.poll.interval.ms"),
    code(-146, "_UNKNOWN_BROKER", Retriable, ""),
    code(-145, "_NOT_CONFIGURED", Invalid, ""),
    code(-144, "_FENCED", Fenced, "another producer or member with this id took over; close this one"),
    code(-143, "_APPLICATION", User, ""),
    code(-142, "_ASSIGNMENT_LOST", Abortable, "poll again; uncommitted records are delivered again"),
    code(-141, "_NOOP", Invalid, ""),
    code(-140, "_AUTO_OFFSET_RESET", Invalid, "set auto.offset.reset to earliest or latest, or seek"),
    code(-139, "_LOG_TRUNCATION", Data, ""),
    code(-138, "_INVALID_DIFFERENT_RECORD", Data, ""),
    code(-137, "_DESTROY_BROKER", Retriable, ""),
    code(-1, "UNKNOWN", Retriable, ""),
    code(1, "OFFSET_OUT_OF_RANGE", Invalid, "seek, or set auto.offset.reset"),
    code(2, "INVALID_MSG", Data, ""),
    code(3, "UNKNOWN_TOPIC_OR_PART", Invalid, "create the topic, or check its name"),
    code(4, "INVALID_MSG_SIZE", Data, ""),
    code(5, "LEADER_NOT_AVAILABLE", Retriable, ""),
    code(6, "NOT_LEADER_FOR_PARTITION", Retriable, ""),
    code(7, "REQUEST_TIMED_OUT", Retriable, ""),
    code(8, "BROKER_NOT_AVAILABLE", Retriable, ""),
    code(9, "REPLICA_NOT_AVAILABLE", Retriable, ""),
    code(10, "MSG_SIZE_TOO_LARGE", Invalid, "make the record smaller, or raise message.max.bytes here and max.message.bytes of the topic"),
    code(11, "STALE_CTRL_EPOCH", Retriable, ""),
    code(12, "OFFSET_METADATA_TOO_LARGE", Invalid, ""),
    code(13, "NETWORK_EXCEPTION", Retriable, ""),
    code(14, "COORDINATOR_LOAD_IN_PROGRESS", Retriable, ""),
    code(15, "COORDINATOR_NOT_AVAILABLE", Retriable, ""),
    code(16, "NOT_COORDINATOR", Retriable, ""),
    code(17, "TOPIC_EXCEPTION", Invalid, "use letters, digits, dot, underscore and dash, at most 249 characters"),
    code(18, "RECORD_LIST_TOO_LARGE", Invalid, "make the batch smaller"),
    code(19, "NOT_ENOUGH_REPLICAS", Retriable, "wait until enough replicas are in sync"),
    code(20, "NOT_ENOUGH_REPLICAS_AFTER_APPEND", Retriable, ""),
    code(21, "INVALID_REQUIRED_ACKS", Invalid, ""),
    code(22, "ILLEGAL_GENERATION", Abortable, "the group rebalanced; poll again, uncommitted records are delivered again"),
    code(23, "INCONSISTENT_GROUP_PROTOCOL", Invalid, "all members of the group need a common partition.assignment.strategy; wait until old members are gone, or use another group.id"),
    code(24, "INVALID_GROUP_ID", Invalid, ""),
    code(25, "UNKNOWN_MEMBER_ID", Abortable, "the group dropped this member; poll again, uncommitted records are delivered again"),
    code(26, "INVALID_SESSION_TIMEOUT", Invalid, "choose session.timeout.ms within the limits of the broker"),
    code(27, "REBALANCE_IN_PROGRESS", Retriable, "poll again, then commit"),
    code(28, "INVALID_COMMIT_OFFSET_SIZE", Invalid, ""),
    code(29, "TOPIC_AUTHORIZATION_FAILED", Denied, "give this principal rights to the topic"),
    code(30, "GROUP_AUTHORIZATION_FAILED", Denied, "give this principal rights to the group"),
    code(31, "CLUSTER_AUTHORIZATION_FAILED", Denied, "give this principal rights to the cluster"),
    code(32, "INVALID_TIMESTAMP", Invalid, ""),
    code(33, "UNSUPPORTED_SASL_MECHANISM", Denied, ""),
    code(34, "ILLEGAL_SASL_STATE", Denied, ""),
    code(35, "UNSUPPORTED_VERSION", Invalid, "use a newer broker"),
    code(36, "TOPIC_ALREADY_EXISTS", Invalid, "use the topic as it is, or another name"),
    code(37, "INVALID_PARTITIONS", Invalid, "use at least one partition"),
    code(38, "INVALID_REPLICATION_FACTOR", Invalid, "use a replication factor no larger than the number of brokers"),
    code(39, "INVALID_REPLICA_ASSIGNMENT", Invalid, ""),
    code(40, "INVALID_CONFIG", Invalid, ""),
    code(41, "NOT_CONTROLLER", Retriable, ""),
    code(42, "INVALID_REQUEST", Invalid, ""),
    code(43, "UNSUPPORTED_FOR_MESSAGE_FORMAT", Invalid, ""),
    code(44, "POLICY_VIOLATION", Denied, ""),
    code(45, "OUT_OF_ORDER_SEQUENCE_NUMBER", Fatal, ""),
    code(46, "DUPLICATE_SEQUENCE_NUMBER", Invalid, ""),
    code(47, "INVALID_PRODUCER_EPOCH", Fenced, "another producer with this transactional.id took over; close this one"),
    code(48, "INVALID_TXN_STATE", Invalid, ""),
    code(49, "INVALID_PRODUCER_ID_MAPPING", Fatal, ""),
    code(50, "INVALID_TRANSACTION_TIMEOUT", Invalid, ""),
    code(51, "CONCURRENT_TRANSACTIONS", Retriable, ""),
    code(52, "TRANSACTION_COORDINATOR_FENCED", Fenced, ""),
    code(53, "TRANSACTIONAL_ID_AUTHORIZATION_FAILED", Denied, "give this principal rights to the transactional.id"),
    code(54, "SECURITY_DISABLED", Denied, ""),
    code(55, "OPERATION_NOT_ATTEMPTED", Retriable, ""),
    code(56, "KAFKA_STORAGE_ERROR", Retriable, ""),
    code(57, "LOG_DIR_NOT_FOUND", Resource, ""),
    code(58, "SASL_AUTHENTICATION_FAILED", Denied, "check sasl.username and sasl.password"),
    code(59, "UNKNOWN_PRODUCER_ID", Fatal, ""),
    code(60, "REASSIGNMENT_IN_PROGRESS", Retriable, ""),
    code(61, "DELEGATION_TOKEN_AUTH_DISABLED", Invalid, ""),
    code(62, "DELEGATION_TOKEN_NOT_FOUND", Denied, ""),
    code(63, "DELEGATION_TOKEN_OWNER_MISMATCH", Denied, ""),
    code(64, "DELEGATION_TOKEN_REQUEST_NOT_ALLOWED", Denied, ""),
    code(65, "DELEGATION_TOKEN_AUTHORIZATION_FAILED", Denied, ""),
    code(66, "DELEGATION_TOKEN_EXPIRED", Denied, ""),
    code(67, "INVALID_PRINCIPAL_TYPE", Invalid, ""),
    code(68, "NON_EMPTY_GROUP", Retriable, "stop the members of the group first"),
    code(69, "GROUP_ID_NOT_FOUND", Invalid, ""),
    code(70, "FETCH_SESSION_ID_NOT_FOUND", Retriable, ""),
    code(71, "INVALID_FETCH_SESSION_EPOCH", Retriable, ""),
    code(72, "LISTENER_NOT_FOUND", Retriable, ""),
    code(73, "TOPIC_DELETION_DISABLED", Invalid, ""),
    code(74, "FENCED_LEADER_EPOCH", Retriable, ""),
    code(75, "UNKNOWN_LEADER_EPOCH", Retriable, ""),
    code(76, "UNSUPPORTED_COMPRESSION_TYPE", Invalid, ""),
    code(77, "STALE_BROKER_EPOCH", Retriable, ""),
    code(78, "OFFSET_NOT_AVAILABLE", Retriable, ""),
    code(79, "MEMBER_ID_REQUIRED", Retriable, ""),
    code(80, "PREFERRED_LEADER_NOT_AVAILABLE", Retriable, ""),
    code(81, "GROUP_MAX_SIZE_REACHED", Retriable, ""),
    code(82, "FENCED_INSTANCE_ID", Fenced, "another member with this group.instance.id took over; close this one"),
    code(83, "ELIGIBLE_LEADERS_NOT_AVAILABLE", Retriable, ""),
    code(84, "ELECTION_NOT_NEEDED", Invalid, ""),
    code(85, "NO_REASSIGNMENT_IN_PROGRESS", Invalid, ""),
    code(86, "GROUP_SUBSCRIBED_TO_TOPIC", Retriable, ""),
    code(87, "INVALID_RECORD", Data, ""),
    code(88, "UNSTABLE_OFFSET_COMMIT", Retriable, ""),
    code(89, "THROTTLING_QUOTA_EXCEEDED", Retriable, ""),
    code(90, "PRODUCER_FENCED", Fenced, "another producer with this transactional.id took over; close this one"),
    code(91, "RESOURCE_NOT_FOUND", Invalid, ""),
    code(92, "DUPLICATE_RESOURCE", Invalid, ""),
    code(93, "UNACCEPTABLE_CREDENTIAL", Denied, ""),
    code(94, "INCONSISTENT_VOTER_SET", Invalid, ""),
    code(95, "INVALID_UPDATE_VERSION", Invalid, ""),
    code(96, "FEATURE_UPDATE_FAILED", Invalid, ""),
    code(97, "PRINCIPAL_DESERIALIZATION_FAILURE", Invalid, ""),
    code(100, "UNKNOWN_TOPIC_ID", Retriable, ""),
    code(110, "FENCED_MEMBER_EPOCH", Abortable, ""),
    code(111, "UNRELEASED_INSTANCE_ID", Retriable, ""),
    code(112, "UNSUPPORTED_ASSIGNOR", Invalid, ""),
    code(113, "STALE_MEMBER_EPOCH", Abortable, ""),
    code(117, "UNKNOWN_SUBSCRIPTION_ID", Retriable, ""),
    code(118, "TELEMETRY_TOO_LARGE", Invalid, ""),
    code(129, "REBOOTSTRAP_REQUIRED", Retriable, ""),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_in_order_and_found() {
        assert!(Code::ALL.windows(2).all(|pair| pair[0].number < pair[1].number));
        assert_eq!(Code::of(36).map(|code| code.name), Some("TOPIC_ALREADY_EXISTS"));
        assert!(Code::of(0).is_none());
    }
}
