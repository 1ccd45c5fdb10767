//! `oracle [--filter TEXT] [--verbose] [FILE…]`: tries recorded cases and tells which ones differ.
//!
//! Without files it tries all that come with the project. The exit code is 0 if nothing failed.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use kstreams_tests::oracle::{Report, fixtures, try_file};

#[derive(Default)]
struct Arguments {
    filter: String,
    verbose: bool,
    files: Vec<PathBuf>,
}

fn arguments() -> Result<Arguments, String> {
    let mut arguments = Arguments::default();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--filter" => arguments.filter = words.next().ok_or("--filter needs a text")?,
            "--verbose" => arguments.verbose = true,
            option if option.starts_with("--") => return Err(format!("unknown option {option}")),
            file => arguments.files.push(file.into()),
        }
    }
    Ok(arguments)
}

fn tell(out: &mut impl Write, file: &str, report: &Report, verbose: bool) -> std::io::Result<()> {
    writeln!(out, "{file}: {report}")?;
    for (name, differences) in &report.failed {
        writeln!(out, "  failed {name}")?;
        if verbose {
            writeln!(out, "    {}\n", differences.replace('\n', "\n    "))?;
        }
    }
    Ok(())
}

fn run(arguments: Arguments, out: &mut impl Write) -> std::io::Result<bool> {
    let files = if arguments.files.is_empty() { fixtures()? } else { arguments.files };
    let mut all = Report::default();
    for file in files {
        let report = try_file(&file, &arguments.filter)?;
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        tell(out, &name, &report, arguments.verbose)?;
        all.merge(report);
    }
    for (what, count) in all.wanted() {
        writeln!(out, "{count:5} want {what}")?;
    }
    writeln!(out, "{all}")?;
    Ok(all.failed.is_empty())
}

fn main() -> ExitCode {
    let done =
        arguments().and_then(|arguments| run(arguments, &mut std::io::stdout().lock()).map_err(|e| e.to_string()));
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(message) => {
            let _ = writeln!(std::io::stderr(), "oracle: {message}");
            ExitCode::from(2)
        }
    }
}
