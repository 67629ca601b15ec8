//! What is allowed but probably not meant: routes that hide each other, and loose ends.

use super::glob::Glob;
use super::route::Route;
use crate::reading::Problem;
use crate::source::SourceName;

/// What the document declares, with the lines of the headings.
pub(super) struct Declared<'a> {
    pub(super) sources: &'a [(SourceName, usize)],
    pub(super) destinations: &'a [(String, usize)],
    pub(super) routes: &'a [Route],
}

/// All warnings in the order of their lines.
pub(super) fn of(declared: &Declared<'_>) -> Vec<Problem> {
    let mut warnings = Vec::new();
    if declared.sources.is_empty() {
        warnings.push(warning(1, "there are no sources: every request is refused".to_owned()));
    }
    unrouted_sources(declared, &mut warnings);
    unused_destinations(declared, &mut warnings);
    for (nth, route) in declared.routes.iter().enumerate() {
        let earlier = || declared.routes.iter().take(nth).filter(|other| other.from == route.from);
        hidden(route, earlier, &mut warnings);
    }
    warnings.sort();
    warnings
}

/// What will not do in AWS: destinations that are the machine itself, in the order of their lines.
pub(super) fn of_deploying(local: &[(String, usize)]) -> Vec<Problem> {
    let warnings = local.iter().map(|(name, line)| {
        let message = format!(
            "destination `{name}` is this machine: right for `holdfast dev`, but in AWS nobody \
             listens there"
        );
        warning(*line, message)
    });
    let mut warnings: Vec<Problem> = warnings.collect();
    warnings.sort();
    warnings
}

fn unrouted_sources(declared: &Declared<'_>, warnings: &mut Vec<Problem>) {
    for (name, line) in declared.sources {
        if !declared.routes.iter().any(|route| route.from == *name) {
            let name = name.as_str();
            warnings.push(warning(
                *line,
                format!(
                    "no route takes events from source `{name}`: they are stored, and end as \
                     PROCESSED with outcome `unrouted`"
                ),
            ));
        }
    }
}

fn unused_destinations(declared: &Declared<'_>, warnings: &mut Vec<Problem>) {
    for (name, line) in declared.destinations {
        if !declared.routes.iter().any(|route| route.to.name == *name) {
            warnings.push(warning(*line, format!("no route leads to destination `{name}`")));
        }
    }
}

/// Warns of each pattern of a route that earlier routes leave nothing, and of what they take from
/// it to somewhere else.
fn hidden<'r, I: Iterator<Item = &'r Route>>(
    route: &Route,
    earlier: impl Fn() -> I,
    warnings: &mut Vec<Problem>,
) {
    let mut reachable = 0;
    for kind in &route.kinds {
        let owner = earlier().find(|other| other.kinds.iter().any(|glob| glob.covers(kind)));
        if let Some(other) = owner {
            warnings.push(warning(
                route.line,
                format!(
                    "`{kind}` never gets here: the route on line {} takes it first, to `{}`",
                    other.line, other.to.name
                ),
            ));
            continue;
        }
        reachable += 1;
        for other in earlier().filter(|other| other.to.name != route.to.name) {
            let shared = other.kinds.iter().filter(|glob| glob.meets(kind));
            warnings.extend(shared.map(|glob| overlap(route, kind, other, glob)));
        }
    }
    if reachable == 0 {
        warnings.push(warning(
            route.line,
            "this route is unreachable: earlier routes take all of its kinds".to_owned(),
        ));
    }
}

fn overlap(route: &Route, kind: &Glob, other: &Route, glob: &Glob) -> Problem {
    warning(
        route.line,
        format!(
            "`{kind}` overlaps with `{glob}` of the route on line {}: what matches both goes to `{}` \
             only, the first in the file wins",
            other.line, other.to.name
        ),
    )
}

fn warning(line: usize, message: String) -> Problem {
    Problem { line, message }
}
