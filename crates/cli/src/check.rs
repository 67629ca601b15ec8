//! `holdfast check`: every problem of a configuration with its line, and what is probably not meant.

use crate::report::Report;
use crate::secrets_file;
use anyhow::{Context, Result};
use holdfast_destinations::Destination;
use holdfast_domain::configuration::Configuration;
use holdfast_domain::time::Span;
use holdfast_pipeline::process::MARGIN;
use holdfast_providers::Definitions;
use std::path::{Path, PathBuf};

/// What to check.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The configuration.
    #[arg(long, default_value = "holdfast.toml", value_name = "FILE")]
    pub config: PathBuf,
    /// Also check that every secret is in this file: JSON, name -> value or list of values.
    #[arg(long, value_name = "FILE")]
    pub secrets: Option<PathBuf>,
    /// When Lambda ends a run of the processor, in seconds: what the stack's parameter
    /// ProcessorTimeoutSecs is set to.
    #[arg(long, default_value_t = TEMPLATE_TIMEOUT_SECS, value_name = "SECONDS")]
    pub processor_timeout_secs: u64,
}

/// The default of the template's parameter.
pub const TEMPLATE_TIMEOUT_SECS: u64 = 60;

/// Checks a configuration.
///
/// # Errors
/// When a file cannot be read.
pub fn run(arguments: &Arguments) -> Result<Report> {
    let path = &arguments.config;
    let text = std::fs::read_to_string(path)
        .with_context(|| format!("could not read {}", path.display()))?;
    let secrets = arguments.secrets.as_deref().map(secrets_file::read).transpose()?;
    let names = secrets.map(|secrets| secrets.into_keys().collect::<Vec<_>>());
    let timeout = Span::from_secs(arguments.processor_timeout_secs);
    Ok(report(path, &text, names.as_deref(), timeout))
}

/// What there is to say about a configuration; `known` are the names of the secrets, if they are
/// to be checked, `timeout` is the processor's.
pub fn report(path: &Path, text: &str, known: Option<&[String]>, timeout: Span) -> Report {
    let place = path.display();
    let mut report = Report::new();
    let configuration = match Configuration::read(text, &Definitions) {
        Ok(configuration) => configuration,
        Err(problems) => {
            for problem in problems.iter() {
                report.trouble(format!("{place}:{}: {}", problem.line, problem.message));
            }
            report.line(counted(problems.len(), "problem"));
            return report;
        }
    };
    let mut warnings = configuration.warnings().to_vec();
    warnings.extend_from_slice(configuration.deployment_warnings());
    warnings.sort();
    for warning in warnings {
        report.line(format!("{place}:{}: warning: {}", warning.line, warning.message));
    }
    let missing = known.map_or_else(Vec::new, |known| {
        configuration.missing_secrets(|name| known.iter().any(|known| known == name.as_str()))
    });
    for problem in &missing {
        report.trouble(format!("{place}:{}: {}", problem.line, problem.message));
    }
    let problems = |destination| [unusable(destination), too_patient(destination, timeout)];
    let of_destinations: Vec<String> =
        configuration.destinations().flat_map(problems).flatten().collect();
    for problem in &of_destinations {
        report.trouble(format!("{place}: {problem}"));
    }
    if report.is_well {
        report.line(format!("{place} is sound: {}", summary(&configuration)));
    } else {
        report.line(counted(missing.len() + of_destinations.len(), "problem"));
    }
    report
}

/// Why a destination could never be delivered to, which the processor finds out when it starts.
fn unusable(destination: &holdfast_domain::configuration::Destination) -> Option<String> {
    let cause = Destination::open(destination).err()?;
    Some(format!("destination `{}`: {cause}", destination.name))
}

/// Why there is too little time for a destination, which the processor finds out when it starts.
fn too_patient(
    destination: &holdfast_domain::configuration::Destination,
    timeout: Span,
) -> Option<String> {
    let budget = destination.timeout().plus(MARGIN);
    (budget >= timeout).then(|| {
        format!(
            "destination `{}`: its timeout_secs ({}) and {} s for claim and settling have to be less \
             than the processor's time-out ({} s): raise the stack's parameters \
             ProcessorTimeoutSecs, and VisibilitySecs to six times as much plus \
             BatchingWindowSecs, and tell --processor-timeout-secs",
            destination.name,
            destination.timeout().secs_up(),
            MARGIN.secs_up(),
            timeout.secs_up()
        )
    })
}

fn summary(configuration: &Configuration) -> String {
    let counts = [
        counted(configuration.sources().count(), "source"),
        counted(configuration.routes().len(), "route"),
        counted(configuration.destinations().count(), "destination"),
    ];
    counts.join(", ")
}

