//! What an HTTP answer means.
//!
//! | answer | outcome | because |
//! |---|---|---|
//! | 2xx | delivered | the endpoint took it |
//! | 410 | rejected: dead at once | the one answer that says "never again" (Standard Webhooks) |
//! | everything else | retried | see below |
//!
//! A 400, 401, 403, 404 or 422 mostly comes from a deployment that went wrong and is mended within
//! minutes; an event that died of it would have to be replayed by hand. A redirect (3xx) is never
//! followed, because that would take the signed body to an address nobody configured; it is
//! retried because the mistake is in a setting that will be corrected. What really never passes
//! ends when the attempts are used up, and can still be replayed. An endpoint that knows better
//! answers 410.
//!
//! `Retry-After` is heard on every answer that is retried, in seconds or as a date, and never for
//! more than a day.

use crate::excerpt;
use holdfast_domain::outcome::{Class, Ending, Failure, Outcome};
use holdfast_domain::retry::Policy;
use holdfast_domain::time::{Span, Timestamp};
use std::time::UNIX_EPOCH;

/// An HTTP answer, as far as it matters.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Answer<'a> {
    /// The status code.
    pub(crate) status: u16,
    /// Its usual name.
    pub(crate) reason: Option<&'a str>,
    /// The `Retry-After` header.
    pub(crate) retry_after: Option<&'a [u8]>,
    /// The beginning of the body.
    pub(crate) text: &'a [u8],
}

/// What it means.
pub(crate) fn answer(answer: Answer<'_>, now: Timestamp) -> Outcome {
    match answer.status {
        200..=299 => Outcome::done(Ending::Delivered),
        410 => Outcome::Reject(failure(answer)),
        _ => Outcome::Retry {
            failure: failure(answer),
            after: answer.retry_after.and_then(|value| retry_after(value, now)),
        },
    }
}

fn failure(answer: Answer<'_>) -> Failure {
    let reason = match answer.status {
        300..=399 => "redirects are not followed",
        _ => answer.reason.unwrap_or("no such status is known"),
    };
    let text = excerpt::line(answer.text);
    let message = if text.is_empty() { reason.to_owned() } else { format!("{reason}: {text}") };
    Failure::new(Class::Status, message).with_status(answer.status)
}

