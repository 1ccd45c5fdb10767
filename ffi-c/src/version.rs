//! A. Which library this is.

use std::ffi::c_char;

/// The number of the interface. While it is 0 everything may still change.
pub const KS_ABI_VERSION: i32 = 0;

/// The interface number of the library that was loaded: compare it with KS_ABI_VERSION.
///
/// Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn ks_abi_version() -> i32 {
    KS_ABI_VERSION
}

/// The release of the library, such as "0.1.0".
///
/// @return borrowed, for ever
///
/// Threads: any.
#[unsafe(no_mangle)]
pub extern "C" fn ks_version_string() -> *const c_char {
    const VERSION: &str = concat!(env!("CARGO_PKG_VERSION"), "\0");
    VERSION.as_ptr().cast()
}
