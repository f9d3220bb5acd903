//! The web page: [`crate::view_model::View`] drawn as HTML on the server.
//!
//! Knows no inventory and no session. The template escapes all that it is given; the page works
//! without its script, which only narrows the resources' table.

mod chain;
mod coverage;

use askama::Template;
use attache_aws_accounts::LinkStatus;
use chain::{Picture, lay_out};
use coverage::{Summary, incomplete, summarise};

use crate::view_model::{CoverageLine, Row, View, status_code};

/// The page's style sheet.
pub(crate) const STYLE: &str = include_str!("../../templates/page.css");

/// The page's script.
pub(crate) const SCRIPT: &str = include_str!("../../templates/page.js");

#[derive(Template)]
#[template(path = "page.html")]
struct Page<'v> {
    pictures: Vec<Picture>,
    summaries: Vec<Summary<'v>>,
    incomplete: Vec<&'v CoverageLine>,
    resources: &'v [Row],
    kinds: &'v [String],
    total: usize,
    accounts: String,
    scraped: String,
}

/// Draws the page.
///
/// # Errors
/// When the template cannot be filled, which no view is known to cause.
pub(crate) fn render(view: &View) -> Result<String, askama::Error> {
    let scraped = match view.scraped_at {
        Some(at) => format!(
            "last scraped {} {:02}:{:02}:{:02} UTC",
            at.date(),
            at.hour(),
            at.minute(),
            at.second()
        ),
        None => "not scraped yet".to_owned(),
    };
    let accounts = match view.chains.len() {
        1 => "1 account".to_owned(),
        several => format!("{several} accounts"),
    };
    let page = Page {
        pictures: view.chains.iter().map(lay_out).collect(),
        summaries: summarise(&view.coverage),
        incomplete: incomplete(&view.coverage),
        resources: &view.resources,
        kinds: &view.kinds,
        total: view.total,
        accounts,
        scraped,
    };
    page.render()
}

/// A status as the template spells it.
fn tone(status: impl std::borrow::Borrow<LinkStatus>) -> &'static str {
    status_code(*status.borrow())
}
