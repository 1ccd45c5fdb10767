//! `cargo dev`: chores of the project that need its own tables.

use std::process::ExitCode;

mod generate;

const USAGE: &str = "\
usage: cargo dev generate           writes the generated files
       cargo dev generate --check   says which of them are not current; silent if all are";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match arguments[..] {
        ["generate"] => generate::write(&generate::project()),
        ["generate", "--check"] => generate::check(&generate::project()),
        _ => Err(USAGE.to_owned()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            complain(&message);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "this is a program for the terminal")]
fn complain(message: &str) {
    eprintln!("{message}");
}
