//! The hash of a request's method, path and query that tokens of Atlassian Connect claim as `qsh`
//! ("Understanding JWT for Connect apps", developer.atlassian.com: creating a query string hash).
//! It binds a token to one request line; the body stays uncovered.

use crate::form;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;

/// The SHA-256, in hex digits, of the canonical form of a request to a URL without a query.
pub(super) fn request_hash(method: &str, url: &str, query: &str) -> String {
    hex::encode(Sha256::digest(canonical(method, url, query)))
}

/// `METHOD&/path&name=value,value&…`: parameters sorted and escaped, the token's own left out.
fn canonical(method: &str, url: &str, query: &str) -> String {
    let mut all: BTreeMap<String, Vec<Vec<u8>>> = BTreeMap::new();
    for (name, value) in form::pairs(query.as_bytes()) {
        if name != b"jwt" {
            all.entry(escaped(&name)).or_default().push(value);
        }
    }
    let parameter = |(name, mut values): (String, Vec<Vec<u8>>)| {
        // By their plain bytes, as Atlassian's own libraries do.
        values.sort_unstable();
        let values: Vec<String> = values.iter().map(|value| escaped(value)).collect();
        format!("{name}={}", values.join(","))
    };
    let query: Vec<String> = all.into_iter().map(parameter).collect();
    format!("{}&{}&{}", method.to_ascii_uppercase(), path(url), query.join("&"))
}

/// The path of a URL as it was written, without a slash at its end.
fn path(url: &str) -> String {
    let after = url.split_once("://").map_or(url, |(_, after)| after);
    let path = after.split_once('/').map_or("", |(_, path)| path);
    format!("/{}", path.trim_matches('/').replace('&', "%26"))
}

/// RFC 3986: everything is escaped but letters, digits and `-._~`.
fn escaped(bytes: &[u8]) -> String {
    let one = |byte: &u8| match byte {
        b'-' | b'.' | b'_' | b'~' => char::from(*byte).to_string(),
        _ if byte.is_ascii_alphanumeric() => char::from(*byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    bytes.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The hashes are those of the Python package `atlassian-jwt`.
    #[test]
    fn requests_in_their_canonical_form() {
        for (method, path, query, expected, hash) in [
            (
                "POST",
                "/hooks/jira",
                "issue=A-1&user=x%20y&b=2&b=1&jwt=zzz&star=*~&empty=",
                "POST&/hooks/jira&b=1,2&empty=&issue=A-1&star=%2A~&user=x%20y",
                "068977a7892314ce1c33ad603ac87c081c47f4105257c8d54cb6cd71bd3dd12a",
            ),
            (
                "post",
                "/hooks/jira",
                "",
                "POST&/hooks/jira&",
                "4127a3fc5343142d97b53d00161ec7b5ef4b7532351abf4639b8b88d66829f40",
            ),
            (
                "POST",
                "",
                "",
                "POST&/&",
                "6dfb58321692d08d44565d1331846fc24e7dc08b33259d262f4eff79b21d8e05",
            ),
            (
                "GET",
                "/path/to/service",
                "zee_last=param&repeated=parameter%201&first=param&repeated=parameter%202",
                "GET&/path/to/service&first=param&repeated=parameter%201,parameter%202&zee_last=param",
                "e52bb281606c3bd9ca16cfe96fe2df78f5d9ffa126f06befd750dfa10fa1a897",
            ),
            (
                "POST",
                "/hooks/jira/",
                "a=%2B&c=1+2&A=%c3%a9",
                "POST&/hooks/jira&A=%C3%A9&a=%2B&c=1%202",
                "af0dbeb400e9b9901bad09c029011dafaf11d87e0ac799b7fcbf65c2016d4952",
            ),
        ] {
            let url = format!("https://hooks.example.com{path}");
            assert_eq!(canonical(method, &url, query), expected);
            assert_eq!(request_hash(method, &url, query), hash);
        }
    }
}
