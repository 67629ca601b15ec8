//! Ranges of addresses in CIDR notation, and which of them are nobody's public address.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};

/// A range of addresses, `10.0.0.0/8` or `fd00::/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

/// The ranges that a destination may be allowed to lie in: private (RFC 1918, RFC 4193), shared
/// (RFC 6598) and loopback.
const PRIVATE: [&str; 7] = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "fc00::/7",
    "::1/128",
];

/// Where clouds hand out credentials. No configuration makes these reachable.
const METADATA: [&str; 3] = ["169.254.0.0/16", "fd00:ec2::/32", "fe80::/10"];

impl Network {
    /// Reads `<address>/<bits>`; a single address is a range of one. `None` when it is neither,
    /// when bits are set behind the prefix (`10.0.0.1/8` is a slip, not a range), or when it is an
    /// IPv4 range written as IPv6: addresses are compared in their plain form, so it would hold none.
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address.parse().ok()?, Some(prefix.parse::<u8>().ok()?)),
            None => (text.parse().ok()?, None),
        };
        let longest = if matches!(address, IpAddr::V4(_)) { 32 } else { 128 };
        let prefix = prefix.unwrap_or(longest);
        let network = Self { address, prefix };
        let tidy = prefix <= longest
            && plain(address) == address
            && network.masked(address) == network.bits(address);
        tidy.then_some(network)
    }

    /// Whether an address lies in the range. An IPv4 address written as IPv6 (`::ffff:10.0.0.1`)
    /// counts as the IPv4 address that it reaches.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = plain(address);
        self.address.is_ipv4() == address.is_ipv4()
            && self.masked(address) == self.masked(self.address)
    }

    /// Whether the whole range is private, shared or loopback, and no part of it hands out
    /// credentials.
    pub fn is_private(&self) -> bool {
        let within = |text: &str| Self::parse(text).is_some_and(|wide| wide.covers(self));
        PRIVATE.iter().any(|text| within(text)) && !METADATA.iter().any(|text| within(text))
    }

    fn covers(&self, other: &Self) -> bool {
        self.prefix <= other.prefix && self.contains(other.address)
    }

    fn bits(&self, address: IpAddr) -> u128 {
        match address {
            IpAddr::V4(four) => u128::from(u32::from(four)),
            IpAddr::V6(six) => u128::from(six),
        }
    }

    fn masked(&self, address: IpAddr) -> u128 {
        let width: u32 = if address.is_ipv4() { 32 } else { 128 };
        let behind = width.saturating_sub(u32::from(self.prefix));
        let mask = u128::MAX.checked_shl(behind).unwrap_or(0);
        self.bits(address) & mask
    }
}

/// Whether an address is private, shared or loopback.
pub(super) fn is_private(address: IpAddr) -> bool {
    any_contains(&PRIVATE, address)
}

/// Whether clouds hand out credentials at an address.
pub(super) fn is_metadata(address: IpAddr) -> bool {
    any_contains(&METADATA, address)
}

fn any_contains(ranges: &[&str], address: IpAddr) -> bool {
    ranges.iter().any(|text| Network::parse(text).is_some_and(|range| range.contains(address)))
}

fn plain(address: IpAddr) -> IpAddr {
    let mapped = |six: Ipv6Addr| six.to_ipv4_mapped().map(IpAddr::V4);
    match address {
        IpAddr::V6(six) => mapped(six).unwrap_or(address),
        IpAddr::V4(_) => address,
    }
}

impl fmt::Display for Network {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        Network::parse(text).unwrap_or_else(|| panic!("{text} is a network"))
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn ranges_contain_addresses() {
        for (range, inside, outside) in [
            ("10.0.0.0/8", "10.255.1.2", "11.0.0.0"),
            ("127.0.0.1", "127.0.0.1", "127.0.0.2"),
            ("10.0.0.0/8", "::ffff:10.1.1.1", "::ffff:11.1.1.1"),
            ("fc00::/7", "fd12::1", "fe80::1"),
            ("::1/128", "::1", "::2"),
            ("0.0.0.0/0", "8.8.8.8", "::8"),
        ] {
            assert!(network(range).contains(address(inside)), "{range} {inside}");
            assert!(!network(range).contains(address(outside)), "{range} {outside}");
        }
    }

    #[test]
    fn slips_are_no_ranges() {
        for text in ["", "10.0.0.1/8", "10.0.0.0/33", "::/129", "10.0.0.0/", "/8", "host/8", "10/8"]
        {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_range_in_the_other_familys_clothes_is_none() {
        for text in ["::ffff:10.0.0.0/104", "::ffff:10.0.0.1", "::ffff:0:0/96"] {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }

    #[test]
    fn private_is_private_as_a_whole() {
        for text in ["10.0.0.0/8", "10.1.0.0/16", "127.0.0.1", "192.168.1.0/24", "fd00::/8", "::1"]
        {
            assert!(network(text).is_private(), "{text}");
        }
        for text in ["0.0.0.0/0", "8.8.8.8", "172.0.0.0/8", "169.254.169.254", "fd00:ec2::254"] {
            assert!(!network(text).is_private(), "{text}");
        }
    }

    #[test]
    fn ranges_are_shown_as_written() {
        assert_eq!(network("10.0.0.0/8").to_string(), "10.0.0.0/8");
        assert_eq!(network("::1").to_string(), "::1/128");
    }
}
