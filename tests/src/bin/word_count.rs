//! The word count as a program that tests can kill: `word_count FOLDER SERVERS ID INPUT OUTPUT [KEY=VALUE..]`.
//!
//! Its state is in `FOLDER/state`. It closes when there is a file `FOLDER/stop`, and then prints its counters.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is a program for the terminal")]

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use kstreams::KafkaStreams;
use kstreams_tests::{logs, wordcount};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("word_count: {error:?}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> kstreams::Result<()> {
    logs::show();
    let mut arguments = std::env::args().skip(1);
    let mut next = || arguments.next().unwrap_or_else(|| panic!("too few arguments"));
    let (folder, servers, id, input, output) = (PathBuf::from(next()), next(), next(), next(), next());
    let config = wordcount::config(&servers, &id).set("state.dir", folder.join("state").display());
    let config = arguments.fold(config, |config, setting| {
        let (key, value) = setting.split_once('=').unwrap_or_else(|| panic!("not KEY=VALUE: {setting}"));
        config.set(key, value)
    });
    let streams = KafkaStreams::new(&wordcount::topology(&input, &output), &config)?;
    streams.start()?;
    while !folder.join("stop").exists() {
        match streams.wait_until_stopped(Duration::from_millis(20)) {
            Err(error) if error.kind() == kstreams::ErrorKind::Timeout => {}
            ended => return ended,
        }
    }
    streams.close(Duration::from_secs(30))?;
    streams.metrics().iter().for_each(|(name, value)| println!("{name}={value}"));
    Ok(())
}
