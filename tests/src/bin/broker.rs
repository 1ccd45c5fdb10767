//! Starts a Kafka broker for a program in another language: `cargo run -p kstreams-tests --bin broker [-- OPTIONS] [TOPIC:PARTITIONS..]`.
//!
//! Prints its address on standard output, one line, once it answers and the topics are made, and ends with standard input
//! (or with any signal): the broker and its data never outlive this program. `--load` starts one for measurements,
//! `--set KEY=VALUE` changes one of the broker's settings.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "this is a program for the terminal")]

use std::io::{self, Read, Write};
use std::process::ExitCode;
use std::{env, slice};

use kstreams_tests::{KafkaCluster, topics};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("broker: {problem}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), String> {
    let (mut options, mut wanted) = (KafkaCluster::options(), Vec::new());
    let mut arguments = env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--load" => options = options.for_load(),
            "--set" => {
                let setting = arguments.next().unwrap_or_default();
                let (key, value) = setting.split_once('=').ok_or("--set takes KEY=VALUE")?;
                options = options.set(key, value);
            }
            topic => wanted.push(parse_topic(topic)?),
        }
    }
    let kafka = options.start();
    wanted.iter().for_each(|(name, partitions)| {
        topics::create(kafka.bootstrap_servers(), slice::from_ref(&(name.as_str(), *partitions)));
    });
    println!("{}", kafka.bootstrap_servers());
    io::stdout().flush().map_err(|e| e.to_string())?;
    io::stdin().read_to_end(&mut Vec::new()).map_err(|e| e.to_string())?;
    kafka.stop();
    Ok(())
}

fn parse_topic(text: &str) -> Result<(String, i32), String> {
    let parts = text.split_once(':').and_then(|(name, count)| Some((name.to_owned(), count.parse().ok()?)));
    parts.ok_or_else(|| format!("unknown argument `{text}`: a topic is NAME:PARTITIONS"))
}
