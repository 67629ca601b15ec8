//! An HTTP endpoint: its settings, found usable, and the connections to it.

use super::guard::{Guard, GuardedResolver, Refused, system_lookup};
use super::network::Network;
use holdfast_domain::time::Span;
use reqwest::{Client, Url, redirect, retry};
use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// The longest wait for a connection, encryption included.
const CONNECT: Duration = Duration::from_secs(5);

/// How long an idle connection is kept: shorter than common servers keep theirs (60 s and more),
/// so that a request seldom meets a connection that is being closed.
const IDLE: Duration = Duration::from_secs(30);

/// The settings of an HTTP destination.
#[derive(Clone)]
pub struct Settings {
    /// Where to post to.
    pub url: String,
    /// The longest that one attempt may take, from looking up the name to the answer; more than
    /// zero and at most [`Settings::LONGEST_TIMEOUT`].
    pub timeout: Span,
    /// The networks inside that may be called.
    pub allow_private: Vec<Network>,
    /// The name of the signing secret.
    pub secret: String,
}

impl Settings {
    /// As long as a function can run.
    pub const LONGEST_TIMEOUT: Span = Span::from_mins(15);
}

impl fmt::Debug for Settings {
    /// Without the URL: its path or query may be what the endpoint knows its callers by.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Settings").field("secret", &self.secret).finish_non_exhaustive()
    }
}

/// Why no request could ever be sent with these settings. Never repeats the URL: it may hold a
/// password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// Not a URL at all.
    #[error("the URL cannot be read: {0}")]
    Url(String),
    /// Neither https nor http.
    #[error("the URL must begin with https:// or, for a network of allow_private, http://")]
    Scheme,
    /// A user or a password stands in it.
    #[error("the URL must not hold a user or a password")]
    UserInfo,
    /// A port that is not for web servers.
    #[error("port {0} is not for web servers: use 80, 443, or one from 1024 on")]
    Port(u16),
    /// Unencrypted, and there is no network where that is allowed.
    #[error("the URL must begin with https://: allow_private lists no network")]
    Plain,
    /// An address that must not be called.
    #[error(transparent)]
    Address(#[from] Refused),
    /// No time at all, or more than a function has.
    #[error("the time-out must be more than zero and at most 15 minutes")]
    Timeout,
}

/// An HTTP endpoint that may be called.
pub struct Endpoint {
    pub(super) url: Url,
    pub(super) timeout: Duration,
    pub(super) secret: String,
    guard: Guard,
    client: OnceLock<Client>,
}

impl Endpoint {
    /// Checks the settings.
    ///
    /// # Errors
    /// [`Unusable`] when no request could ever be sent with them.
    pub fn new(settings: Settings) -> Result<Self, Unusable> {
        let url = Url::parse(&settings.url).map_err(|error| Unusable::Url(error.to_string()))?;
        let encrypted = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(Unusable::Scheme),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Unusable::UserInfo);
        }
        match url.port_or_known_default() {
            None | Some(80 | 443 | 1024..) => {}
            Some(port) => return Err(Unusable::Port(port)),
        }
        if settings.timeout == Span::ZERO || settings.timeout > Settings::LONGEST_TIMEOUT {
            return Err(Unusable::Timeout);
        }
        let guard = Guard { encrypted, allow_private: settings.allow_private };
        // A literal address is never looked up: it is checked here, once and for all. The URL
        // parser has brought decimal, octal, hexadecimal and short forms into the usual one.
        match literal(&url) {
            Some(address) => guard.check(address)?,
            None if !encrypted && guard.allow_private.is_empty() => return Err(Unusable::Plain),
            None => {}
        }
        let timeout = settings.timeout.into();
        Ok(Self { url, timeout, secret: settings.secret, guard, client: OnceLock::new() })
    }

    /// The client of this endpoint alone. Were it shared, a connection that one destination may
    /// use would be there for another that may not.
    ///
    /// It is made when it is first needed: reading the root certificates takes milliseconds.
    pub(super) fn client(&self) -> Result<&Client, reqwest::Error> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let client = Client::builder()
            .user_agent(concat!("holdfast/", env!("CARGO_PKG_VERSION")))
            .redirect(redirect::Policy::none())
            // When to try again is decided by the policy and written into the record.
            .retry(retry::never())
            // A proxy would resolve the name once more, unguarded.
            .no_proxy()
            .dns_resolver(Arc::new(GuardedResolver::new(self.guard.clone(), system_lookup)))
            .connect_timeout(CONNECT)
            .pool_idle_timeout(IDLE)
            .build()?;
        Ok(self.client.get_or_init(|| client))
    }
}

