//! A request out of plain bytes, readable in a fuzzer's corpus and easy to mutate:
//!
//! ```text
//! POST stripe a=b
//! stripe-signature: t=1,v1=00
//! content-type: application/json
//!
//! {"id":1}
//! ```

use holdfast_domain::headers::Headers;
use holdfast_domain::inbound::Inbound;

/// The name in the first line and the request to it. Every text is one: what is missing is empty.
pub(crate) fn request(data: &[u8]) -> (String, Inbound) {
    let (head, body) = split(data, b"\n\n");
    let mut lines = head.split(|byte| *byte == b'\n');
    let first = String::from_utf8_lossy(lines.next().unwrap_or_default()).into_owned();
    let mut words = first.splitn(3, ' ').map(str::to_owned);
    let mut word = || words.next().unwrap_or_default();
    let (method, name, query) = (word(), word(), word());
    let mut headers = Headers::new();
    for line in lines {
        let (name, value) = split(line, b": ");
        headers.add(&String::from_utf8_lossy(name), value);
    }
    let path = format!("/hooks/{name}");
    (name, Inbound { method, path, query, headers, body: body.to_vec().into() })
}

/// The text that [`request`] reads.
pub(crate) fn written(name: &str, inbound: &Inbound) -> Vec<u8> {
    let mut text = format!("{} {name} {}\n", inbound.method, inbound.query).into_bytes();
    for (name, value) in inbound.headers.iter() {
        text.extend([name.as_bytes(), b": ", value, b"\n"].concat());
    }
    text.push(b'\n');
    text.extend_from_slice(&inbound.body);
    text
}

fn split<'d>(data: &'d [u8], by: &[u8]) -> (&'d [u8], &'d [u8]) {
    let at = data.windows(by.len()).position(|window| window == by).unwrap_or(data.len());
    let (before, after) = data.split_at(at);
    (before, after.strip_prefix(by).unwrap_or_default())
}
