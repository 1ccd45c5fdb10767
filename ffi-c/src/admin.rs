//! Q. Admin clients.

use std::ffi::{CString, c_char};

use kstreams::{Admin, Error, NewTopic, Outcomes, Result};

use crate::config::ks_config_t;
use crate::error::{child, ks_error_t};
use crate::guard::{guard, guard_or};
use crate::handle::{self, Child, Handle, Out, borrow};
use crate::text::{Plain, c_string, fill_view, null, required_spec, text, texts, timeout};

/// Looks after topics.
pub struct ks_admin_t {
    _opaque: [u8; 0],
}

impl Handle for ks_admin_t {
    type Object = Admin;
    const TAG: u8 = 17;
    const NAME: &'static str = "admin client";
}

/// What became of each of many things.
pub struct ks_outcome_list_t {
    _opaque: [u8; 0],
}

pub(crate) struct OutcomeList {
    entries: Vec<(CString, Option<Child<ks_error_t>>)>,
    failures: usize,
}

impl Handle for ks_outcome_list_t {
    type Object = OutcomeList;
    const TAG: u8 = 18;
    const NAME: &'static str = "outcome list";
}

/// A topic to be created.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ks_topic_spec_t {
    /// The name.
    pub name: *const c_char,
    /// The topic's settings: name, value, name, value …; NULL: none.
    pub settings: *const *const c_char,
    /// How many strings there are: twice the number of settings.
    pub setting_strings: usize,
    /// How many partitions.
    pub partitions: i32,
    /// How many copies; 0: as the broker says.
    pub replication_factor: i32,
}

// SAFETY: numbers and pointers.
unsafe impl Plain for ks_topic_spec_t {
    const DEFAULT: Self = Self {
        name: std::ptr::null(),
        settings: std::ptr::null(),
        setting_strings: 0,
        partitions: 0,
        replication_factor: 0,
    };
}

/// What became of one thing.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ks_outcome_view_t {
    /// Its name.
    pub name: *const c_char,
    /// Why it was not done; NULL if it was.
    pub error: *const ks_error_t,
}

// SAFETY: pointers.
unsafe impl Plain for ks_outcome_view_t {
    const DEFAULT: Self = Self { name: std::ptr::null(), error: std::ptr::null() };
}

/// Topics of a cluster.
pub struct ks_topic_list_t {
    _opaque: [u8; 0],
}

impl Handle for ks_topic_list_t {
    type Object = Vec<(CString, usize)>;
    const TAG: u8 = 22;
    const NAME: &'static str = "topic list";
}

/// A topic of a cluster.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ks_topic_view_t {
    /// Its name.
    pub name: *const c_char,
    /// How many partitions it has.
    pub partitions: usize,
}

// SAFETY: a number and a pointer.
unsafe impl Plain for ks_topic_view_t {
    const DEFAULT: Self = Self { name: std::ptr::null(), partitions: 0 };
}

/// Starts an admin client. It connects in the background: a broker that cannot be reached is no error here.
///
/// @param config     its settings, copied
/// @param out_admin  owned
/// @return NULL, or an error of kind invalid or closed
///
/// Threads: any.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_admin_new(config: *const ks_config_t, out_admin: *mut *mut ks_admin_t) -> *mut ks_error_t {
    guard(|| {
        let out = Out::new(out_admin, "out_admin")?;
        let config = borrow(config, "config")?.settings();
        out.give(Admin::new(&config)?);
        Ok(())
    })
}

