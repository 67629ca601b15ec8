//! The timestamp of a scheme: where it stands, in which unit, and how near to now it must be.

use super::freshness::{Future, Window};
use super::header::Format;
use super::rejection::{Rejection, SignedPart};
use super::scheme::{Scheme, first_header, lower};
use crate::inbound::Inbound;
use crate::json::{self, Pointer};
use crate::moment::Unit;
use crate::reading::Table;
use crate::time::{Span, Timestamp};

/// The timestamp of a scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) place: StampPlace,
    pub(super) unit: Unit,
    pub(super) window: Window,
    /// Whether its distance from now matters at all: some providers keep it over days of retries.
    pub(super) judged: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum StampPlace {
    /// In a header of its own; the first that is there.
    Headers(Vec<String>),
    /// Beside the signatures, as [`Format::timestamp_prefix`] says.
    Item,
    /// In the signed body.
    Pointer(Pointer),
}

const DEFAULT_TOLERANCE_SECS: i64 = 300;
/// No signed time is older, in seconds: 2001-09-09, from when on seconds have ten digits. Where nothing
/// stands between time and body, a shorter number could have given its last digits to the body.
const EARLIEST_SECS: i64 = 1_000_000_000;
const MISSING: Rejection = Rejection::PartMissing(SignedPart::Timestamp);

impl Stamp {
    /// Reads the keys of a scheme that are about its timestamp; `None` when it has none.
    pub(super) fn read(table: &mut Table<'_>, format: &Format) -> Option<Self> {
        let line = table.line_of("timestamp");
        let headers = table.one_or_more("timestamp");
        let unit = table.optional_one_of("timestamp_unit", &Unit::WORDS);
        let tolerance = table.optional_integer("tolerance_secs", Scheme::TOLERANCE_SECS);
        let future = table.optional_one_of("future", &Future::WORDS);
        let judged = table.boolean("timestamp_judged", true);
        let place = match (headers.as_slice(), &format.timestamp_prefix) {
            ([], Some(_)) => {
                if format.separator.is_none() {
                    table.problem("`timestamp_prefix` needs a `separator`");
                }
                Some(StampPlace::Item)
            }
            ([], None) => None,
            (_, Some(_)) => {
                let both = "`timestamp` and `timestamp_prefix` exclude each other";
                table.problem_on_line(line, both);
                None
            }
            ([one], None) if one.starts_with('/') => Pointer::parse(one).map(StampPlace::Pointer),
            (_, None) => Some(StampPlace::Headers(lower(headers))),
        };
        if place.is_none() && (unit.is_some() || tolerance.is_some() || future.is_some()) {
            table.problem("`timestamp_unit`, `tolerance_secs` and `future` need a `timestamp`");
        }
        let secs = tolerance.unwrap_or(DEFAULT_TOLERANCE_SECS).unsigned_abs();
        let window =
            Window { tolerance: Span::from_secs(secs), future: future.unwrap_or_default() };
        place.map(|place| Self { place, unit: unit.unwrap_or_default(), window, judged })
    }

    /// Seconds in a header of their own, judged with the default tolerance in both directions.
    pub(super) fn in_seconds(header: &str) -> Self {
        let place = StampPlace::Headers(vec![header.to_owned()]);
        let tolerance = Span::from_secs(DEFAULT_TOLERANCE_SECS.unsigned_abs());
        let window = Window { tolerance, future: Future::Tolerate };
        Self { place, unit: Unit::Seconds, window, judged: true }
    }

    /// The header of its own that it stands in; the first, where there may be several.
    pub(super) fn header(&self) -> Option<&str> {
        match &self.place {
            StampPlace::Headers(names) => names.first().map(String::as_str),
            StampPlace::Item | StampPlace::Pointer(_) => None,
        }
    }

    pub(super) fn is_in_body(&self) -> bool {
        matches!(self.place, StampPlace::Pointer(_))
    }

    /// The text that was sent outside the body; `None` when the timestamp stands in the body.
    pub(super) fn sent<'r>(
        &self,
        format: &'r Format,
        inbound: &'r Inbound,
        signature_header: &'r [u8],
    ) -> Result<Option<&'r [u8]>, Rejection> {
        match (&self.place, &format.timestamp_prefix) {
            (StampPlace::Headers(names), _) => {
                first_header(&inbound.headers, names).ok_or(MISSING).map(Some)
            }
            (StampPlace::Item, Some(prefix)) => {
                format.timestamp(signature_header, prefix).map(Some)
            }
            (StampPlace::Item, None) => Err(MISSING),
            (StampPlace::Pointer(_), _) => Ok(None),
        }
    }

    /// Judges the timestamp. Only called once the signature holds, so JSON may be read here.
    pub(super) fn judge(
        &self,
        sent: Option<&[u8]>,
        body: &[u8],
        now: Timestamp,
    ) -> Result<Timestamp, Rejection> {
        match &self.place {
            StampPlace::Headers(_) | StampPlace::Item => self.judge_text(sent.ok_or(MISSING)?, now),
            StampPlace::Pointer(pointer) => {
                let found = json::pick(body, &[pointer]);
                let text = found.and_then(|mut values| values.pop().flatten()).ok_or(MISSING)?;
                self.judge_text(text.as_bytes(), now)
            }
        }
    }

    fn judge_text(&self, text: &[u8], now: Timestamp) -> Result<Timestamp, Rejection> {
        if self.judged {
            return self.window.judge(self.unit, text, now);
        }
        let at = self.unit.read(text).filter(|at| *at >= Timestamp::from_secs(EARLIEST_SECS));
        at.ok_or(Rejection::TimestampMalformed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_is_not_judged_has_to_be_one() {
        let now = Timestamp::from_secs(1_780_286_655);
        let unjudged = Stamp { judged: false, ..Stamp::in_seconds("t") };
        let judge = |text: &str| unjudged.judge(Some(text.as_bytes()), b"", now);
        let earliest = Timestamp::from_secs(1_000_000_000);
        assert_eq!(judge("1000000000"), Ok(earliest), "however long ago");
        for text in ["999999999", "178028665", "1780286655{", ""] {
            assert_eq!(judge(text), Err(Rejection::TimestampMalformed), "{text}");
        }
        let pointer = Pointer::parse("/t").expect("a pointer");
        let inside = Stamp { place: StampPlace::Pointer(pointer), ..unjudged };
        assert_eq!(inside.judge(None, br#"{"t":1000000000}"#, now), Ok(earliest));
        assert_eq!(inside.judge(None, br#"{"t":1}"#, now), Err(Rejection::TimestampMalformed));
        assert_eq!(inside.judge(None, b"{}", now), Err(MISSING));
    }
}
