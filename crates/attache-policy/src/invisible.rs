//! Characters that no editor shows, by name: they come with a text that is pasted from a web page.
//!
//! Names as in <https://www.unicode.org/Public/UCD/latest/ucd/NamesList.txt>.

/// The name of a character that nobody sees, or that looks like a space and is none.
pub(crate) fn name(c: char) -> Option<&'static str> {
    Some(match c {
        '\u{a0}' => "no-break space",
        '\u{ad}' => "soft hyphen",
        '\u{34f}' => "combining grapheme joiner",
        '\u{61c}' => "Arabic letter mark",
        '\u{180e}' => "Mongolian vowel separator",
        '\u{200b}' => "zero width space",
        '\u{200c}' => "zero width non-joiner",
        '\u{200d}' => "zero width joiner",
        '\u{200e}' => "left-to-right mark",
        '\u{200f}' => "right-to-left mark",
        '\u{2028}' => "line separator",
        '\u{2029}' => "paragraph separator",
        '\u{202a}'..='\u{202e}' => "bidirectional formatting character",
        '\u{202f}' => "narrow no-break space",
        '\u{2000}'..='\u{200a}' | '\u{205f}' => "space of another width",
        '\u{2060}' => "word joiner",
        '\u{2061}'..='\u{2064}' => "invisible operator",
        '\u{2066}'..='\u{2069}' => "bidirectional isolate",
        '\u{3000}' => "ideographic space",
        '\u{feff}' => "byte order mark",
        '\u{fe00}'..='\u{fe0f}' => "variation selector",
        '\u{e0000}'..='\u{e007f}' => "tag character",
        '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}'..='\u{9f}' => {
            "control character"
        }
        _ => return None,
    })
}

/// `there is a zero width space (U+200B) here`, of such a character.
pub(crate) fn sentence(c: char) -> Option<String> {
    name(c).map(|name| format!("there is a {name} (U+{:04X}) here", u32::from(c)))
}
