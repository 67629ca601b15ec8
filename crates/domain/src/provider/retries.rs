//! For how long a provider may send an event again, and so for how long it must be remembered.
//!
//! ```text
//! its own retries + resends by hand + 30 days   but at least 90 days
//! ```
//!
//! The 30 days are for what happens after the last delivery: the reconciler looks back up to 29 days.

use crate::reading::Table;
use crate::time::Span;

/// A provider's retries: the `retries` table of a definition.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retries {
    /// How it retries, in a sentence.
    pub how: String,
    /// From the first attempt to the last that it makes by itself.
    pub lasting: Option<Span>,
    /// For how long somebody can have it sent again.
    pub by_hand: Option<Span>,
}

impl Retries {
    const AFTER_THE_LAST: Span = Span::from_days(30);
    const LEAST: Span = Span::from_days(90);

    pub(super) fn read(table: &mut Table<'_>) -> Self {
        Self {
            how: table.string("how").unwrap_or_default(),
            lasting: table.optional_span("for"),
            by_hand: table.optional_span("by_hand"),
        }
    }

    /// For how long an event must be remembered once it is processed.
    pub fn dedupe(&self) -> Span {
        let (lasting, by_hand) =
            (self.lasting.unwrap_or(Span::ZERO), self.by_hand.unwrap_or(Span::ZERO));
        lasting.plus(by_hand).plus(Self::AFTER_THE_LAST).max(Self::LEAST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reading::read;

    #[test]
    fn an_event_is_remembered_for_longer_than_it_may_come_again() {
        let dedupe =
            |text: &str| read(text, |root| Some(Retries::read(root))).expect("valid").dedupe();
        assert_eq!(dedupe("how = \"Never\""), Span::from_days(90));
        assert_eq!(dedupe("how = \"x\"\nfor = \"3d\"\nby_hand = \"30d\""), Span::from_days(90));
        assert_eq!(dedupe("how = \"x\"\nfor = \"2d\"\nby_hand = \"90d\""), Span::from_days(122));
    }
}
