//! Which of a file's workloads is verified, and in which of its clusters.

use attache_federation::{Federation, Identity, TokenFile};
use attache_manifests::suggestion;
use attache_oidc::UnverifiedToken;

/// What the command line names.
pub(super) struct Choice<'a> {
    pub(super) workload: Option<&'a str>,
    pub(super) cluster: Option<&'a str>,
}

/// Those that may be meant: at least one.
pub(super) struct Candidates<'f> {
    pub(super) first: Identity<'f>,
    more: Vec<Identity<'f>>,
}

impl<'f> Candidates<'f> {
    pub(super) fn all(&self) -> impl Iterator<Item = Identity<'f>> {
        std::iter::once(self.first).chain(self.more.iter().copied())
    }
}

impl Choice<'_> {
    /// # Errors
    /// A name that the file does not have, with those that it has.
    pub(super) fn candidates<'f>(
        &self,
        federation: &'f Federation,
        file: &str,
    ) -> miette::Result<Candidates<'f>> {
        let mut left: Vec<Identity<'f>> = federation.identities().collect();
        if let Some(name) = self.workload {
            let names: Vec<String> = left.iter().map(|own| own.workload.name()).collect();
            left.retain(|own| own.workload.name() == name);
            known(&left, file, ("workload", name), &names)?;
        }
        if let Some(name) = self.cluster {
            let names: Vec<String> =
                left.iter().filter_map(|own| own.cluster).map(str::to_owned).collect();
            left.retain(|own| own.cluster == Some(name));
            known(&left, file, ("cluster", name), &names)?;
        }
        let mut left = left.into_iter();
        let first = left.next().ok_or_else(|| miette::miette!("{file} has no workload"))?;
        Ok(Candidates { first, more: left.collect() })
    }
}

fn known(
    left: &[Identity<'_>],
    file: &str,
    (what, name): (&str, &str),
    names: &[String],
) -> miette::Result<()> {
    if !left.is_empty() {
        return Ok(());
    }
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    names.sort_unstable();
    names.dedup();
    let help = match names.as_slice() {
        [] => format!("the file has one {what}: leave --{what} out"),
        names => suggestion(name, names),
    };
    Err(miette::miette!(help = help, "{file} has no {what} {name}"))
}

/// The one that the token is of; the first where the token is none of theirs or cannot be read.
pub(super) fn of_token<'f>(candidates: &Candidates<'f>, token: &TokenFile) -> Identity<'f> {
    let read =
        token.text.as_ref().ok().and_then(|text| UnverifiedToken::parse(text.expose().trim()).ok());
    let Some(read) = read else { return candidates.first };
    let of_issuer = |own: &Identity<'f>| own.issuer.is_none_or(|own| own.as_str() == read.issuer());
    let of_subject = |own: &Identity<'f>| own.workload.subject() == read.subject();
    let all = || candidates.all();
    let exact = all().find(|own| of_issuer(own) && of_subject(own));
    // Another workload of a known cluster, or a known workload of another cluster: the checks say which.
    exact
        .or_else(|| all().find(of_issuer))
        .or_else(|| all().find(of_subject))
        .unwrap_or(candidates.first)
}
