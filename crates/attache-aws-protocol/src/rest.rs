//! restJson and restXml requests: the path and the query string carry the input.
//!
//! <https://smithy.io/2.0/spec/http-bindings.html>

use percent_encoding::percent_decode_str;

use crate::WireError;

/// The path's segments, each decoded by itself, so that an escaped slash stays inside its segment.
/// Leading, trailing and doubled slashes make no segments.
///
/// ```
/// let path = "/2015-03-31/functions/arn%3Aaws%3Alambda%2Fx/";
/// assert_eq!(attache_aws_protocol::rest::segments(path)?, ["2015-03-31", "functions", "arn:aws:lambda/x"]);
/// # Ok::<(), attache_aws_protocol::WireError>(())
/// ```
///
/// # Errors
/// When a segment is not UTF-8 once decoded.
pub fn segments(path: &str) -> Result<Vec<String>, WireError> {
    path.split('/').filter(|part| !part.is_empty()).map(|part| decoded(part, "the path")).collect()
}

/// The query string's parameters in the order in which they were sent, repeated ones repeated. A
/// parameter without a value (`?lifecycle`) has an empty one.
///
/// # Errors
/// When a name or a value is not UTF-8 once decoded.
pub fn parameters(query: &str) -> Result<Vec<(String, String)>, WireError> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let spaced = |text: &str| decoded(&text.replace('+', " "), "the query string");
            Ok((spaced(name)?, spaced(value)?))
        })
        .collect()
}

/// The first parameter of a name.
#[must_use]
pub fn parameter<'p>(parameters: &'p [(String, String)], name: &str) -> Option<&'p str> {
    parameters.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
}

fn decoded(text: &str, what: &str) -> Result<String, WireError> {
    let text = percent_decode_str(text).decode_utf8();
    text.map(|text| text.into_owned()).map_err(|_| WireError::NotUtf8 { what: what.to_owned() })
}
