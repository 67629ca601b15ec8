//! The check itself.

use super::content::Signed;
use super::key::Key;
use super::rejection::{Rejection, SignedPart};
use super::scheme::{Scheme, Stamp, StampPlace, first_header};
use super::verified::Verified;
use crate::inbound::Inbound;
use crate::json;
use crate::provider::Provider;
use crate::secret::Secret;
use crate::time::Timestamp;
use subtle::Choice;

/// Proves a request, or says why it is not believed.
///
/// Every candidate signature of the header is compared with the code under every secret, on decoded
/// bytes and in constant time; which of them fitted does not change the time taken.
///
/// # Errors
/// A [`Rejection`]; the caller of the endpoint learns only that there was one.
pub fn verify<'r>(
    provider: &'r Provider,
    inbound: &'r Inbound,
    secrets: &[Secret],
    now: Timestamp,
) -> Result<Verified<'r>, Rejection> {
    let scheme = provider.scheme();
    let keys: Vec<Key<'_>> = secrets.iter().filter_map(|secret| scheme.key.key(secret)).collect();
    if keys.is_empty() {
        return Err(Rejection::NoUsableSecret);
    }
    let header =
        first_header(&inbound.headers, &scheme.headers).ok_or(Rejection::SignatureMissing)?;
    let stamp = scheme.timestamp.as_ref();
    let signed = Signed {
        method: &inbound.method,
        url: scheme.public_url.as_deref(),
        query: &inbound.query,
        headers: &inbound.headers,
        timestamp: stamp
            .map(|stamp| sent_stamp(scheme, stamp, inbound, header))
            .transpose()?
            .flatten(),
        id: first_header(&inbound.headers, &scheme.id),
        body: &inbound.body,
    };
    compare(scheme, &keys, header, &signed)?;
    let signed_at = match stamp {
        Some(stamp) => Some(judge(stamp, &signed, inbound, now)?),
        None => None,
    };
    Ok(Verified { provider, inbound, signed_at })
}

/// The timestamp's text where it stands outside the body.
fn sent_stamp<'r>(
    scheme: &'r Scheme,
    stamp: &Stamp,
    inbound: &'r Inbound,
    header: &'r [u8],
) -> Result<Option<&'r [u8]>, Rejection> {
    let missing = Rejection::PartMissing(SignedPart::Timestamp);
    match (&stamp.place, &scheme.format.timestamp_prefix) {
        (StampPlace::Headers(names), _) => {
            first_header(&inbound.headers, names).ok_or(missing).map(Some)
        }
        (StampPlace::Item, Some(prefix)) => scheme.format.timestamp(header, prefix).map(Some),
        (StampPlace::Item, None) => Err(missing),
        (StampPlace::Pointer(_), _) => Ok(None),
    }
}

fn compare(
    scheme: &Scheme,
    keys: &[Key<'_>],
    header: &[u8],
    signed: &Signed<'_>,
) -> Result<(), Rejection> {
    let pieces = scheme.content.pieces(signed)?;
    let decode = |text| scheme.algorithm.decode(scheme.encoding, text);
    if scheme.format.candidates(header).find_map(decode).is_none() {
        return Err(Rejection::SignatureMalformed);
    }
    let mut fits = Choice::from(0);
    for key in keys {
        let Some(mut mac) = scheme.algorithm.start(key.bytes()) else { continue };
        pieces.iter().for_each(|piece| mac.update(piece));
        let computed = mac.finish();
        for candidate in scheme.format.candidates(header).filter_map(decode) {
            fits |= computed.equals(&candidate);
        }
    }
    if bool::from(fits) { Ok(()) } else { Err(Rejection::Mismatch) }
}

/// Only called once the signature holds, so JSON may be read here.
fn judge(
    stamp: &Stamp,
    signed: &Signed<'_>,
    inbound: &Inbound,
    now: Timestamp,
) -> Result<Timestamp, Rejection> {
    let missing = Rejection::PartMissing(SignedPart::Timestamp);
    match &stamp.place {
        StampPlace::Headers(_) | StampPlace::Item => {
            stamp.window.judge(stamp.unit, signed.timestamp.ok_or(missing)?, now)
        }
        StampPlace::Pointer(pointer) => {
            let found = json::pick(&inbound.body, &[pointer]);
            let text = found.and_then(|mut values| values.pop().flatten()).ok_or(missing)?;
            stamp.window.judge(stamp.unit, text.as_bytes(), now)
        }
    }
}
