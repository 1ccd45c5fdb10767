//! The one request that tells whether a broker is ready: its port answers a moment before topics can be created.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Metadata, version 1, of no topics; without a client id.
const REQUEST: [u8; 18] = [0, 0, 0, 14, 0, 3, 0, 1, 0, 0, 0, 7, 0xff, 0xff, 0, 0, 0, 0];
const TIMEOUT: Duration = Duration::from_secs(2);

/// Whether the broker at this port of loopback answers, and knows a live broker: itself.
pub(super) fn answers(port: u16) -> bool {
    live_brokers(port).is_ok_and(|count| count > 0)
}

fn live_brokers(port: u16) -> io::Result<u32> {
    let mut stream = TcpStream::connect_timeout(&SocketAddr::from(([127, 0, 0, 1], port)), TIMEOUT)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    stream.write_all(&REQUEST)?;
    // Length, correlation id, number of brokers.
    let mut start = [0; 12];
    stream.read_exact(&mut start)?;
    Ok(u32::from_be_bytes([start[8], start[9], start[10], start[11]]))
}
