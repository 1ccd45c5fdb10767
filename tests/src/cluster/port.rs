//! Ports that stay ours while a broker is down.

use std::fs::{self, File};
use std::net::TcpListener;
use std::process;
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::fs::{FlockOperation, flock};

/// Below the range that the system gives to outgoing connections: nobody takes such a port by chance.
const FIRST: u32 = 21_000;
const COUNT: u32 = 8_000;

/// A port of loopback that no other test takes, until this is dropped.
pub(super) struct Port {
    number: u16,
    _lock: File,
}

impl Port {
    pub(super) fn reserve() -> Port {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        // Processes begin at different places, so that they seldom meet.
        let start = process::id().wrapping_mul(37);
        (0..COUNT)
            .find_map(|_| Port::take(FIRST + start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % COUNT))
            .expect("one port of thousands is free")
    }

    pub(super) fn number(&self) -> u16 {
        self.number
    }

    fn take(number: u32) -> Option<Port> {
        let number = u16::try_from(number).ok()?;
        let folder = std::env::temp_dir().join("kstreams-ports");
        fs::create_dir_all(&folder).ok()?;
        let lock = File::options().create(true).append(true).open(folder.join(number.to_string())).ok()?;
        flock(&lock, FlockOperation::NonBlockingLockExclusive).ok()?;
        TcpListener::bind(("127.0.0.1", number)).ok()?;
        Some(Port { number, _lock: lock })
    }
}