fn counted(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(text: &str, known: Option<&[&str]>) -> Report {
        let known =
            known.map(|names| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        let timeout = Span::from_secs(TEMPLATE_TIMEOUT_SECS);
        report(Path::new("holdfast.toml"), text, known.as_deref(), timeout)
    }

    const SOUND: &str = "\
[sources.stripe]
provider = \"stripe\"
[destinations.billing]
kind = \"http\"
url = \"https://billing.example.com\"
[[routes]]
from = \"stripe\"
to = \"billing\"
";

    #[test]
    fn a_sound_configuration() {
        let report = checked(SOUND, None);
        assert!(report.is_well);
        assert_eq!(report.text, "holdfast.toml is sound: 1 source, 1 route, 1 destination\n");
    }

    #[test]
    fn problems_are_printed_where_editors_find_them() {
        let report = checked(&SOUND.replace("from =", "fro ="), None);
        assert!(!report.is_well);
        assert_eq!(
            report.text,
            "holdfast.toml:6: in [[routes]]: `from` is missing\n\
             holdfast.toml:7: in [[routes]]: unknown key `fro`, did you mean `from`? Allowed here: \
             from, to, kinds\n\
             2 problems\n"
        );
    }

    #[test]
    fn warnings_leave_it_sound() {
        let report = checked("[sources.stripe]\nprovider = \"stripe\"\n", None);
        assert!(report.is_well);
        assert_eq!(
            report.text,
            "holdfast.toml:1: warning: no route takes events from source `stripe`: they are \
             stored, and end as PROCESSED with outcome `unrouted`\n\
             holdfast.toml is sound: 1 source, 0 routes, 0 destinations\n"
        );
    }

    #[test]
    fn what_will_not_do_in_aws_is_among_the_warnings() {
        let text = SOUND.replace(
            "\"https://billing.example.com\"",
            "\"http://127.0.0.1:8788\"\nallow_private = [\"127.0.0.0/8\"]",
        );
        let report = checked(&format!("{text}[sources.github]\nprovider = \"github\"\n"), None);
        assert!(report.is_well);
        let warned = report.text.lines().filter(|line| line.contains("warning"));
        let lines: Vec<_> = warned.filter_map(|line| line.split(':').nth(1)).collect();
        assert_eq!(lines, ["3", "10"], "{}", report.text);
        assert!(report.text.contains("is this machine: right for `holdfast dev`"));
    }

    /// The processor would not start with it.
    #[test]
    fn a_destination_that_can_never_be_delivered_to_is_a_problem() {
        let report = checked(&SOUND.replace("example.com", "example.com:25"), None);
        assert!(!report.is_well);
        let expected = "holdfast.toml: destination `billing`: port 25 is not for web servers";
        assert!(report.text.starts_with(expected), "{}", report.text);
        assert!(report.text.ends_with("1 problem\n"), "{}", report.text);
    }

    /// Nor would it with this.
    #[test]
    fn a_destination_that_outlasts_the_processor_is_a_problem() {
        let patient = |secs| {
            SOUND.replace("kind = \"http\"", &format!("kind = \"http\"\ntimeout_secs = {secs}"))
        };
        assert!(checked(&patient(54), None).is_well);
        let refused = checked(&patient(55), None);
        assert!(!refused.is_well);
        let expected = "holdfast.toml: destination `billing`: its timeout_secs (55)";
        assert!(refused.text.starts_with(expected), "{}", refused.text);
        let longer = Span::from_secs(61);
        assert!(report(Path::new("holdfast.toml"), &patient(55), None, longer).is_well);
    }

    #[test]
    fn the_time_out_is_the_templates() {
        let template = include_str!("../../../template.yaml");
        let parameter =
            template.split("\n  ProcessorTimeoutSecs:\n").nth(1).expect("the parameter");
        let default = parameter.split("Default: ").nth(1).expect("a default");
        let secs = default.lines().next().expect("a value");
        assert_eq!(secs.parse(), Ok(TEMPLATE_TIMEOUT_SECS));
    }

    #[test]
    fn missing_secrets_are_problems() {
        let report = checked(SOUND, Some(&["stripe"]));
        assert!(!report.is_well);
        assert_eq!(
            report.text,
            "holdfast.toml:3: there is no secret `destinations.billing` (signs what goes to \
             destination `billing`)\n1 problem\n"
        );
        assert!(checked(SOUND, Some(&["stripe", "destinations.billing"])).is_well);
    }
}
