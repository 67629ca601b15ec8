//! Bodies are kept compressed (zstd), read back with a bound.

use std::io::Read;

/// Fast, and within a few per cent of what higher levels reach on JSON.
const LEVEL: i32 = 3;

/// The largest body that is read back: more than any request that reaches a function. What claims
/// to be larger was not written by this program.
pub(super) const LARGEST_BODY: u64 = 16 * 1024 * 1024;

/// The largest window that is allocated for reading, as a power of two.
const LARGEST_WINDOW_LOG: u32 = 24;

pub(super) fn compress(body: &[u8]) -> std::io::Result<Vec<u8>> {
    zstd::stream::encode_all(body, LEVEL)
}

/// The body, or `None` for anything that is not a compressed body of at most [`LARGEST_BODY`].
pub(super) fn decompress(compressed: &[u8]) -> Option<Vec<u8>> {
    let mut decoder = zstd::stream::read::Decoder::with_buffer(compressed).ok()?;
    decoder.window_log_max(LARGEST_WINDOW_LOG).ok()?;
    let mut body = Vec::new();
    decoder.take(LARGEST_BODY + 1).read_to_end(&mut body).ok()?;
    (u64::try_from(body.len()).ok()? <= LARGEST_BODY).then_some(body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_come_back() {
        let every_byte: Vec<u8> = (0..=255).collect();
        for body in [&b""[..], b"{}", &every_byte, &vec![b'x'; 100_000]] {
            let compressed = compress(body).unwrap();
            assert_eq!(decompress(&compressed).as_deref(), Some(body));
        }
    }

    #[test]
    fn a_bomb_does_not_go_off() {
        let largest = usize::try_from(LARGEST_BODY).unwrap();
        let fits = compress(&vec![0; largest]).unwrap();
        assert_eq!(decompress(&fits).map(|body| body.len()), Some(largest));
        let bomb = compress(&vec![0; largest + 1]).unwrap();
        assert!(bomb.len() < 4096);
        assert_eq!(decompress(&bomb), None);
    }

    #[test]
    fn what_is_not_compressed_is_nothing() {
        let mut cut = compress(&[b'x'; 1000]).unwrap();
        cut.truncate(cut.len() - 1);
        assert_eq!(decompress(&cut), None);
        assert_eq!(decompress(b"{}"), None);
    }
}
