//! Coverage for the eye: a line for each resource type over all accounts and regions, then each
//! scrape that is not complete by itself.

use attache_aws_accounts::LinkStatus;

use crate::view_model::CoverageLine;

/// One resource type over all accounts and regions.
pub(super) struct Summary<'v> {
    pub(super) kind: &'v str,
    pub(super) tone: LinkStatus,
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
    let mut sum = Summary { kind, tone: LinkStatus::Ok, complete: 0, of: 0, count: 0 };
    for line in own {
        sum.of += 1;
        sum.complete += usize::from(line.tone == LinkStatus::Ok);
        sum.count += line.count;
        sum.tone = sum.tone.max(line.tone);
    }
    sum
}

/// The scrapes that are not complete.
pub(super) fn incomplete(lines: &[CoverageLine]) -> Vec<&CoverageLine> {
    lines.iter().filter(|line| line.tone != LinkStatus::Ok).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_incomplete_scrape_colours_its_type_and_has_a_line_of_its_own() {
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
            line("rds:db", "us-east-1", LinkStatus::Fail, 4),
            line("ec2:vpc", "us-east-1", LinkStatus::Ok, 2),
            line("rds:db", "eu-west-1", LinkStatus::Ok, 3),
        ];
        let sums = summarise(&lines);
        let rows: Vec<_> =
            sums.iter().map(|s| (s.kind, s.tone, s.complete, s.of, s.count)).collect();
        assert_eq!(
            rows,
            [("ec2:vpc", LinkStatus::Ok, 1, 1, 2), ("rds:db", LinkStatus::Fail, 1, 2, 7)]
        );
        assert_eq!(incomplete(&lines).len(), 1);
    }
}
