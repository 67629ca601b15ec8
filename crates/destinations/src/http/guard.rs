//! The guard against server-side request forgery: which addresses a destination may be called at.
//!
//! A name is resolved once, by us; the connection goes to exactly the addresses that were checked,
//! so that a name that answers differently the second time gains nothing. If one address among
//! several is refused, all are: a name that leads outside and inside at once is either an attack
//! or a mistake, and which one is taken would be left to chance.
//!
//! | addresses | https | http |
//! |---|---|---|
//! | public | yes | no |
//! | private, loopback, shared, unique-local, benchmarking | where `allow_private` lists them | the same |
//! | metadata, link-local, multicast, reserved, … | never | never |

use super::network::Network;
use super::reach::{self, Reach};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

/// An address that must not be called.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// Nothing but the Internet and what `allow_private` lists may be called.
    #[error("{0} is a {1} address, and no network of allow_private has it")]
    Inside(IpAddr, &'static str),
    /// No setting allows this address.
    #[error("{0} is a {1} address; nothing makes it reachable")]
    Never(IpAddr, &'static str),
    /// Bodies go over the Internet encrypted or not at all.
    #[error("{0} is a public address: use https")]
    Plain(IpAddr),
}

/// Which addresses may be called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Guard {
    /// Whether the connection is encrypted.
    pub(crate) encrypted: bool,
    /// The networks inside that may be called.
    pub(crate) allow_private: Vec<Network>,
}

impl Guard {
    /// Checks one address.
    ///
    /// # Errors
    /// [`Refused`] when it must not be called.
    pub(crate) fn check(&self, address: IpAddr) -> Result<(), Refused> {
        let allowed = || self.allow_private.iter().any(|network| network.contains(address));
        match reach::of(address) {
            Reach::Public if self.encrypted => Ok(()),
            Reach::Public => Err(Refused::Plain(address)),
            Reach::Inside(_) if allowed() => Ok(()),
            Reach::Inside(kind) => Err(Refused::Inside(address, kind)),
            Reach::Never(kind) => Err(Refused::Never(address, kind)),
        }
    }
}

/// How a name is looked up.
pub(crate) type Lookup = fn(String) -> Found;

/// The addresses of a name, as soon as they are known.
pub(crate) type Found = Pin<Box<dyn Future<Output = io::Result<Vec<IpAddr>>> + Send>>;

/// Asks the system.
pub(crate) fn system_lookup(name: String) -> Found {
    Box::pin(async move {
        // The port is put in by whoever connects.
        let found = tokio::net::lookup_host((name, 0)).await?;
        Ok(found.map(|address| address.ip()).collect())
    })
}

/// Resolves names to addresses that may be called, and to no others.
pub(crate) struct GuardedResolver {
    guard: Arc<Guard>,
    lookup: Lookup,
}

impl GuardedResolver {
    /// A resolver for one destination.
    pub(crate) fn new(guard: Guard, lookup: Lookup) -> Self {
        Self { guard: Arc::new(guard), lookup }
    }
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (guard, found) = (Arc::clone(&self.guard), (self.lookup)(name.as_str().to_owned()));
        Box::pin(async move {
            let addresses = found.await?;
            for address in &addresses {
                guard.check(*address)?;
            }
            let checked = addresses.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(checked) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(encrypted: bool, allow_private: &[&str]) -> Guard {
        let allow_private = allow_private.iter().map(|it| Network::parse(it).unwrap()).collect();
        Guard { encrypted, allow_private }
    }

    fn passes(guard: &Guard, address: &str) -> bool {
        guard.check(address.parse().unwrap()).is_ok()
    }

    #[test]
    fn the_internet_is_called_encrypted_only() {
        assert!(passes(&guard(true, &[]), "8.8.8.8"));
        assert!(!passes(&guard(false, &[]), "8.8.8.8"));
        assert!(!passes(&guard(false, &["0.0.0.0/0", "8.8.8.8"]), "8.8.8.8"));
    }

    #[test]
    fn inside_is_called_where_allowed() {
        for encrypted in [true, false] {
            assert!(!passes(&guard(encrypted, &[]), "10.1.2.3"));
            assert!(!passes(&guard(encrypted, &["10.0.0.0/24", "fc00::/7"]), "10.1.2.3"));
            assert!(passes(&guard(encrypted, &["fc00::/7", "10.0.0.0/8"]), "10.1.2.3"));
            assert!(passes(&guard(encrypted, &["10.0.0.0/8"]), "::ffff:10.1.2.3"));
            assert!(!passes(&guard(encrypted, &["127.0.0.0/8"]), "::1"));
        }
    }

    #[test]
    fn no_setting_opens_the_way_to_credentials() {
        let open = guard(true, &["0.0.0.0/0", "::/0", "169.254.169.254", "fd00:ec2::254"]);
        for address in [
            "169.254.169.254",
            "169.254.170.2",
            "169.254.170.23",
            "fd00:ec2::254",
            "fd00:ec2::23",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
            "100.100.100.200",
            "168.63.129.16",
            "192.0.0.192",
            "0.0.0.0",
            "255.255.255.255",
            "fe80::1",
        ] {
            assert!(!passes(&open, address), "{address}");
        }
    }

    async fn resolve(guard: Guard, lookup: Lookup) -> Result<Vec<SocketAddr>, String> {
        let name: Name = "hooks.example".parse().unwrap();
        let resolved = GuardedResolver::new(guard, lookup).resolve(name).await;
        resolved.map(Iterator::collect).map_err(|error| error.to_string())
    }

    #[tokio::test]
    async fn the_checked_addresses_are_the_ones_called() {
        let lookup: Lookup = |name| {
            assert_eq!(name, "hooks.example");
            Box::pin(async { Ok(vec!["8.8.8.8".parse().unwrap(), "2600::1".parse().unwrap()]) })
        };
        let expected: Vec<SocketAddr> =
            vec!["8.8.8.8:0".parse().unwrap(), "[2600::1]:0".parse().unwrap()];
        assert_eq!(resolve(guard(true, &[]), lookup).await, Ok(expected));
    }

    #[tokio::test]
    async fn one_refused_address_refuses_all() {
        let lookup: Lookup = |_| {
            Box::pin(async { Ok(vec!["8.8.8.8".parse().unwrap(), "127.0.0.1".parse().unwrap()]) })
        };
        let refusal = resolve(guard(true, &[]), lookup).await.unwrap_err();
        assert_eq!(
            refusal,
            "127.0.0.1 is a loopback address, and no network of allow_private has it"
        );
        assert_eq!(
            resolve(guard(true, &["127.0.0.0/8"]), lookup).await.map(|all| all.len()),
            Ok(2)
        );
        let refusal = resolve(guard(false, &["127.0.0.0/8"]), lookup).await.unwrap_err();
        assert_eq!(refusal, "8.8.8.8 is a public address: use https");
    }

    #[tokio::test]
    async fn a_name_that_does_not_resolve_is_an_error() {
        let lookup: Lookup = |_| Box::pin(async { Err(io::Error::other("no such name")) });
        assert_eq!(resolve(guard(true, &[]), lookup).await, Err("no such name".to_owned()));
    }
}
