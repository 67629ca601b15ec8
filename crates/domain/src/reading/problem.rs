//! What is wrong with a document, and where. Never contains a secret: documents hold only names.

use std::fmt;

/// One thing to correct.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The line in the document, counted from 1.
    pub line: usize,
    /// What is wrong and what is allowed, for people.
    pub message: String,
}

/// Everything to correct in one document, in the order of lines; never empty when returned as an
/// error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Problems(Vec<Problem>);

impl Problems {
    pub(super) fn new(mut problems: Vec<Problem>) -> Self {
        problems.sort();
        Self(problems)
    }

    /// A reader that gave up without saying why is itself worth a line.
    pub(super) fn or_else_incomplete(mut self) -> Self {
        if self.0.is_empty() {
            self.0.push(Problem { line: 1, message: "the document is incomplete".to_owned() });
        }
        self
    }

    /// The problems in the order of their lines.
    pub fn iter(&self) -> impl Iterator<Item = &Problem> {
        self.0.iter()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "line {}: {}", self.line, self.message)
    }
}

impl fmt::Display for Problems {
    /// One problem a line.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (nth, problem) in self.0.iter().enumerate() {
            if nth > 0 {
                out.write_str("\n")?;
            }
            problem.fmt(out)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}
