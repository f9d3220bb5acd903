//! A JSON reader that remembers where everything stood, for errors with a place in the text.

/// Ours: real policies nest five deep; this keeps hostile ones off the stack.
const DEEPEST: usize = 64;

/// A value with the byte range that it was read from.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) at: std::ops::Range<usize>,
    pub(crate) value: Value,
}

impl Node {
    /// The items of a list; any other value is the one item of its own.
    pub(crate) fn items(&self) -> &[Self] {
        match &self.value {
            Value::Array(items) => items,
            _ => std::slice::from_ref(self),
        }
    }
}

/// A JSON value; members keep their order and duplicates.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Object(Vec<Member>),
    Array(Vec<Node>),
    String(String),
    /// A number or a bool, as it was written.
    Scalar(String),
    Null,
}

/// A member of an object.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    pub(crate) key: String,
    pub(crate) key_at: std::ops::Range<usize>,
    pub(crate) node: Node,
}

/// Where the text stops being JSON, and why.
#[derive(Debug)]
pub(crate) struct NotJson {
    pub(crate) at: usize,
    pub(crate) why: &'static str,
}

impl NotJson {
    /// The character that cannot be there; nothing at the text's end.
    pub(crate) fn span(&self, text: &str) -> std::ops::Range<usize> {
        let next = text.get(self.at..).and_then(|rest| rest.chars().next());
        self.at..self.at + next.map_or(0, char::len_utf8)
    }
}

/// Reads one document.
pub(crate) fn read(text: &str) -> Result<Node, NotJson> {
    let mut reader = Reader { text, at: 0 };
    if text.starts_with('\u{feff}') {
        return Err(reader.wrong("it begins with a byte order mark"));
    }
    let node = reader.value(0)?;
    reader.space();
    if reader.at < text.len() {
        return Err(reader.wrong("there is more text after the document's end"));
    }
    Ok(node)
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn wrong(&self, why: &'static str) -> NotJson {
        NotJson { at: self.at, why }
    }

    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
    }

    fn peek(&mut self) -> Option<u8> {
        self.space();
        self.text.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, wanted: u8, why: &'static str) -> Result<(), NotJson> {
        if self.peek() != Some(wanted) {
            return Err(self.wrong(why));
        }
        self.at += 1;
        Ok(())
    }

    fn value(&mut self, depth: usize) -> Result<Node, NotJson> {
        if depth > DEEPEST {
            return Err(self.wrong("it is nested too deeply"));
        }
        let first = self.peek();
        let start = self.at;
        let value = match first {
            Some(b'{') => self.object(depth)?,
            Some(b'[') => self.array(depth)?,
            Some(b'"') => Value::String(self.string()?),
            Some(b't' | b'f' | b'n' | b'-' | b'0'..=b'9') => self.scalar()?,
            Some(_) => return Err(self.wrong("expected a value")),
            None => return Err(self.wrong("the document ends before it is complete")),
        };
        Ok(Node { at: start..self.at, value })
    }

    fn object(&mut self, depth: usize) -> Result<Value, NotJson> {
        self.at += 1;
        let mut members = Vec::new();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(Value::Object(members));
        }
        loop {
            if self.peek() == Some(b'}') {
                return Err(self.wrong("there is a comma too many before this brace"));
            }
            if self.peek() != Some(b'"') {
                return Err(self.wrong("expected a name in double quotes"));
            }
            let start = self.at;
            let key = self.string()?;
            let key_at = start..self.at;
            self.take(b':', "expected a colon")?;
            members.push(Member { key, key_at, node: self.value(depth + 1)? });
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return Err(self.wrong("expected a comma or a closing brace")),
            }
        }
        self.at += 1;
        Ok(Value::Object(members))
    }

    fn array(&mut self, depth: usize) -> Result<Value, NotJson> {
        self.at += 1;
        let mut items = Vec::new();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(Value::Array(items));
        }
        loop {
            if !items.is_empty() && self.peek() == Some(b']') {
                return Err(self.wrong("there is a comma too many before this bracket"));
            }
            items.push(self.value(depth + 1)?);
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return Err(self.wrong("expected a comma or a closing bracket")),
            }
        }
        self.at += 1;
        Ok(Value::Array(items))
    }

    /// A string from its opening quote to its closing one.
    fn string(&mut self) -> Result<String, NotJson> {
        let opened = self.at;
        self.at += 1;
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let plain = rest.find(|c| c == '"' || c == '\\' || c < ' ').unwrap_or(rest.len());
            text.push_str(rest.get(..plain).unwrap_or_default());
            let stop = rest.as_bytes().get(plain).copied();
            self.at += plain;
            match stop {
                Some(b'"') => break,
                Some(b'\\') => text.push(self.escape()?),
                Some(_) => return Err(self.wrong("a control character has to be escaped")),
                None => {
                    let why = "this text has no closing quote";
                    return Err(NotJson { at: opened, why });
                }
            }
        }
        self.at += 1;
        Ok(text)
    }

    /// One character by its escape, which may be two halves.
    fn escape(&mut self) -> Result<char, NotJson> {
        const HALF: &str = "this is half a character: its other half has to follow";
        let start = self.at;
        let named = match self.text.as_bytes().get(self.at + 1) {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let first = self.unit()?;
                if let Some(whole) = char::from_u32(first) {
                    return Ok(whole);
                }
                if !self.rest().starts_with("\\u") {
                    return Err(NotJson { at: start, why: HALF });
                }
                let second = self.unit()?;
                let (Some(high), Some(low)) = (half(first, 0xd800), half(second, 0xdc00)) else {
                    return Err(NotJson { at: start, why: HALF });
                };
                return char::from_u32(0x1_0000 + (high << 10) + low)
                    .ok_or(NotJson { at: start, why: HALF });
            }
            _ => return Err(self.wrong("JSON has no such escape")),
        };
        self.at += 2;
        Ok(named)
    }

    /// The four digits of `\u0041`.
    fn unit(&mut self) -> Result<u32, NotJson> {
        let digits = self.text.get(self.at + 2..self.at + 6).unwrap_or_default();
        let hex = digits.len() == 4 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        match u32::from_str_radix(digits, 16) {
            Ok(unit) if hex => {
                self.at += 6;
                Ok(unit)
            }
            _ => Err(self.wrong("this escape needs four hexadecimal digits")),
        }
    }

    fn scalar(&mut self) -> Result<Value, NotJson> {
        let rest = self.rest();
        let end = rest.find([',', '}', ']', ' ', '\t', '\r', '\n']).unwrap_or(rest.len());
        let word = rest.get(..end).unwrap_or_default().to_owned();
        match serde_json::from_str::<serde_json::Value>(&word) {
            Ok(serde_json::Value::Null) => {
                self.at += end;
                Ok(Value::Null)
            }
            Ok(_) => {
                self.at += end;
                Ok(Value::Scalar(word))
            }
            Err(_) => Err(self.wrong("expected a value")),
        }
    }
}

/// A surrogate's own ten bits, where it is of that range.
fn half(unit: u32, from: u32) -> Option<u32> {
    unit.checked_sub(from).filter(|bits| *bits < 0x400)
}