impl fmt::Debug for Endpoint {
    /// Without path and query: they may be what the endpoint knows its callers by.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Endpoint({})", self.url.origin().ascii_serialization())
    }
}

/// The address in a URL that names no host but an address.
fn literal(url: &Url) -> Option<IpAddr> {
    let host = url.host_str()?;
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    bare.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(url: &str, allow_private: &[&str]) -> Result<Endpoint, Unusable> {
        Endpoint::new(Settings {
            url: url.to_owned(),
            timeout: Span::from_secs(10),
            allow_private: allow_private.iter().map(|it| Network::parse(it).unwrap()).collect(),
            secret: "destinations.x".to_owned(),
        })
    }

    #[test]
    fn usable() {
        for (url, allow_private) in [
            ("https://hooks.example/a?b=c", &[][..]),
            ("https://hooks.example:8443/", &[]),
            ("https://8.8.8.8/", &[]),
            ("https://[2600::1]/", &[]),
            ("https://10.0.0.1/", &["10.0.0.0/8"]),
            ("http://10.0.0.1:8080/", &["10.0.0.0/8"]),
            ("http://127.0.0.1:3000/", &["127.0.0.0/8"]),
            ("http://[::1]:3000/", &["::1"]),
            // A name is checked whenever it is looked up.
            ("http://billing.internal/", &["10.0.0.0/8"]),
            ("https://localhost/", &[]),
        ] {
            assert!(open(url, allow_private).is_ok(), "{url}");
        }
    }

    #[test]
    fn unusable() {
        for (url, expected) in [
            ("ftp://hooks.example/", Unusable::Scheme),
            ("file:///etc/passwd", Unusable::Scheme),
            ("https://user@hooks.example/", Unusable::UserInfo),
            ("https://:hunter2@hooks.example/", Unusable::UserInfo),
            ("https://8.8.8.8@10.0.0.1/", Unusable::UserInfo),
            ("https://hooks.example:0/", Unusable::Port(0)),
            ("https://hooks.example:22/", Unusable::Port(22)),
            ("http://hooks.example/", Unusable::Plain),
        ] {
            assert_eq!(open(url, &[]).err(), Some(expected), "{url}");
        }
        for url in
            ["", "hooks.example", "https://", "https://a b/", "https://[::1", "https://256.1/"]
        {
            let error = open(url, &[]).err();
            assert!(matches!(error, Some(Unusable::Url(_))), "{url}: {error:?}");
        }
        let mut settings = Settings {
            url: "https://hooks.example/".to_owned(),
            timeout: Span::ZERO,
            allow_private: Vec::new(),
            secret: String::new(),
        };
        assert_eq!(Endpoint::new(settings.clone()).err(), Some(Unusable::Timeout));
        settings.timeout = Span::from_millis(900_001);
        assert_eq!(Endpoint::new(settings).err(), Some(Unusable::Timeout));
    }

    #[test]
    fn every_way_to_write_an_address_is_seen_through() {
        for host in [
            "127.0.0.1",
            "127.1",
            "2130706433",
            "017700000001",
            "0x7f000001",
            "0x7f.1",
            "127.0.0.1.",
            "%31%32%37.0.0.1",
            "１２７.0.0.1",
            "[::1]",
            "[0:0:0:0:0:0:0:1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[64:ff9b::7f00:1]",
            "[2002:7f00:1::]",
            "0",
            "10.0.0.1",
            "169.254.169.254",
            "0xa9fea9fe",
            "2852039166",
            "[fd00:ec2::254]",
        ] {
            for scheme in ["https", "http"] {
                let error = open(&format!("{scheme}://{host}/"), &[]).err();
                assert!(matches!(error, Some(Unusable::Address(_))), "{scheme} {host}: {error:?}");
            }
        }
    }

    #[test]
    fn nothing_secret_is_shown() {
        let url = "https://hooks.example:8443/token/hunter2?key=hunter2";
        let shown = format!("{:?}", open(url, &[]).unwrap());
        assert_eq!(shown, "Endpoint(https://hooks.example:8443)");
        for url in ["https://user:hunter2@hooks.example/", "https://hunter2 /", "hunter2://x"] {
            let error = open(url, &[]).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
        }
    }
}
