//! CBOR, as far as an error of RPC v2 has any: a map of texts.
//!
//! <https://www.rfc-editor.org/rfc/rfc8949> and
//! <https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html>

/// The major type of a text, in an item's first three bits.
const TEXT: u8 = 0x60;

/// That of a map.
const MAP: u8 = 0xa0;

/// A map of names to texts.
pub(crate) fn texts(members: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    head(&mut bytes, MAP, members.len());
    for text in members.iter().flat_map(|(name, value)| [name, value]) {
        head(&mut bytes, TEXT, text.len());
        bytes.extend_from_slice(text.as_bytes());
    }
    bytes
}

/// The head of an item: its type, and its length in as few bytes as it needs.
fn head(bytes: &mut Vec<u8>, major: u8, length: usize) {
    let length = length as u64;
    match (u8::try_from(length), u16::try_from(length), u32::try_from(length)) {
        (Ok(short), ..) if short < 24 => bytes.push(major | short),
        (Ok(one), ..) => bytes.extend([major | 24, one]),
        (_, Ok(two), _) => {
            bytes.push(major | 25);
            bytes.extend(two.to_be_bytes());
        }
        (_, _, Ok(four)) => {
            bytes.push(major | 26);
            bytes.extend(four.to_be_bytes());
        }
        _ => {
            bytes.push(major | 27);
            bytes.extend(length.to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_takes_as_few_bytes_as_it_needs() {
        for (length, wanted) in [
            (0, &[0x60][..]),
            (23, &[0x77]),
            (24, &[0x78, 24]),
            (255, &[0x78, 255]),
            (256, &[0x79, 1, 0]),
            (65_536, &[0x7a, 0, 1, 0, 0]),
        ] {
            let mut bytes = Vec::new();
            head(&mut bytes, TEXT, length);
            assert_eq!(bytes, wanted, "{length}");
        }
    }

    /// The example of RFC 8949's appendix A: `{"a": "A", "b": "B"}`.
    #[test]
    fn a_map_of_texts_is_that_of_the_standard() {
        let wanted = [0xa2, 0x61, 0x61, 0x61, 0x41, 0x61, 0x62, 0x61, 0x42];
        assert_eq!(texts(&[("a", "A"), ("b", "B")]), wanted);
    }
}
