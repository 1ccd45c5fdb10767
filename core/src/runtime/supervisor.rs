//! The thread that owns an application: prepares its topics, starts its stream threads, tells the listener, ends it.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::application::Application;
use super::board::{Board, Phase};
use super::cluster::Brokers;
use super::internal_topics::{PartitionCounts, TopicNames, prepare};
use super::membership::Range;
use super::settings::named;
use super::thread::{Knowledge, StreamThread};
use super::{State, UncaughtResponse};
use crate::clock::Deadline;
use crate::error::{Error, ErrorKind, Result};
use crate::native::kafka::admin::RawAdmin;
use crate::thread::{self, Thread, lock};

/// The pause between two tries to prepare topics.
const RETRY_PAUSE: Duration = Duration::from_millis(200);
/// How long a thread that ended may take to disappear.
const JOIN_PATIENCE: Duration = Duration::from_secs(5);

/// Runs an application from its start to its end.
pub(super) fn supervise(application: &Arc<Application>) -> Result<()> {
    let outcome = thread::catch(|| run(application));
    if let Err(error) = &outcome {
        log::error!("the application fails: {}", error.chain());
        application.board.update(|board| board.fail(error.clone()));
    }
    *lock(&application.directory) = None;
    application.board.update(|board| {
        let _ = board.advance(State::Error) || board.advance(State::NotRunning);
    });
    application.tell();
    outcome
}

fn run(application: &Arc<Application>) -> Result<()> {
    application.tell();
    let Some(knowledge) = learn(application)? else { return Ok(()) };
    let knowledge = Arc::new(knowledge);
    let mut threads: BTreeMap<usize, Thread<()>> = BTreeMap::new();
    let mut outcome = Ok(());
    for index in 1..=application.settings().threads {
        match start(application, &knowledge, index) {
            Ok(thread) => drop(threads.insert(index, thread)),
            Err(error) => {
                application.board.update(|board| board.fail(error.clone()));
                outcome = Err(error);
                break;
            }
        }
    }
    while !threads.is_empty() {
        application.tell();
        let ended = application.board.wait(Deadline::NEVER, |board| next_event(board, &threads));
        let Some(Some(index)) = ended else { continue };
        if let Some(thread) = threads.remove(&index)
            && let Err(error) = thread.join(Deadline::after(JOIN_PATIENCE))
        {
            log::warn!("{}", error.chain());
        }
        if application.board.lock().take_replacement(index) {
            log::info!("replacing stream thread {index}");
            threads.insert(index, start(application, &knowledge, index)?);
        }
    }
    outcome
}

/// A thread that has ended, or `None` inside for a change that the listener has to hear of.
fn next_event(board: &mut Board, threads: &BTreeMap<usize, Thread<()>>) -> Option<Option<usize>> {
    let ended = threads.keys().find(|index| board.thread(**index).phase == Phase::Dead);
    match ended {
        Some(index) => Some(Some(*index)),
        None => board.has_change().then_some(None),
    }
}

/// Prepares the topics, as long as it takes. `None`: the application was stopped meanwhile.
fn learn(application: &Arc<Application>) -> Result<Option<Knowledge>> {
    let settings = application.settings();
    let admin = RawAdmin::new(named(settings.streams.admin()?, &settings.client_id, "admin").pairs())?;
    let knowledge = loop {
        if application.is_stopping() {
            break Ok(None);
        }
        let error = match ask(application, &admin) {
            Ok(knowledge) => break Ok(Some(knowledge)),
            Err(error) => error,
        };
        if !matches!(error.kind(), ErrorKind::Retriable | ErrorKind::Timeout)
            && application.ask(&error) == UncaughtResponse::ShutdownClient
        {
            break Err(error);
        }
        let known = application.board.lock().trouble.replace(error.clone());
        if known.is_none_or(|known| known.to_string() != error.to_string()) {
            log::warn!("waiting for the application's topics: {}", error.chain());
        }
        application.tell();
        application.board.wait(Deadline::after(RETRY_PAUSE), |board| board.stop_by());
    };
    let deadline = application.stop_by().unwrap_or_else(|| Deadline::after(Duration::ZERO));
    if let Err(error) = admin.close(deadline) {
        log::debug!("{}", error.chain());
    }
    knowledge
}

fn ask(application: &Application, admin: &RawAdmin) -> Result<Knowledge> {
    let settings = application.settings();
    let brokers = Brokers { admin, replication_factor: settings.replication_factor };
    let names = TopicNames { application_id: settings.application_id(), defaults: &settings.topic_defaults };
    let counts = prepare(&brokers, &application.topology, &names)?;
    let membership = Range::new(application.topology.plan(), settings.application_id(), counts.clone());
    let counts: PartitionCounts = with_sinks(application, &brokers, counts)?;
    Ok(Knowledge { membership: Box::new(membership), counts })
}

/// Sinks with a partitioner of their own need to know how many partitions there are.
fn with_sinks(
    application: &Application,
    brokers: &Brokers<'_>,
    mut counts: PartitionCounts,
) -> Result<PartitionCounts> {
    use super::internal_topics::Cluster as _;
    counts.extend(brokers.partitions(&application.topology.sink_topics())?);
    Ok(counts)
}

fn start(application: &Arc<Application>, knowledge: &Arc<Knowledge>, index: usize) -> Result<Thread<()>> {
    let name = application.settings().thread_name(index);
    let hooks = application.listeners().hooks;
    application.board.update(|board| board.report(index, Phase::Rebalancing));
    let (application, knowledge) = (Arc::clone(application), Arc::clone(knowledge));
    thread::spawn_with_hooks(name, hooks, move || {
        let outcome = thread::catch(|| StreamThread::run(&application, knowledge, index));
        end(&application, index, outcome);
        Ok(())
    })
}

/// The last thing a stream thread does: asks what becomes of its failure.
fn end(application: &Application, index: usize, outcome: Result<()>) {
    let failure = outcome.err().map(|error: Error| {
        application.metrics.failed_threads.add(1);
        log::error!("stream thread {index} failed: {}", error.chain());
        let response = application.ask(&error);
        (error, response)
    });
    application.board.update(|board| {
        match failure {
            Some((error, UncaughtResponse::ShutdownClient)) => board.fail(error),
            Some((_, UncaughtResponse::ReplaceThread)) => board.replace(index),
            None => {}
        }
        board.end(index);
    });
}
