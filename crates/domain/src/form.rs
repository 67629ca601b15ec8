//! Parameters as browsers and providers write them: `application/x-www-form-urlencoded` bodies,
//! queries, and the simple fields of `multipart/form-data`. Total: whatever is no escape stands for
//! itself.

use crate::inbound::Inbound;

/// Decoded names and values in the order of the text.
pub(crate) type Pairs = Vec<(Vec<u8>, Vec<u8>)>;

/// The parameters of a query or of a form in a body, decoded once.
pub(crate) fn pairs(text: &[u8]) -> Pairs {
    let items = text.split(|byte| *byte == b'&').filter(|item| !item.is_empty());
    items
        .map(|item| {
            let at = item.iter().position(|byte| *byte == b'=').unwrap_or(item.len());
            let (name, value) = item.split_at_checked(at).unwrap_or((item, &[]));
            (decode(name), decode(value.strip_prefix(b"=").unwrap_or(value)))
        })
        .collect()
}

const URLENCODED: &str = "application/x-www-form-urlencoded";

/// More than any provider sends. Forms are read, and sorted, before anything is proved: without a limit
/// one of two million parameters takes all of a function's memory and time.
const MOST_PARAMETERS: usize = 4_096;

/// The parameters in the body of a request, if its type says that they are; none of a form with more
/// than [`MOST_PARAMETERS`].
pub(crate) fn of_body(inbound: &Inbound) -> Pairs {
    let declared = inbound.headers.text("content-type").unwrap_or_default();
    match kind(&declared).as_str() {
        URLENCODED if is_excessive(&inbound.body) => Pairs::new(),
        URLENCODED => pairs(&inbound.body),
        "multipart/form-data" => boundary(&declared)
            .map(|boundary| fields(&inbound.body, boundary.as_bytes()))
            .unwrap_or_default(),
        _ => Pairs::new(),
    }
}

fn is_excessive(form: &[u8]) -> bool {
    form.iter().filter(|byte| **byte == b'&').count() >= MOST_PARAMETERS
}

/// Whether a body says that it is a text of parameters, every byte of which belongs to one. Of the
/// parts of a multipart body two readers may make different fields.
pub(crate) fn is_urlencoded(inbound: &Inbound) -> bool {
    kind(&inbound.headers.text("content-type").unwrap_or_default()) == URLENCODED
}

fn kind(declared: &str) -> String {
    declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The value of the first parameter with a name.
pub(crate) fn value<'p>(pairs: &'p Pairs, name: &str) -> Option<&'p [u8]> {
    let found = pairs.iter().find(|(known, _)| known == name.as_bytes());
    found.map(|(_, value)| value.as_slice())
}

fn decode(text: &[u8]) -> Vec<u8> {
    let digit = |byte: Option<&u8>| byte.and_then(|byte| char::from(*byte).to_digit(16));
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        let escape = (digit(after.first()), digit(after.get(1)));
        match (first, escape) {
            (b'%', (Some(high), Some(low))) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
                rest = after.get(2..).unwrap_or_default();
            }
            (b'+', _) => bytes.push(b' '),
            (other, _) => bytes.push(*other),
        }
    }
    bytes
}

/// A text as the value of a form of the type `application/x-www-form-urlencoded`.
pub(crate) fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' => {
                escaped.push(char::from(byte));
            }
            _ => escaped.push_str(&format!("%{byte:02X}")),
        }
    }
    escaped
}

fn boundary(declared: &str) -> Option<&str> {
    let (_, after) = declared.split_once("boundary=")?;
    let text = after.split(';').next()?.trim().trim_matches('"');
    (!text.is_empty() && text.len() <= 70).then_some(text)
}

