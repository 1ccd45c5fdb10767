//! Settings: Kafka's names, values as text.

use std::ffi::{CString, c_char};
use std::sync::{Mutex, MutexGuard, PoisonError};

use kstreams::Config;

use crate::error::ks_error_t;
use crate::guard::{guard, guard_or};
use crate::handle::{self, Handle, Out, borrow};
use crate::text::{c_string, text};

/// Settings of a client or an application.
pub struct ks_config_t {
    _opaque: [u8; 0],
}

/// Settings, and the texts that were handed out: they stay until the object goes.
#[derive(Default)]
pub(crate) struct ConfigObject {
    config: Mutex<Config>,
    shown: Mutex<Vec<CString>>,
}

impl Handle for ks_config_t {
    type Object = ConfigObject;
    const TAG: u8 = 5;
    const NAME: &'static str = "config";
}

impl ConfigObject {
    /// The settings as they are now.
    pub(crate) fn settings(&self) -> Config {
        lock(&self.config).clone()
    }
}

/// Makes settings in which everything has its default.
///
/// @param out_config  owned
/// @return NULL, or an error of kind invalid
///
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_config_new(out_config: *mut *mut ks_config_t) -> *mut ks_error_t {
    guard(|| {
        Out::new(out_config, "out_config")?.give(ConfigObject::default());
        Ok(())
    })
}

/// Sets a value, in place of an earlier one.
///
/// @param config  the settings; what was made from them before does not change
/// @param name    Kafka's name, copied
/// @param value   the value as text, copied; NULL: the default again
/// @return NULL, or an error of kind invalid, also for an unknown name (with the nearest known one) and for a wrong
///         value (with what is allowed), or closed
///
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_config_set(
    config: *mut ks_config_t,
    name: *const c_char,
    value: *const c_char,
) -> *mut ks_error_t {
    guard(|| {
        let config = borrow(config, "config")?;
        let name = text(name, "name")?;
        match crate::text::optional_text(value, "value")? {
            Some(value) => lock(&config.config).try_set(name, value),
            None => {
                lock(&config.config).remove(name);
                Ok(())
            }
        }
    })
}

/// The value that was set.
///
/// @param config  the settings
/// @param name    Kafka's name
/// @return borrowed from the settings; NULL if nothing was set
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_config_get(config: *const ks_config_t, name: *const c_char) -> *const c_char {
    guard_or(std::ptr::null(), || {
        let config = borrow(config, "config")?;
        let value = lock(&config.config).get(text(name, "name")?).map(c_string);
        let Some(value) = value else { return Ok(std::ptr::null()) };
        let mut shown = lock(&config.shown);
        if let Some(known) = shown.iter().find(|known| **known == value) {
            return Ok(known.as_ptr());
        }
        let pointer = value.as_ptr();
        shown.push(value);
        Ok(pointer)
    })
}

/// Destroys settings. What was made from them does not need them.
///
/// @param config  NULL is fine
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_config_destroy(config: *mut ks_config_t) {
    guard_or((), || {
        handle::destroy(config);
        Ok(())
    });
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
