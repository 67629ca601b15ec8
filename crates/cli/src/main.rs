//! `holdfast`: exit code 0 when all is well, 1 when it is not, 2 when that could not be found out.

use clap::Parser;
use holdfast_cli::arguments::Arguments;
use std::io::Write;
use std::process::ExitCode;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match holdfast_cli::run(Arguments::parse()).await {
        Ok(report) => {
            // A reader that hung up (`| head`) is no failure.
            let _ = writeln!(std::io::stdout(), "{}", report.text.trim_end());
            match (report.is_known, report.is_well) {
                (false, _) => ExitCode::from(2),
                (true, false) => ExitCode::from(1),
                (true, true) => ExitCode::SUCCESS,
            }
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "holdfast: {error:#}");
            ExitCode::from(2)
        }
    }
}
