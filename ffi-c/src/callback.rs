//! The program's functions: a function, its user data, and what destroys them.

use std::ffi::c_void;

/// Destroys user data: called exactly once, after the last call of the functions it belongs to, on any thread, and also
/// when registering them fails. May be NULL.
pub type ks_destroy_fn = Option<unsafe extern "C" fn(user_data: *mut c_void)>;

/// User data that is destroyed when the last function that needs it is gone.
#[derive(Debug)]
pub(crate) struct UserData {
    pointer: *mut c_void,
    destroy: ks_destroy_fn,
}

// SAFETY: the header says that callbacks and destructors may run on any thread, several at a time where more than one
// task runs; what the pointer leads to is the program's to protect.
unsafe impl Send for UserData {}
// SAFETY: as above.
unsafe impl Sync for UserData {}

impl UserData {
    /// Takes the data over: from here on `destroy` runs on every path.
    pub(crate) const fn new(pointer: *mut c_void, destroy: ks_destroy_fn) -> Self {
        Self { pointer, destroy }
    }

    pub(crate) const fn as_ptr(&self) -> *mut c_void {
        self.pointer
    }
}

impl Drop for UserData {
    fn drop(&mut self) {
        if let Some(destroy) = self.destroy {
            // SAFETY: the program gave this function for this pointer, and it is called once.
            unsafe { destroy(self.pointer) };
        }
    }
}