/// Creates topics. Each has its own outcome: one that exists already is an error of kind invalid with Kafka's code 36.
///
/// @param admin       the client
/// @param topics      an array of topics, copied
/// @param count       how many
/// @param spec_size   sizeof *topics
/// @param timeout_ms  how long to wait; negative: for ever
/// @param out_list    owned; also when none was created
/// @return NULL, or an error of kind timeout or retriable (look what was created), invalid or closed
///
/// Threads: any.  Waits: yes.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_admin_create_topics(
    admin: *mut ks_admin_t,
    topics: *const ks_topic_spec_t,
    count: usize,
    spec_size: usize,
    timeout_ms: i64,
    out_list: *mut *mut ks_outcome_list_t,
) -> *mut ks_error_t {
    guard(|| {
        let out = Out::new(out_list, "out_list")?;
        let admin = borrow(admin, "admin")?;
        if topics.is_null() && count > 0 {
            return Err(null("topics"));
        }
        let at = |index: usize| topics.wrapping_byte_add(index * spec_size);
        let topics = (0..count).map(|index| new_topic(&required_spec(at(index), spec_size, "topics")?));
        let outcomes = admin.create_topics(&topics.collect::<Result<Vec<_>>>()?, timeout(timeout_ms))?;
        out.give(OutcomeList::new(outcomes));
        Ok(())
    })
}

/// Deletes topics. Each has its own outcome.
///
/// @param admin       the client
/// @param names       the topics' names
/// @param name_count  how many
/// @param timeout_ms  how long to wait; negative: for ever
/// @param out_list    owned; also when none was deleted
/// @return NULL, or an error of kind timeout or retriable, invalid or closed
///
/// Threads: any.  Waits: yes.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_admin_delete_topics(
    admin: *mut ks_admin_t,
    names: *const *const c_char,
    name_count: usize,
    timeout_ms: i64,
    out_list: *mut *mut ks_outcome_list_t,
) -> *mut ks_error_t {
    guard(|| {
        let out = Out::new(out_list, "out_list")?;
        let admin = borrow(admin, "admin")?;
        let outcomes = admin.delete_topics(texts(names, name_count, "names")?, timeout(timeout_ms))?;
        out.give(OutcomeList::new(outcomes));
        Ok(())
    })
}

/// Waits until topics exist and each of their partitions has a leader, so that they can be used.
///
/// @param admin       the client
/// @param names       the topics' names
/// @param name_count  how many
/// @param timeout_ms  how long to wait; negative: for ever
/// @return NULL, or an error of kind timeout (with the first topic that is not ready), retriable, invalid or closed
///
/// Threads: any.  Waits: yes.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_admin_wait_for_leaders(
    admin: *mut ks_admin_t,
    names: *const *const c_char,
    name_count: usize,
    timeout_ms: i64,
) -> *mut ks_error_t {
    guard(|| {
        let admin = borrow(admin, "admin")?;
        admin.wait_for_leaders(texts(names, name_count, "names")?, timeout(timeout_ms))
    })
}

/// All topics of the cluster that this principal may see, by name.
///
/// @param admin       the client
/// @param timeout_ms  how long to wait; negative: for ever
/// @param out_list    owned
/// @return NULL, or an error of kind timeout or retriable (no broker answered), invalid or closed
///
/// Threads: any.  Waits: yes.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_admin_topics(
    admin: *mut ks_admin_t,
    timeout_ms: i64,
    out_list: *mut *mut ks_topic_list_t,
) -> *mut ks_error_t {
    guard(|| {
        let out = Out::new(out_list, "out_list")?;
        let topics = borrow(admin, "admin")?.topics(timeout(timeout_ms))?;
        out.give(topics.iter().map(|topic| (c_string(&topic.name), topic.partitions.len())).collect());
        Ok(())
    })
}

/// How many topics there are.
///
/// @param list  NULL is fine: none
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_topic_list_count(list: *const ks_topic_list_t) -> usize {
    if list.is_null() {
        return 0;
    }
    guard_or(0, || Ok(borrow(list, "list")?.len()))
}

/// Shows a topic.
///
/// @param list       the list
/// @param index      from 0
/// @param out_view   its name is borrowed from the list
/// @param view_size  sizeof *out_view
/// @return false past the end
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_topic_list_view(
    list: *const ks_topic_list_t,
    index: usize,
    out_view: *mut ks_topic_view_t,
    view_size: usize,
) -> bool {
    guard_or(false, || {
        let list = borrow(list, "list")?;
        let Some((name, partitions)) = list.get(index) else { return Ok(false) };
        let view = ks_topic_view_t { name: name.as_ptr(), partitions: *partitions };
        fill_view(&view, out_view, view_size, "out_view").map(|()| true)
    })
}

