//! What a verb says, and whether all is well.

use std::fmt::Write;

/// The answer of a verb.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What to print.
    pub text: String,
    /// Whether what was asked for is so, or was done.
    pub is_well: bool,
}

impl Report {
    /// Nothing to say yet, and all is well.
    pub fn new() -> Self {
        Self { text: String::new(), is_well: true }
    }

    /// Adds a line.
    pub fn line(&mut self, line: impl std::fmt::Display) {
        // Writing to a text does not fail.
        let _ = writeln!(self.text, "{line}");
    }

    /// Adds a line that says what is not well.
    pub fn trouble(&mut self, line: impl std::fmt::Display) {
        self.line(line);
        self.is_well = false;
    }
}

impl Default for Report {
    fn default() -> Self {
        Self::new()
    }
}
