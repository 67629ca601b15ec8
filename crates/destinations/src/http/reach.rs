//! Whom an IP address reaches, after the special-purpose registries of IANA (RFC 6890 and its
//! updates), and the addresses where clouds hand out credentials.
//!
//! IPv6 is decided from the other side: only 2000::/3 is in public use, and of that the ranges are
//! taken out that are for documentation, for protocols, or carry an IPv4 address along.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whom an address reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Somebody on the Internet.
    Public,
    /// Somebody inside: only where the configuration allows it.
    Inside(&'static str),
    /// Nobody that a webhook is for, whatever the configuration says.
    Never(&'static str),
}

/// The address that is really reached: an IPv4 address written as IPv6 (`::ffff:10.0.0.1`,
/// RFC 4291) or reached through a translator (`64:ff9b::10.0.0.1`, RFC 6052) is that IPv4 address.
pub(crate) fn plain(address: IpAddr) -> IpAddr {
    let IpAddr::V6(six) = address else { return address };
    let mapped = six.to_ipv4_mapped();
    let translated = || match six.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => {
            Some(Ipv4Addr::from_bits((u128::from(six) & 0xffff_ffff) as u32))
        }
        _ => None,
    };
    mapped.or_else(translated).map_or(address, IpAddr::V4)
}

/// Whom an address reaches.
pub(crate) fn of(address: IpAddr) -> Reach {
    match plain(address) {
        IpAddr::V4(four) => of_v4(four),
        IpAddr::V6(six) => of_v6(six),
    }
}

fn of_v4(address: Ipv4Addr) -> Reach {
    use Reach::{Inside, Never, Public};
    match address.octets() {
        [169, 254, 169, 254] | [169, 254, 170, 2 | 23] => Never("metadata"),
        // Alibaba Cloud, Oracle Cloud, Azure.
        [100, 100, 100, 200] | [192, 0, 0, 192] | [168, 63, 129, 16] => Never("metadata"),
        [0, ..] => Never("unspecified"),
        [10, ..] | [172, 16..=31, ..] | [192, 168, ..] => Inside("private"),
        [100, 64..=127, ..] => Inside("shared"),
        [127, ..] => Inside("loopback"),
        [169, 254, ..] => Never("link-local"),
        [192, 0, 0, _] => Never("reserved"),
        [192, 0, 2, _] | [198, 51, 100, _] | [203, 0, 113, _] => Never("documentation"),
        [192, 88, 99, _] => Never("6to4"),
        [198, 18 | 19, ..] => Inside("benchmarking"),
        [224..=239, ..] => Never("multicast"),
        [255, 255, 255, 255] => Never("broadcast"),
        [240..=255, ..] => Never("reserved"),
        _ => Public,
    }
}

