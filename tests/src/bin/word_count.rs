//! The word count as a program of its own, for tests that kill it or run it twice: until SIGTERM, logging to stderr.
//!
//! `word_count --bootstrap-servers HOST:PORT --input TOPIC --output TOPIC --application-id ID [--mark FILE] [--config KEY=VALUE]..`
//! appends one byte to the file of `--mark` for each line that it splits, which a kill does not take back.

use std::fs::File;
use std::io::Write;
use std::process::ExitCode;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use kstreams::{Config, KafkaStreams, State};
use kstreams_tests::{logs, wordcount};

/// What the example programs promise: a signal ends them within two seconds.
const CLOSE: Duration = Duration::from_secs(2);

#[derive(Default)]
struct Options {
    servers: String,
    input: String,
    output: String,
    application: String,
    mark: Option<File>,
    settings: Vec<(String, String)>,
}

impl Options {
    fn read(mut arguments: impl Iterator<Item = String>) -> Options {
        let mut options = Options::default();
        while let (Some(name), Some(value)) = (arguments.next(), arguments.next()) {
            match name.as_str() {
                "--bootstrap-servers" => options.servers = value,
                "--input" => options.input = value,
                "--output" => options.output = value,
                "--application-id" => options.application = value,
                "--mark" => options.mark = Some(File::options().create(true).append(true).open(value).expect("a file")),
                "--config" => {
                    let (key, value) = value.split_once('=').expect("--config takes KEY=VALUE");
                    options.settings.push((key.to_owned(), value.to_owned()));
                }
                _ => panic!("unknown option {name}"),
            }
        }
        options
    }

    fn config(&self) -> Config {
        let config = wordcount::config(&self.servers, &self.application);
        self.settings.iter().fold(config, |config, (key, value)| config.set(key.as_str(), value))
    }
}

fn main() -> ExitCode {
    logs::to_stderr();
    let options = Options::read(std::env::args().skip(1));
    match run(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("word_count: {}", error.chain());
            ExitCode::FAILURE
        }
    }
}

fn run(mut options: Options) -> kstreams::Result<()> {
    let (stop, stopped) = mpsc::channel();
    // Nobody is left to hear of a second signal.
    ctrlc::set_handler(move || stop.send(()).unwrap_or_default()).expect("no other handler is set");
    let mark = options.mark.take();
    let mark = move || {
        if let Some(mut file) = mark.as_ref() {
            file.write_all(b".").expect("the file takes a byte");
        }
    };
    let topology = wordcount::topology_with(&options.input, &options.output, mark);
    let streams = KafkaStreams::new(&topology, &options.config())?;
    streams.start()?;
    while stopped.recv_timeout(Duration::from_millis(50)).is_err() {
        if streams.state() == State::Error {
            return Err(streams.error().expect("a failed application has an error"));
        }
    }
    let begin = Instant::now();
    let closed = streams.close(CLOSE);
    let processed = streams.metrics()["process-total"];
    eprintln!("word_count: closed after {} ms, processed {processed} records", begin.elapsed().as_millis());
    closed
}
