//! What a thread has that Rust's standard library does not reach: signal mask, kernel name, floating-point mode.

use std::ffi::CString;
use std::marker::PhantomData;
use std::mem::MaybeUninit;

/// The signals that belong to the host program and must not arrive on a thread of the library.
///
/// `SIGUSR2` and `SIGPROF` stay open: garbage collectors and profilers stop threads with them.
const HOST_SIGNALS: [libc::c_int; 13] = [
    libc::SIGINT,
    libc::SIGTERM,
    libc::SIGHUP,
    libc::SIGQUIT,
    libc::SIGALRM,
    libc::SIGVTALRM,
    libc::SIGCHLD,
    libc::SIGUSR1,
    libc::SIGPIPE,
    libc::SIGTSTP,
    libc::SIGWINCH,
    libc::SIGIO,
    libc::SIGCONT,
];

/// The state in which a process starts: all floating-point exceptions masked, rounding to nearest.
#[cfg(target_arch = "x86_64")]
const DEFAULT_MXCSR: u32 = 0x1F80;

/// While it lives, this thread and the threads that it starts see none of the host's signals, and have the default
/// floating-point mode. Both come back when it is dropped.
pub(crate) struct Shield {
    mask: libc::sigset_t,
    floating_point: u32,
    // Mask and mode belong to one thread, so must the value that restores them.
    stays_here: PhantomData<*const ()>,
}

impl Shield {
    pub(crate) fn raise() -> Self {
        let mut mask = empty_set();
        let blocked = host_signals();
        // SAFETY: both sets are initialised and live through the call.
        unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &raw const blocked, &raw mut mask) };
        let floating_point = floating_point_mode();
        reset_floating_point();
        Self { mask, floating_point, stays_here: PhantomData }
    }
}

impl Drop for Shield {
    fn drop(&mut self) {
        // SAFETY: the mask is the one that this thread had; a null pointer asks for no copy of the present one.
        unsafe { libc::pthread_sigmask(libc::SIG_SETMASK, &raw const self.mask, std::ptr::null_mut()) };
        set_floating_point(self.floating_point);
    }
}

/// Gives this thread the default floating-point mode: some hosts trap on invalid operations, and new threads inherit it.
pub(crate) fn reset_floating_point() {
    #[cfg(target_arch = "x86_64")]
    set_floating_point(DEFAULT_MXCSR);
}

/// Sets the name that `ps`, `top` and debuggers show. Linux takes at most 15 bytes.
pub(crate) fn set_kernel_name(name: &str) {
    let Ok(name) = CString::new(name) else { return };
    // SAFETY: the name is NUL-terminated and lives through the call; the handle is this thread's own.
    unsafe { libc::pthread_setname_np(libc::pthread_self(), name.as_ptr()) };
}

fn empty_set() -> libc::sigset_t {
    let mut set = MaybeUninit::uninit();
    // SAFETY: the pointer is valid for writing a whole set.
    unsafe { libc::sigemptyset(set.as_mut_ptr()) };
    // SAFETY: `sigemptyset` initialises the whole set and cannot fail for a valid pointer.
    unsafe { set.assume_init() }
}

fn host_signals() -> libc::sigset_t {
    let mut set = empty_set();
    for signal in HOST_SIGNALS {
        // SAFETY: the set is initialised and the number is one of the system's own.
        unsafe { libc::sigaddset(&raw mut set, signal) };
    }
    set
}

#[cfg(target_arch = "x86_64")]
fn floating_point_mode() -> u32 {
    let mut mode = 0_u32;
    // SAFETY: the instruction writes four bytes to the pointer, which is valid for that.
    unsafe { std::arch::asm!("stmxcsr [{}]", in(reg) &raw mut mode, options(nostack, preserves_flags)) };
    mode
}

#[cfg(target_arch = "x86_64")]
fn set_floating_point(mode: u32) {
    // SAFETY: the value is the default or one that the register held before, so no reserved bit is set.
    unsafe { std::arch::asm!("ldmxcsr [{}]", in(reg) &raw const mode, options(nostack, readonly, preserves_flags)) };
}

#[cfg(not(target_arch = "x86_64"))]
fn floating_point_mode() -> u32 {
    0
}

#[cfg(not(target_arch = "x86_64"))]
fn set_floating_point(_mode: u32) {}

/// Whether a signal is blocked on this thread.
#[cfg(test)]
pub(crate) fn is_blocked(signal: i32) -> bool {
    let mut mask = empty_set();
    // SAFETY: a null pointer changes nothing; the other set is initialised and valid for writing.
    unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, std::ptr::null(), &raw mut mask) };
    // SAFETY: the set is initialised.
    unsafe { libc::sigismember(&raw const mask, signal) == 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shield_blocks_the_hosts_signals_and_gives_them_back() {
        let before = is_blocked(libc::SIGINT);
        let shield = Shield::raise();
        assert!(is_blocked(libc::SIGINT) && is_blocked(libc::SIGTERM));
        assert!(!is_blocked(libc::SIGUSR2) && !is_blocked(libc::SIGSEGV));
        drop(shield);
        assert_eq!(is_blocked(libc::SIGINT), before);
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn a_hosts_floating_point_traps_are_off_under_a_shield_and_on_after_it() {
        const TRAP_ON_INVALID: u32 = DEFAULT_MXCSR & !0x80;
        set_floating_point(TRAP_ON_INVALID);
        let shield = Shield::raise();
        assert_eq!(floating_point_mode() & !0x3F, DEFAULT_MXCSR);
        drop(shield);
        let mode = floating_point_mode();
        reset_floating_point();
        assert_eq!(mode & !0x3F, TRAP_ON_INVALID);
    }
}
