//! Ranges of addresses in CIDR notation.

use super::reach::plain;
use std::fmt;
use std::net::IpAddr;

/// A range of addresses, `10.0.0.0/8` or `fd00::/8`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// Reads `<address>/<bits>`; a single address is a range of one. `None` when it is neither, or
    /// when bits are set behind the prefix (`10.0.0.1/8` is a slip, not a range).
    pub fn parse(text: &str) -> Option<Self> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address.parse().ok()?, Some(prefix.parse::<u8>().ok()?)),
            None => (text.parse().ok()?, None),
        };
        let longest = if matches!(address, IpAddr::V4(_)) { 32 } else { 128 };
        let network = Self { address, prefix: prefix.unwrap_or(longest) };
        (network.prefix <= longest && network.start(address) == bits(address)).then_some(network)
    }

    /// Whether an address lies in the range. An IPv4 address written as IPv6 counts as the IPv4
    /// address that it reaches.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = plain(address);
        address.is_ipv4() == self.address.is_ipv4() && self.start(address) == bits(self.address)
    }

    /// The first address of the range of this length that an address lies in.
    fn start(&self, address: IpAddr) -> u128 {
        let width: u32 = if address.is_ipv4() { 32 } else { 128 };
        let behind = width.saturating_sub(u32::from(self.prefix));
        bits(address) & u128::MAX.checked_shl(behind).unwrap_or(0)
    }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(four) => u128::from(u32::from(four)),
        IpAddr::V6(six) => u128::from(six),
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

    #[test]
    fn ranges_have_ends() {
        for (range, inside, outside) in [
            ("10.0.0.0/8", "10.255.255.255", "11.0.0.0"),
            ("127.0.0.1", "127.0.0.1", "127.0.0.2"),
            ("10.0.0.0/8", "::ffff:10.1.1.1", "::ffff:11.1.1.1"),
            ("10.0.0.0/8", "64:ff9b::a01:101", "64:ff9b::b01:101"),
            ("fc00::/7", "fdff:ffff::1", "fe00::1"),
            ("0.0.0.0/0", "8.8.8.8", "2600::8"),
            ("::/0", "2600::8", "8.8.8.8"),
        ] {
            let range = Network::parse(range).unwrap();
            assert!(range.contains(inside.parse().unwrap()), "{range} {inside}");
            assert!(!range.contains(outside.parse().unwrap()), "{range} {outside}");
        }
    }

    #[test]
    fn slips_are_no_ranges() {
        for text in [
            "",
            "10.0.0.1/8",
            "10.0.0.0/33",
            "::/129",
            "10.0.0.0/",
            "/8",
            "host/8",
            "10/8",
            "::1/0",
        ] {
            assert_eq!(Network::parse(text), None, "{text}");
        }
    }
}
