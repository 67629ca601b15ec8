//! Reading a function's environment: every problem at once, not one a deployment.

use crate::stack::Resources;
use holdfast_domain::time::Span;
use std::fmt;

type Lookup = dyn Fn(&str) -> Option<String>;

/// The variables of a process, and what was wrong with those asked for so far.
pub struct Environment {
    lookup: Box<Lookup>,
    problems: Vec<String>,
}

/// Everything that is wrong with an environment, or with what it points to.
#[derive(Debug, PartialEq, Eq)]
pub struct Problems(Vec<String>);

impl std::error::Error for Problems {}

impl fmt::Display for Problems {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "the function cannot start: {}", self.0.join("; "))
    }
}

impl Environment {
    /// The variables of this process.
    pub fn of_process() -> Self {
        Self::new(|name| std::env::var(name).ok())
    }

    /// Other variables, for tests.
    pub fn new(lookup: impl Fn(&str) -> Option<String> + 'static) -> Self {
        Self { lookup: Box::new(lookup), problems: Vec::new() }
    }

    /// A variable that has to be there; empty after reporting that it is not.
    pub fn required(&mut self, name: &str) -> String {
        self.optional(name).unwrap_or_else(|| {
            self.problem(format!("{name} is not set"));
            String::new()
        })
    }

    /// A variable that may be there.
    pub fn optional(&self, name: &str) -> Option<String> {
        (self.lookup)(name).filter(|value| !value.is_empty())
    }

    /// A whole number that has to be there; 0 after reporting that it is not.
    pub fn number(&mut self, name: &str) -> u32 {
        let text = self.required(name);
        text.parse().unwrap_or_else(|_| {
            if !text.is_empty() {
                self.problem(format!("{name} is {text:?}, which is not a whole number"));
            }
            0
        })
    }

    /// Whole seconds that have to be there.
    pub fn seconds(&mut self, name: &str) -> Span {
        Span::from_secs(u64::from(self.number(name)))
    }

    /// The names of the stack's resources.
    pub fn resources(&mut self) -> Resources {
        Resources {
            table: self.required("HOLDFAST_TABLE"),
            bodies_table: self.required("HOLDFAST_BODIES_TABLE"),
            bodies_bucket: self.required("HOLDFAST_BODIES_BUCKET"),
            queue_url: self.required("HOLDFAST_QUEUE_URL"),
            secret_id: self.required("HOLDFAST_SECRET_ID"),
        }
    }

    /// The filter of the log, `info` by default.
    pub fn log_filter(&self) -> String {
        self.optional("HOLDFAST_LOG").unwrap_or_else(|| "info".to_owned())
    }

    /// The function's own name, the dimension of its metrics.
    pub fn function_name(&self, otherwise: &str) -> String {
        self.optional("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_else(|| otherwise.to_owned())
    }

    /// The text of `holdfast.toml`, which is packaged beside the program.
    pub fn configuration_text(&mut self) -> String {
        let path = self.optional("HOLDFAST_CONFIG").unwrap_or_else(|| "holdfast.toml".to_owned());
        std::fs::read_to_string(&path).unwrap_or_else(|error| {
            self.problem(format!("{path} cannot be read: {error}"));
            String::new()
        })
    }

    /// Reports a problem that something else found.
    pub fn problem(&mut self, problem: impl fmt::Display) {
        self.problems.push(problem.to_string());
    }

    /// What was read, if nothing was wrong.
    ///
    /// # Errors
    /// All problems at once.
    pub fn finish<T>(self, value: Option<T>) -> Result<T, Problems> {
        match value {
            Some(value) if self.problems.is_empty() => Ok(value),
            _ => Err(Problems(self.problems)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_problems_come_at_once() {
        let mut env = Environment::new(|name| match name {
            "HOLDFAST_TABLE" => Some("events".to_owned()),
            "HOLDFAST_MAX_RECEIVE_COUNT" => Some("many".to_owned()),
            "HOLDFAST_QUEUE_URL" => Some(String::new()),
            _ => None,
        });
        let resources = env.resources();
        env.number("HOLDFAST_MAX_RECEIVE_COUNT");
        let problems = env.finish(Some(resources)).unwrap_err().to_string();
        for part in [
            "HOLDFAST_BODIES_TABLE is not set",
            "HOLDFAST_QUEUE_URL is not set",
            "HOLDFAST_MAX_RECEIVE_COUNT is \"many\", which is not a whole number",
        ] {
            assert!(problems.contains(part), "{problems}");
        }
        assert!(!problems.contains("HOLDFAST_TABLE"), "{problems}");
    }
}