/// Destroys a list of topics.
///
/// @param list  NULL is fine
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_topic_list_destroy(list: *mut ks_topic_list_t) {
    guard_or((), || {
        handle::destroy(list);
        Ok(())
    });
}

/// How many outcomes there are.
///
/// @param list  NULL is fine: none
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_outcome_list_count(list: *const ks_outcome_list_t) -> usize {
    if list.is_null() {
        return 0;
    }
    guard_or(0, || Ok(borrow(list, "list")?.entries.len()))
}

/// How many of them are failures.
///
/// @param list  NULL is fine: none
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_outcome_list_failures(list: *const ks_outcome_list_t) -> usize {
    if list.is_null() {
        return 0;
    }
    guard_or(0, || Ok(borrow(list, "list")?.failures))
}

/// Shows an outcome: first what was done, then the failures.
///
/// @param list       the list
/// @param index      from 0
/// @param out_view   its pointers are borrowed from the list
/// @param view_size  sizeof *out_view
/// @return false past the end
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_outcome_list_view(
    list: *const ks_outcome_list_t,
    index: usize,
    out_view: *mut ks_outcome_view_t,
    view_size: usize,
) -> bool {
    guard_or(false, || {
        let list = borrow(list, "list")?;
        let Some((name, error)) = list.entries.get(index) else { return Ok(false) };
        let error = error.as_ref().map_or(std::ptr::null(), Child::as_ptr);
        fill_view(&ks_outcome_view_t { name: name.as_ptr(), error }, out_view, view_size, "out_view").map(|()| true)
    })
}

/// Destroys a list of outcomes, with its errors.
///
/// @param list  NULL is fine
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_outcome_list_destroy(list: *mut ks_outcome_list_t) {
    guard_or((), || {
        handle::destroy(list);
        Ok(())
    });
}

/// Ends the client. Calls in other threads go on to their end. May be called again; later calls answer closed.
///
/// @param admin       the client
/// @param timeout_ms  how long to wait; negative: for ever
/// @return NULL, or an error of kind timeout, invalid or closed
///
/// Threads: any.  Waits: yes.
#[unsafe(no_mangle)]
#[must_use]
pub unsafe extern "C" fn ks_admin_close(admin: *mut ks_admin_t, timeout_ms: i64) -> *mut ks_error_t {
    guard(|| borrow(admin, "admin")?.close(timeout(timeout_ms)))
}

/// Destroys an admin client.
///
/// @param admin  NULL is fine
///
/// Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ks_admin_destroy(admin: *mut ks_admin_t) {
    guard_or((), || {
        handle::destroy(admin);
        Ok(())
    });
}

impl OutcomeList {
    fn new(outcomes: Outcomes) -> Self {
        let failures = outcomes.failed.len();
        let succeeded = outcomes.succeeded.iter().map(|name| (c_string(name), None));
        let failed = outcomes.failed.into_iter().map(|(name, error)| (c_string(&name), Some(child(error))));
        Self { entries: succeeded.chain(failed).collect(), failures }
    }
}

fn new_topic(spec: &ks_topic_spec_t) -> Result<NewTopic> {
    let mut topic = NewTopic::new(text(spec.name, "name")?, spec.partitions);
    if spec.replication_factor != 0 {
        topic = topic.replication_factor(spec.replication_factor);
    }
    if spec.setting_strings > 0 {
        let strings = texts(spec.settings, spec.setting_strings, "settings")?;
        let (pairs, rest) = strings.as_chunks::<2>();
        if !rest.is_empty() {
            return Err(Error::invalid("settings come in pairs of name and value").with("argument", "settings"));
        }
        for &[name, value] in pairs {
            topic = topic.config(name, value);
        }
    }
    Ok(topic)
}
