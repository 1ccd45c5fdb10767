//! librdkafka's own list of its settings, as the linked version has it.

use rdkafka::bindings;

/// The table that librdkafka also publishes as its `CONFIGURATION.md`. Empty if there is no memory for it.
pub(crate) fn properties() -> String {
    let mut text: *mut libc::c_char = std::ptr::null_mut();
    let mut size: libc::size_t = 0;
    // SAFETY: both pointers are valid until the stream is closed below.
    let stream = unsafe { libc::open_memstream(&raw mut text, &raw mut size) };
    if stream.is_null() {
        return String::new();
    }
    // SAFETY: the stream is open; both bindings name the C library's `FILE`.
    unsafe { bindings::rd_kafka_conf_properties_show(stream.cast()) };
    // SAFETY: the stream is open and not used afterwards; closing it sets the two variables.
    let closed = unsafe { libc::fclose(stream) };
    let owned = if closed == 0 && !text.is_null() {
        // SAFETY: a closed memory stream left `size` bytes at `text`.
        String::from_utf8_lossy(unsafe { std::slice::from_raw_parts(text.cast(), size) }).into_owned()
    } else {
        String::new()
    };
    // SAFETY: the buffer of a memory stream comes from `malloc` and belongs to us; null is fine.
    unsafe { libc::free(text.cast()) };
    owned
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_linked_librdkafka_lists_its_settings() {
        let properties = super::properties();
        assert!(properties.contains("\nbootstrap.servers "));
        assert!(properties.lines().filter(|line| line.contains("*Type: ")).count() > 150);
    }
}
