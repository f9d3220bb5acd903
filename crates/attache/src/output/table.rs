//! Rows as aligned columns: the layout is comfy-table's, the colours are put in afterwards.

use comfy_table::{Table, presets};

use super::{Tone, marks, one_line};
use attache_identifiers::excerpt;

/// Ours, in characters: longer than any ARN, and short of the widths that the layout counts in.
const LONGEST_CELL: usize = 2_500;

/// The lines of a table: the heading first. A cell is one line of plain text; `tone` colours it by
/// that text.
pub(super) fn lines(
    head: &[&str],
    rows: &[Vec<String>],
    tone: fn(&str) -> Option<Tone>,
) -> Vec<String> {
    let cells = |row: &Vec<String>| row.iter().map(|cell| cell_text(cell)).collect::<Vec<_>>();
    let rows: Vec<Vec<String>> = rows.iter().map(cells).collect();
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(head.iter().map(|name| name.to_uppercase()));
    table.add_rows(&rows);
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    let mut lines = table.lines().map(|line| line.trim_end().to_owned());
    let heading = lines.next().map(|line| marks::painted(Tone::Faint, &line));
    heading.into_iter().chain(lines.zip(&rows).map(|(l, row)| painted(&l, row, tone))).collect()
}

fn cell_text(text: &str) -> String {
    one_line(&excerpt(text, LONGEST_CELL)).trim_end().to_owned()
}

/// A line whose cells are coloured, each where it is found after the one before it.
fn painted(line: &str, cells: &[String], tone: fn(&str) -> Option<Tone>) -> String {
    let mut painted = String::with_capacity(line.len());
    let mut rest = line;
    for cell in cells {
        let Some((before, after)) = rest.split_once(cell.as_str()) else { continue };
        painted.push_str(before);
        match tone(cell) {
            Some(tone) => painted.push_str(&marks::painted(tone, cell)),
            None => painted.push_str(cell),
        }
        rest = after;
    }
    painted + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(head: &[&str], rows: &[&[&str]]) -> Vec<String> {
        let row = |row: &&[&str]| row.iter().map(|cell| (*cell).to_owned()).collect();
        let rows: Vec<Vec<String>> = rows.iter().map(row).collect();
        let lines = lines(head, &rows, |cell| (cell == "fail").then_some(Tone::Bad));
        lines.iter().map(|line| marks::printed(line, true, one_line)).collect()
    }

    #[test]
    fn columns_are_aligned_by_the_width_on_the_screen() {
        assert_eq!(
            plain(&["status", "found"], &[&["ok", "a"], &["fail", "b fail"], &["日本", "c"]]),
            [
                "\u{1b}[2mSTATUS  FOUND\u{1b}[0m",
                "ok      a",
                "\u{1b}[31mfail\u{1b}[0m    b fail",
                "日本    c",
            ]
        );
    }

    #[test]
    fn a_cell_is_coloured_and_not_the_same_word_in_another() {
        let lines = plain(&["name", "", "status"], &[&["failover", "", "fail"]]);
        assert_eq!(lines[1], "failover     \u{1b}[31mfail\u{1b}[0m");
    }

    #[test]
    fn a_cell_of_any_width_is_one_line() {
        let wide = "x ".repeat(70_000);
        let lines = plain(&["a", "b"], &[&[&wide, "end"], &["", "end"]]);
        assert_eq!(lines.len(), 3);
        assert!(lines[1].ends_with("  end"), "{}", lines[1].len());
    }

    #[test]
    fn a_cell_forges_no_row() {
        let lines = plain(&["a", "b", "c"], &[&["ok\nfail  all of it", "\u{1b}[2J", "last"]]);
        assert_eq!(lines[1], "ok\\nfail  all of it  \\u{1b}[2J  last");
    }
}
