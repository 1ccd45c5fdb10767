//! The settings of consumers and admin clients that are the library's own, and defaults that differ from librdkafka's.

use crate::config::key::keys;

keys! {
    Consumer;
    Medium MAX_POLL_RECORDS "max.poll.records": Integer = "500", range(1, 2_147_483_647);
        "The most records that a poll gives. 1000 in a streams application.";
}

pub(crate) mod shared {
    //! Settings of all clients.

    use crate::config::key::keys;

    keys! {
        Client;
        Medium DEFAULT_API_TIMEOUT_MS "default.api.timeout.ms": Milliseconds = "60000", range(0, 2_147_483_647);
            "How long a call waits that has no timeout of its own.";
    }
}