fn fields(body: &[u8], boundary: &[u8]) -> Pairs {
    let delimiter = [b"--", boundary].concat();
    let mut found = Pairs::new();
    let mut rest = body;
    while let Some(at) = find(rest, &delimiter) {
        rest = rest.get(at + delimiter.len()..).unwrap_or_default();
        let Some(part) = rest.strip_prefix(b"\r\n") else { break };
        let Some(blank) = find(part, b"\r\n\r\n") else { break };
        let Some((head, content)) = part.split_at_checked(blank) else { break };
        let content = content.get(4..).unwrap_or_default();
        let Some(end) = find(content, &[b"\r\n", delimiter.as_slice()].concat()) else { break };
        let Some((value, after)) = content.split_at_checked(end) else { break };
        if let Some(name) = field_name(head) {
            found.push((name, value.to_vec()));
        }
        rest = after;
    }
    found
}

fn field_name(head: &[u8]) -> Option<Vec<u8>> {
    let text = String::from_utf8_lossy(head);
    let line = text.lines().find(|line| {
        line.get(..20).is_some_and(|start| start.eq_ignore_ascii_case("content-disposition:"))
    })?;
    let (_, after) = line.split_once("; name=\"")?;
    after.split_once('"').map(|(name, _)| name.as_bytes().to_vec())
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoded_exactly_once() {
        let found = pairs(b"a=1+%2B&b&&=x&c=%zz%4&d=%25%32%30&a=2");
        let expected: [(&[u8], &[u8]); 6] = [
            (b"a", b"1 +"),
            (b"b", b""),
            (b"", b"x"),
            (b"c", b"%zz%4"),
            (b"d", b"%20"),
            (b"a", b"2"),
        ];
        assert_eq!(found, expected.map(|(name, value)| (name.to_vec(), value.to_vec())));
        assert_eq!(value(&found, "a"), Some(&b"1 +"[..]));
    }

    #[test]
    fn a_form_of_too_many_parameters_is_none() {
        let form = |parameters: usize| {
            let headers = [("content-type", URLENCODED)].into_iter().collect();
            of_body(&Inbound::post("/", headers, vec!["a"; parameters].join("&"))).len()
        };
        assert_eq!([form(1), form(4_096), form(4_097)], [1, 4_096, 0]);
    }

    #[test]
    fn fields_of_a_multipart_body() {
        let body = "--x\r\nContent-Disposition: form-data; name=\"json\"\r\n\r\n{\"a\":1}\r\n--x\r\n\
                    content-disposition: form-data; name=\"b\"\r\nX: y\r\n\r\n\r\n--x--\r\n";
        let headers = [("content-type", "multipart/form-data; boundary=x")].into_iter().collect();
        let found = of_body(&Inbound::post("/", headers, body));
        assert_eq!(value(&found, "json"), Some(&b"{\"a\":1}"[..]));
        assert_eq!(value(&found, "b"), Some(&b""[..]));
    }

    #[test]
    fn broken_multipart_gives_nothing() {
        for body in ["", "--x", "--x\r\n", "--x\r\n\r\n", "--x\r\na\r\n\r\nb", "--x\r\n\r\n\r\n--y"]
        {
            let headers =
                [("content-type", "multipart/form-data; boundary=\"x\"")].into_iter().collect();
            assert!(of_body(&Inbound::post("/", headers, body)).is_empty(), "{body:?}");
        }
    }

    #[test]
    fn a_boundary_has_one_to_seventy_characters() {
        let declared = |text: &str| format!("multipart/form-data; boundary={text}");
        let longest = "x".repeat(70);
        assert_eq!(boundary(&declared(&longest)), Some(longest.as_str()));
        for none in ["", "\"\"", &"x".repeat(71)] {
            assert_eq!(boundary(&declared(none)), None, "{none}");
        }
    }

    #[test]
    fn what_is_escaped_is_decoded_to_the_same() {
        let text = "aZ09-._ ~&=+%\u{e9}";
        assert_eq!(escaped(text), "aZ09-._%20%7E%26%3D%2B%25%C3%A9");
        assert_eq!(decode(escaped(text).as_bytes()), text.as_bytes());
    }
}
