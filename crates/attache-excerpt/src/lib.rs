//! What an error shows of a text that others wrote.
//!
//! Knows: how to find the line and the column of a place ([`position()`], [`advance`], [`word_at`]),
//! how to cut a message ([`clip()`]), and which part of a text to print around a place ([`Excerpt`]):
//! a window of its lines, in which nothing is left that a terminal acts on. However long the text,
//! its lines and what is said about them, an error of these parts has at most [`MAX_ERROR_BYTES`].
//!
//! Does not know: what the text means, where it comes from, how an error is printed.
//!
//! ```
//! use attache_excerpt::{Excerpt, Label, position};
//! let text = format!("{}here{}", "a".repeat(100_000), "z".repeat(100_000));
//! let excerpt = Excerpt::new("one-line.json", &text, &[Label::new(100_000..100_004, "this")]);
//! assert_eq!(position(&text, 100_000), (1, 100_001));
//! assert!(excerpt.text().contains("aaahere"));
//! assert!(excerpt.text().len() < 200);
//! ```

mod clip;
mod excerpt;
mod line;
mod position;

pub use clip::{MAX_ERROR_BYTES, MAX_MESSAGE_BYTES, MAX_NAME_BYTES, clip, join};
pub use excerpt::{Excerpt, Label};
pub use position::{advance, position, word_at};
