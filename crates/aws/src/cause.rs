//! What an SDK error says, in one line for the log. The SDK's own `Debug` output repeats raw
//! answers, with items and secrets in them. So do some messages of refused values, which are left
//! out.

use aws_sdk_dynamodb::error::{ProvideErrorMetadata, SdkError};
use std::borrow::Cow;
use std::error::Error;

/// The code and message of a refused call, or the chain of what broke on the way.
pub(crate) fn of<E, R>(error: &SdkError<E, R>) -> String
where
    E: ProvideErrorMetadata + Error + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    match error {
        SdkError::ServiceError(refusal) => {
            let code = refusal.err().code().unwrap_or("an error without a code");
            match refusal.err().message() {
                Some(message) => format!("{code}: {}", without_values(message)),
                None => code.to_owned(),
            }
        }
        _ => chain(error),
    }
}

/// A message without what was sent: "1 validation error detected: Value '…' at 'path' failed to
/// satisfy constraint: …" repeats the value, which may be a body.
pub(crate) fn without_values(message: &str) -> Cow<'_, str> {
    let Some((before, rest)) = message.split_once("Value '") else { return message.into() };
    // The value may have a quotation mark in it, or words like those behind it.
    match rest.rsplit_once("' at '") {
        Some((_, behind)) => format!("{before}a value at '{behind}").into(),
        None => format!("{before}a value").into(),
    }
}

fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(source) = next {
        text.push_str(": ");
        text.push_str(&source.to_string());
        next = source.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_sent_is_not_repeated() {
        for (message, told) in [
            ("The table is gone", "The table is gone"),
            (
                "1 validation error detected: Value 'it's a secret' at 'x' failed: too long",
                "1 validation error detected: a value at 'x' failed: too long",
            ),
            (
                "2 validation errors detected: Value 'a' at 'x' failed; Value 'b' at 'y' failed",
                "2 validation errors detected: a value at 'y' failed",
            ),
            ("1 validation error detected: Value 'cut o", "1 validation error detected: a value"),
        ] {
            assert_eq!(without_values(message), told);
        }
    }
}
