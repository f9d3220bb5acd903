//! One account's chain as a picture: where each link is drawn and what is written under it.
//!
//! Plain geometry over [`crate::view_model::Chain`]; the template draws it. Knows no HTML.

use attache_aws_accounts::LinkStatus;

use crate::view_model::{Chain, ChainLink, status_code};

/// Pixels of the picture's own coordinates; the browser scales it to the column.
const WIDTH: usize = 1120;
/// From the top to the marks' centres.
const MARK_Y: usize = 34;
/// Half a mark's width.
const RADIUS: usize = 17;
/// Below the mark: the link's name, then its detail line by line.
const NAME_Y: usize = 78;
const LINE_HEIGHT: usize = 17;
/// What fits between two marks at the detail's type size; the whole text is the node's tooltip.
const DETAIL_COLUMNS: usize = 27;
const DETAIL_LINES: usize = 3;

/// A chain, laid out.
pub(super) struct Picture {
    pub(super) account: String,
    pub(super) status: &'static str,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) nodes: Vec<Node>,
    pub(super) edges: Vec<Edge>,
}

/// One link's mark with its words.
pub(super) struct Node {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) radius: usize,
    pub(super) status: &'static str,
    pub(super) mark: &'static str,
    pub(super) name: &'static str,
    pub(super) name_y: usize,
    pub(super) lines: Vec<(usize, String)>,
    pub(super) tooltip: String,
    remediable: bool,
}

impl Picture {
    /// The links that do not hold and have a remedy.
    pub(super) fn remedies(&self) -> Vec<&Node> {
        self.nodes.iter().filter(|node| node.remediable).collect()
    }
}

/// From one mark to the next: it has the state of the link that it leads to.
pub(super) struct Edge {
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) y: usize,
    pub(super) status: &'static str,
}

/// Lays out a chain from left to right.
pub(super) fn lay_out(chain: &Chain) -> Picture {
    let step = WIDTH / chain.links.len().max(1);
    let centre = |i: usize| step * i + step / 2;
    let nodes: Vec<Node> =
        chain.links.iter().enumerate().map(|(i, link)| node(link, centre(i))).collect();
    let edges = chain.links.iter().enumerate().skip(1).map(|(i, link)| Edge {
        from: centre(i - 1) + RADIUS + 6,
        to: centre(i) - RADIUS - 6,
        y: MARK_Y,
        status: status_code(link.status),
    });
    Picture {
        account: chain.account.clone(),
        status: status_code(worst(&chain.links)),
        width: WIDTH,
        height: NAME_Y + LINE_HEIGHT * (DETAIL_LINES + 1),
        edges: edges.collect(),
        nodes,
    }
}

fn node(link: &ChainLink, x: usize) -> Node {
    let lines = wrap(&link.detail, DETAIL_COLUMNS, DETAIL_LINES);
    let place = |(i, line): (usize, String)| (NAME_Y + LINE_HEIGHT * (i + 1) + 2, line);
    let tooltip = match &link.remedy {
        Some(remedy) => format!("{}\n{remedy}", link.detail),
        None => link.detail.clone(),
    };
    Node {
        x,
        y: MARK_Y,
        radius: RADIUS,
        status: status_code(link.status),
        mark: mark(link.status),
        name: link.link.title(),
        name_y: NAME_Y,
        lines: lines.into_iter().enumerate().map(place).collect(),
        tooltip,
        remediable: link.remedy.is_some() && link.status != LinkStatus::Ok,
    }
}

/// Breaks text at spaces and, for ARNs, after `:` and `/`, into at most `most` lines; what does not
/// fit ends with an ellipsis.
fn wrap(text: &str, columns: usize, most: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for piece in text.split_inclusive([' ', ':', '/']) {
        let mut rest: Vec<char> = piece.chars().collect();
        while !rest.is_empty() {
            let used = lines.last().map_or(0, |l| l.chars().count());
            if used > 0 && used + rest.len() > columns {
                lines.push(String::new());
                continue;
            }
            let taken: String = rest.drain(..rest.len().min(columns - used)).collect();
            if let Some(line) = lines.last_mut() {
                line.push_str(&taken);
            }
        }
    }
    if lines.len() > most {
        lines.truncate(most);
        if let Some(line) = lines.last_mut() {
            line.push('…');
        }
    }
    lines
}

fn mark(status: LinkStatus) -> &'static str {
    match status {
        LinkStatus::Ok => "✓",
        LinkStatus::Warn => "!",
        LinkStatus::Fail => "✕",
        LinkStatus::Unknown => "…",
    }
}

fn worst(links: &[ChainLink]) -> LinkStatus {
    links.iter().map(|link| link.status).max().unwrap_or(LinkStatus::Ok)
}

#[cfg(test)]
mod tests {
    use attache_aws_accounts::Link;

    use super::*;

    #[test]
    fn an_arn_breaks_where_it_reads_best() {
        let lines = wrap("arn:aws:sts::222222222222:assumed-role/CauselyAccess/attache", 27, 3);
        assert_eq!(lines, ["arn:aws:sts::222222222222:", "assumed-role/CauselyAccess/", "attache"]);
    }

    #[test]
    fn a_word_longer_than_a_line_is_cut_and_nothing_loops() {
        assert_eq!(wrap(&"x".repeat(60), 27, 2), ["x".repeat(27), format!("{}…", "x".repeat(27))]);
        assert_eq!(wrap("", 27, 2), [""]);
    }

    #[test]
    fn the_worst_link_colours_the_chain() {
        let link = |status| ChainLink {
            name: "token",
            link: Link::Token,
            status,
            detail: "d".into(),
            remedy: None,
        };
        assert_eq!(worst(&[link(LinkStatus::Ok), link(LinkStatus::Warn)]), LinkStatus::Warn);
        assert_eq!(worst(&[link(LinkStatus::Unknown), link(LinkStatus::Fail)]), LinkStatus::Fail);
        assert_eq!(worst(&[]), LinkStatus::Ok);
    }
}