fn of_v6(address: Ipv6Addr) -> Reach {
    use Reach::{Inside, Never, Public};
    match address.segments() {
        // AWS (time and names live in the same range); Google Cloud.
        [0xfd00, 0xec2, ..] | [0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254] => Never("metadata"),
        [0, 0, 0, 0, 0, 0, 0, 0] => Never("unspecified"),
        [0, 0, 0, 0, 0, 0, 0, 1] => Inside("loopback"),
        [0xfc00..=0xfdff, ..] => Inside("unique-local"),
        [0xfe80..=0xfebf, ..] => Never("link-local"),
        [0xfec0..=0xfeff, ..] => Never("site-local"),
        [0xff00..=0xffff, ..] => Never("multicast"),
        [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => Never("documentation"),
        [0x2001, 0, ..] => Never("Teredo"),
        [0x2001, 0..=0x1ff, ..] => Never("reserved"),
        [0x2002, ..] => Never("6to4"),
        [0x2000..=0x3fff, ..] => Public,
        _ => Never("reserved"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Reach::{Inside, Never, Public};

    const TABLE: [(&str, Reach); 108] = [
        // Public, and the neighbours of everything that is not.
        ("1.1.1.1", Public),
        ("8.8.8.8", Public),
        ("9.255.255.255", Public),
        ("11.0.0.0", Public),
        ("100.63.255.255", Public),
        ("100.128.0.0", Public),
        ("126.255.255.255", Public),
        ("128.0.0.0", Public),
        ("168.63.129.15", Public),
        ("169.253.255.255", Public),
        ("169.255.0.0", Public),
        ("172.15.255.255", Public),
        ("172.32.0.0", Public),
        ("191.255.255.255", Public),
        ("192.0.1.0", Public),
        ("192.0.3.0", Public),
        ("192.88.98.255", Public),
        ("192.167.255.255", Public),
        ("192.169.0.0", Public),
        ("198.17.255.255", Public),
        ("198.20.0.0", Public),
        ("198.51.99.255", Public),
        ("203.0.112.255", Public),
        ("203.0.114.0", Public),
        ("223.255.255.255", Public),
        ("2000::1", Public),
        ("2001:200::1", Public),
        ("2001:4860:4860::8888", Public),
        ("2003::1", Public),
        ("2600:1f00::1", Public),
        ("2a00:1450::1", Public),
        ("3ffe:ffff::1", Public),
        ("3fff:1000::1", Public),
        ("::ffff:8.8.8.8", Public),
        ("64:ff9b::8.8.8.8", Public),
        // Inside.
        ("10.0.0.0", Inside("private")),
        ("10.255.255.255", Inside("private")),
        ("172.16.0.0", Inside("private")),
        ("172.31.255.255", Inside("private")),
        ("192.168.0.0", Inside("private")),
        ("192.168.255.255", Inside("private")),
        ("100.64.0.0", Inside("shared")),
        ("100.127.255.255", Inside("shared")),
        ("127.0.0.1", Inside("loopback")),
        ("127.255.255.255", Inside("loopback")),
        ("198.18.0.0", Inside("benchmarking")),
        ("198.19.255.255", Inside("benchmarking")),
        ("::1", Inside("loopback")),
        ("fc00::", Inside("unique-local")),
        ("fd00::1", Inside("unique-local")),
        ("fd00:ec1::254", Inside("unique-local")),
        ("fd20:ce::253", Inside("unique-local")),
        ("fdff:ffff::1", Inside("unique-local")),
        ("::ffff:10.0.0.1", Inside("private")),
        ("::ffff:127.0.0.1", Inside("loopback")),
        ("::ffff:7f00:1", Inside("loopback")),
        ("::ffff:192.168.1.1", Inside("private")),
        ("64:ff9b::10.0.0.1", Inside("private")),
        ("64:ff9b::7f00:1", Inside("loopback")),
        // Never.
        ("169.254.169.254", Never("metadata")),
        ("169.254.170.2", Never("metadata")),
        ("169.254.170.23", Never("metadata")),
        ("100.100.100.200", Never("metadata")),
        ("192.0.0.192", Never("metadata")),
        ("168.63.129.16", Never("metadata")),
        ("fd00:ec2::254", Never("metadata")),
        ("fd00:ec2::23", Never("metadata")),
        ("fd20:ce::254", Never("metadata")),
        ("::ffff:169.254.169.254", Never("metadata")),
        ("::ffff:a9fe:a9fe", Never("metadata")),
        ("64:ff9b::169.254.169.254", Never("metadata")),
        ("64:ff9b::a9fe:a9fe", Never("metadata")),
        ("169.254.0.0", Never("link-local")),
        ("169.254.100.1", Never("link-local")),
        ("169.254.255.255", Never("link-local")),
        ("0.0.0.0", Never("unspecified")),
        ("0.255.255.255", Never("unspecified")),
        ("192.0.0.1", Never("reserved")),
        ("192.0.2.1", Never("documentation")),
        ("198.51.100.1", Never("documentation")),
        ("203.0.113.255", Never("documentation")),
        ("192.88.99.1", Never("6to4")),
        ("224.0.0.1", Never("multicast")),
        ("239.255.255.255", Never("multicast")),
        ("240.0.0.0", Never("reserved")),
        ("255.255.255.254", Never("reserved")),
        ("255.255.255.255", Never("broadcast")),
        ("::ffff:0.0.0.0", Never("unspecified")),
        ("::", Never("unspecified")),
        ("::2", Never("reserved")),
        ("::127.0.0.1", Never("reserved")),
        ("::10.0.0.1", Never("reserved")),
        ("::ffff:0:127.0.0.1", Never("reserved")),
        ("64:ff9b:1::1", Never("reserved")),
        ("100::1", Never("reserved")),
        ("1fff:ffff::1", Never("reserved")),
        ("4000::1", Never("reserved")),
        ("5f00::1", Never("reserved")),
        ("2001::1", Never("Teredo")),
        ("2001:20::1", Never("reserved")),
        ("2001:1ff:ffff::1", Never("reserved")),
        ("2001:db8::1", Never("documentation")),
        ("3fff:fff::1", Never("documentation")),
        ("2002:7f00:1::1", Never("6to4")),
        ("2002:808:808::1", Never("6to4")),
        ("fe80::1", Never("link-local")),
        ("fec0::1", Never("site-local")),
        ("ff02::1", Never("multicast")),
    ];

    #[test]
    fn every_range_and_its_neighbours() {
        for (text, expected) in TABLE {
            assert_eq!(of(text.parse().unwrap()), expected, "{text}");
        }
    }

    #[test]
    fn a_wrapped_address_reaches_what_it_wraps() {
        for bits in (0..=u32::MAX).step_by(65_521) {
            let four = Ipv4Addr::from_bits(bits);
            let translated =
                u128::from("64:ff9b::".parse::<Ipv6Addr>().unwrap()) | u128::from(bits);
            let bare = of(IpAddr::V4(four));
            assert_eq!(of(IpAddr::V6(four.to_ipv6_mapped())), bare, "{four}");
            assert_eq!(of(IpAddr::V6(Ipv6Addr::from(translated))), bare, "{four}");
        }
    }
}