/// The wait that a `Retry-After` header asks for (RFC 9110, section 10.2.3), at most
/// [`Policy::LONGEST_CAP`]; `None` if it is neither a whole number of seconds nor a date.
fn retry_after(value: &[u8], now: Timestamp) -> Option<Span> {
    let text = std::str::from_utf8(value).ok()?.trim();
    let asked = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number too large to read is only more than the cap.
        Span::from_secs(text.parse().unwrap_or(u64::MAX))
    } else {
        let date = httpdate::parse_http_date(text).ok()?;
        let since_epoch = date.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        Timestamp::from_secs(i64::try_from(since_epoch).unwrap_or(i64::MAX)).since(now)
    };
    Some(asked.min(Policy::LONGEST_CAP))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(784_111_777); // Sun, 06 Nov 1994 08:49:37 GMT

    fn of(status: u16, retry_after: Option<&[u8]>, text: &[u8]) -> Outcome {
        answer(Answer { status, reason: Some("Reason"), retry_after, text }, NOW)
    }

    #[test]
    fn only_2xx_is_done_and_only_410_is_final() {
        for status in 100..=999 {
            let outcome = of(status, None, b"");
            match status {
                200..=299 => assert_eq!(outcome, Outcome::done(Ending::Delivered)),
                410 => assert!(matches!(outcome, Outcome::Reject(_)), "{status}"),
                _ => assert!(matches!(outcome, Outcome::Retry { .. }), "{status}"),
            }
        }
    }

    #[test]
    fn says_what_came_back() {
        let Outcome::Retry { failure, after } = of(503, None, b"no\ndatabase\x07") else {
            panic!("a 503 is retried");
        };
        assert_eq!(failure.to_string(), "status 503: Reason: no database");
        assert_eq!(after, None);
        let Outcome::Retry { failure, .. } = of(307, None, b"") else {
            panic!("a redirect is retried");
        };
        assert_eq!(failure.to_string(), "status 307: redirects are not followed");
    }

    #[test]
    fn retry_after_is_heard_on_every_answer_that_is_retried() {
        for status in [301, 404, 408, 425, 429, 500, 502, 503, 504] {
            let Outcome::Retry { after, .. } = of(status, Some(b"7"), b"") else {
                panic!("{status} is retried");
            };
            assert_eq!(after, Some(Span::from_secs(7)), "{status}");
        }
    }

    #[test]
    fn retry_after_forms() {
        let cases: [(&[u8], Option<Span>); 20] = [
            (b"0", Some(Span::ZERO)),
            (b" 120 ", Some(Span::from_secs(120))),
            (b"0000000000000000000000120", Some(Span::from_secs(120))),
            (b"86400", Some(Policy::LONGEST_CAP)),
            (b"86401", Some(Policy::LONGEST_CAP)),
            (b"18446744073709551615", Some(Policy::LONGEST_CAP)),
            (b"99999999999999999999999999999", Some(Policy::LONGEST_CAP)),
            (b"Sun, 06 Nov 1994 08:49:47 GMT", Some(Span::from_secs(10))),
            (b"Sunday, 06-Nov-94 08:49:47 GMT", Some(Span::from_secs(10))),
            (b"Sun Nov  6 08:49:47 1994", Some(Span::from_secs(10))),
            (b"Sun, 06 Nov 1994 08:49:00 GMT", Some(Span::ZERO)),
            (b"Fri, 31 Dec 9999 23:59:59 GMT", Some(Policy::LONGEST_CAP)),
            (b"Thu, 01 Jan 1970 00:00:00 GMT", Some(Span::ZERO)),
            (b"", None),
            (b"-5", None),
            (b"+5", None),
            (b"1.5", None),
            (b"1e9", None),
            (b"soon", None),
            (b"\xff\xfe", None),
        ];
        for (value, expected) in cases {
            assert_eq!(retry_after(value, NOW), expected, "{:?}", String::from_utf8_lossy(value));
        }
    }

    /// Random bytes from a fixed seed, so that a failure can be seen again.
    struct Noise(u64);

    impl Noise {
        fn next(&mut self) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0
        }

        fn bytes(&mut self, alphabet: &[u8]) -> Vec<u8> {
            let length = self.next() % 40;
            (0..length)
                .map(|_| {
                    let pick = self.next() as usize;
                    if alphabet.is_empty() { pick as u8 } else { alphabet[pick % alphabet.len()] }
                })
                .collect()
        }
    }

    #[test]
    fn no_answer_whatever_breaks_the_bounds() {
        let mut noise = Noise(0x9e37_79b9_7f4a_7c15);
        let dates = b"SunMoNvJaDec, :0123456789-+GT\t";
        for round in 0..20_000 {
            let alphabet: &[u8] = [&b""[..], b"0123456789", dates][round % 3];
            let retry_after = noise.bytes(alphabet);
            let text = noise.bytes(b"").repeat(40);
            let now = Timestamp::from_millis(noise.next().cast_signed());
            let status = (noise.next() % 1000) as u16;
            let seen =
                Answer { status, reason: None, retry_after: Some(&retry_after), text: &text };
            let failure = match answer(seen, now) {
                Outcome::Done(ending, _) => {
                    assert_eq!((ending, status / 100), (Ending::Delivered, 2));
                    continue;
                }
                Outcome::Retry { failure, after } => {
                    assert!(after.is_none_or(|after| after <= Policy::LONGEST_CAP), "{after:?}");
                    failure
                }
                Outcome::Reject(failure) => failure,
                Outcome::Defer { .. } => panic!("an answer never defers"),
            };
            assert!(failure.message.len() <= Failure::MAX_MESSAGE_BYTES);
            assert!(!failure.message.contains(char::is_control), "{:?}", failure.message);
        }
    }
}
