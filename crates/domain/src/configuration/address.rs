//! The part of a URL that the configuration has to judge: is it encrypted, and whom does it reach.
//! Whoever makes the call parses the URL again, completely.

use std::net::IpAddr;

/// Where a URL leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address<'t> {
    pub(super) encrypted: bool,
    pub(super) host: &'t str,
    pub(super) path: &'t str,
}

impl<'t> Address<'t> {
    /// Reads `http://` and `https://` URLs. The answer to anything else is what is wrong with it,
    /// without the URL: one with a password in it must not end up in a log.
    pub(super) fn parse(url: &'t str) -> Result<Self, &'static str> {
        let (encrypted, rest) = match (url.strip_prefix("https://"), url.strip_prefix("http://")) {
            (Some(rest), _) => (true, rest),
            (_, Some(rest)) => (false, rest),
            _ => return Err("must begin with https:// (or http://, inside a private network)"),
        };
        if !url.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err("must be ASCII without blanks (encode other characters)");
        }
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
        if authority.contains('@') {
            return Err("must not contain a user or a password");
        }
        if behind.contains('#') {
            return Err("must not contain a fragment (`#…`)");
        }
        let host = host_of(authority).ok_or("names no host")?;
        let path = behind.split('?').next().unwrap_or_default();
        Ok(Self { encrypted, host, path })
    }

    /// The host as an address, where it is one.
    pub(super) fn ip(&self) -> Option<IpAddr> {
        self.host.trim_start_matches('[').trim_end_matches(']').parse().ok()
    }

    /// Whether it certainly stays on this machine.
    pub(super) fn is_loopback(&self) -> bool {
        self.host == "localhost" || self.ip().is_some_and(|ip| ip.is_loopback())
    }
}

fn host_of(authority: &str) -> Option<&str> {
    let in_brackets = authority.starts_with('[');
    let end = if in_brackets { authority.find(']').map(|at| at + 1)? } else { 0 };
    let port_at = authority.get(end..)?.find(':').map(|at| at + end);
    let (host, port) = match port_at {
        Some(at) => (authority.get(..at)?, authority.get(at + 1..)?),
        None => (authority, "80"),
    };
    let named = !host.is_empty() && host != "[]";
    (named && port.parse::<u16>().is_ok_and(|port| port > 0)).then_some(host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_and_paths() {
        for (url, encrypted, host, path) in [
            ("https://a.example/x?y=1", true, "a.example", "/x"),
            ("http://127.0.0.1:8788/", false, "127.0.0.1", "/"),
            ("http://[::1]:80/a", false, "[::1]", "/a"),
            ("http://[fe80::]:80/a", false, "[fe80::]", "/a"),
            ("https://a.example", true, "a.example", ""),
            ("https://a.example?x", true, "a.example", ""),
        ] {
            assert_eq!(Address::parse(url), Ok(Address { encrypted, host, path }), "{url}");
        }
    }

    #[test]
    fn what_is_no_address() {
        for url in [
            "",
            "ftp://a",
            "a.example",
            "https://",
            "https:///x",
            "https://a:0/",
            "https://a:99999/",
            "https://a:/",
            "https://[::1",
            "https://a b/",
            "https://é/",
            "https://user:password@a/",
            "https://a/#x",
        ] {
            let problem = Address::parse(url).expect_err(url);
            assert!(!problem.contains("password@"), "{problem}");
        }
    }

    #[test]
    fn loopback() {
        for url in ["http://localhost/", "http://127.0.0.1:1/", "http://[::1]/"] {
            assert!(Address::parse(url).unwrap().is_loopback(), "{url}");
        }
        for url in ["http://localhost.example/", "http://10.0.0.1/", "http://[::2]/"] {
            assert!(!Address::parse(url).unwrap().is_loopback(), "{url}");
        }
    }
}
