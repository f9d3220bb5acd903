//! Which addresses are anybody's to reach, and which are this machine's or a private network's.
//!
//! <https://www.iana.org/assignments/iana-ipv4-special-registry> and its sibling for IPv6.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address is of the public internet.
pub(crate) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => match embedded(v6) {
            Some(v4) => is_public_v4(v4),
            None => is_public_v6(v6),
        },
    }
}

fn is_public_v4(v4: Ipv4Addr) -> bool {
    let [a, b, c, _] = v4.octets();
    let special = match (a, b, c) {
        (0 | 10 | 127, ..) | (169, 254, _) | (192, 168, _) => true,
        (100, 64..=127, _) | (172, 16..=31, _) | (198, 18 | 19, _) => true,
        (192, 0, 0 | 2) | (198, 51, 100) | (203, 0, 113) | (192, 88, 99) => true,
        // Multicast, reserved, broadcast.
        (224.., ..) => true,
        _ => false,
    };
    !special
}

fn is_public_v6(v6: Ipv6Addr) -> bool {
    let [first, second, ..] = v6.segments();
    // Only 2000::/3 is given out; of it, some is for documents and benchmarks.
    let global = first & 0xe000 == 0x2000;
    let special = match (first, second) {
        (0x2001, 0x0db8 | 0x0002) | (0x3fff, _) => true,
        (0x2001, second) => second < 0x0200 && second != 0x0001,
        _ => false,
    };
    global && !special
}

/// The IPv4 address that an IPv6 address stands for: mapped, translated (NAT64) or tunnelled (6to4).
fn embedded(v6: Ipv6Addr) -> Option<Ipv4Addr> {
    let s = v6.segments();
    let two = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        Ipv4Addr::new(a, b, c, d)
    };
    match s {
        [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
            Some(two(high, low))
        }
        [0x2002, high, low, ..] => Some(two(high, low)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::is_public;

    #[test]
    fn private_addresses_are_told_from_public_ones() {
        for (text, wanted) in [
            ("127.0.0.1", false),
            ("10.1.2.3", false),
            ("172.16.0.1", false),
            ("172.32.0.1", true),
            ("192.168.1.1", false),
            ("169.254.169.254", false),
            ("100.64.0.1", false),
            ("100.128.0.1", true),
            ("0.0.0.0", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("52.94.236.248", true),
            ("::1", false),
            ("::", false),
            ("fe80::1", false),
            ("fd00:ec2::254", false),
            ("ff02::1", false),
            ("2001:db8::1", false),
            ("2600:1f18::1", true),
            ("::ffff:127.0.0.1", false),
            ("::ffff:52.94.236.248", true),
            ("64:ff9b::7f00:1", false),
            ("2002:7f00:1::", false),
            ("::127.0.0.1", false),
        ] {
            assert_eq!(is_public(text.parse().unwrap()), wanted, "{text}");
        }
    }
}
