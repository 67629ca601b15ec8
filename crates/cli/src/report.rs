//! What a verb says, and whether all is well.

use std::fmt::Write;

/// The answer of a verb.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What to print.
    pub text: String,
    /// Whether what was asked for is so, or was done.
    pub is_well: bool,
    /// Whether all of it could be found out. What is not known is not well either.
    pub is_known: bool,
}

impl Report {
    /// Nothing to say yet, and all is well.
    pub fn new() -> Self {
        Self { text: String::new(), is_well: true, is_known: true }
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

    /// Adds a line that says what could not be found out. The others stand: what was done before is
    /// not to be done again for want of a report.
    pub fn unknown(&mut self, line: impl std::fmt::Display) {
        self.trouble(line);
        self.is_known = false;
    }
}

impl Default for Report {
    fn default() -> Self {
        Self::new()
    }
}
