//! Coverage for the eye: a line for each resource type over all accounts and regions, then each
//! scrape that is not complete by itself.

use crate::view::{CoverageLine, Status};

/// One resource type over all accounts and regions.
pub(super) struct Summary<'v> {
    pub(super) kind: &'v str,
    pub(super) tone: Status,
    pub(super) complete: usize,
    pub(super) of: usize,
    pub(super) count: usize,
}

/// The types in their order, summed.
pub(super) fn summarise(lines: &[CoverageLine]) -> Vec<Summary<'_>> {
    let mut kinds: Vec<&str> = lines.iter().map(|line| line.kind.as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    kinds.into_iter().map(|kind| summary(kind, lines)).collect()
}

fn summary<'v>(kind: &'v str, lines: &[CoverageLine]) -> Summary<'v> {
    let own = lines.iter().filter(|line| line.kind == kind);
    let mut sum = Summary { kind, tone: Status::Ok, complete: 0, of: 0, count: 0 };
    for line in own {
        sum.of += 1;
        sum.complete += usize::from(line.tone == Status::Ok);
        sum.count += line.count;
        sum.tone = sum.tone.max(line.tone);
    }
    sum
}

/// The scrapes that are not complete.
pub(super) fn incomplete(lines: &[CoverageLine]) -> Vec<&CoverageLine> {
    lines.iter().filter(|line| line.tone != Status::Ok).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_incomplete_scrape_colours_its_type_and_is_told_by_itself() {
        let line = |kind: &str, region: &str, tone, count| CoverageLine {
            account: "222222222222".into(),
            region: region.into(),
            kind: kind.into(),
            status: "ok".into(),
            tone,
            count,
            message: String::new(),
        };
        let lines = [
            line("rds:db", "us-east-1", Status::Fail, 4),
            line("ec2:vpc", "us-east-1", Status::Ok, 2),
            line("rds:db", "eu-west-1", Status::Ok, 3),
        ];
        let sums = summarise(&lines);
        let told: Vec<_> =
            sums.iter().map(|s| (s.kind, s.tone, s.complete, s.of, s.count)).collect();
        assert_eq!(told, [("ec2:vpc", Status::Ok, 1, 1, 2), ("rds:db", Status::Fail, 1, 2, 7)]);
        assert_eq!(incomplete(&lines).len(), 1);
    }
}
