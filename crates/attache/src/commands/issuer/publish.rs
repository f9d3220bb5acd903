//! `attache issuer publish`: a cluster's discovery document and keys, as files for any web server.

use std::path::{Path, PathBuf};

use attache_identifiers::Issuer;
use attache_kubernetes::{ClusterError, KeyChange, PublishedIssuer};
use attache_oidc::{DISCOVERY_PATH, JWKS_PATH, Jwks, KeyFinding, keys_url};
use miette::miette;
use serde_json::json;

use crate::input::{self, MAX_KEY_BYTES};
use crate::output::{self, Exit, Format, Output, Tone};

/// Which keys, and where to.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  kubectl get --raw /openid/v1/jwks |
    attache issuer publish --issuer https://issuer.example/prod --keys - --out site/
  attache issuer publish --issuer https://issuer.example/prod --keys sa.pub --out site/
  attache issuer publish --issuer https://issuer.example --keys a.json --keys b.json --out site/
    # two clusters with one --service-account-issuer

A key's rotation, with overlap:
  attache issuer publish --issuer URL --keys new.pub --keep --out site/      # both keys
  # let every API server sign with the new key, and wait until the tokens of the old one expired
  attache issuer publish --issuer URL --keys new.pub --keep --remove KEY_ID --out site/")]
pub(super) struct Args {
    /// The issuer's URL: the API servers' --service-account-issuer. https, no port, no query.
    #[arg(long, value_name = "URL")]
    issuer: Issuer,
    /// A file of keys: what the API server answers at /openid/v1/jwks, or PEM such as sa.pub or
    /// sa.key, of which only the public half is read. - is standard input. May be given several times.
    #[arg(long, value_name = "FILE|-", required_unless_present = "keep")]
    keys: Vec<PathBuf>,
    /// The folder that the web server serves as the issuer's URL.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Keep the keys that are published in the folder, besides those that are given.
    #[arg(long)]
    keep: bool,
    /// Remove a published key by its id. Tokens that it signed are then refused. May be given several
    /// times.
    #[arg(long, value_name = "KEY_ID")]
    remove: Vec<String>,
}

/// A key of a given file that AWS does not use, and that is not published.
struct LeftOut {
    file: String,
    position: usize,
    finding: KeyFinding,
}

pub(super) fn run(args: &Args, out: &Output) -> miette::Result<Exit> {
    let mut left_out = Vec::new();
    let given = given(&args.keys, &mut left_out)?;
    let published = published(&args.out, &args.issuer, &mut left_out)?;
    let change = KeyChange::between(&published, &given, args.keep, &args.remove);
    let change = change.map_err(|error| refused(&error, &published))?;
    for one in &left_out {
        output::warn(&format!("{} is not published", named(one)));
    }
    require_consent(args, &change)?;
    if change.keys.is_empty() {
        return Err(miette!(
            help = "give a key with --keys; attache token jwks --key FILE shows what is read of a file",
            "no key is left to publish: every token of {} would be refused",
            args.issuer
        ));
    }
    require_usable(&change.keys)?;
    let site = PublishedIssuer::new(args.issuer.clone(), change.keys.clone());
    site.write(&args.out).map_err(|e| miette!("{e}"))?;
    show(args, &change, &left_out, out)?;
    Ok(Exit::Done)
}

/// The keys of the files. What AWS does not use of them is added to `left_out`.
fn given(files: &[PathBuf], left_out: &mut Vec<LeftOut>) -> miette::Result<Jwks> {
    let mut all = Jwks::default();
    for file in files {
        let (keys, text) = input::public_keys(file)?;
        all.merge(&keys)
            .map_err(|e| miette!("could not publish the keys of {}: {e}", file.display()))?;
        if Jwks::looks_like_json(&text) {
            left_out.extend(unusable(file, &text)?);
        }
    }
    Ok(all)
}

/// The keys of a key set that AWS does not use.
fn unusable(file: &Path, text: &str) -> miette::Result<Vec<LeftOut>> {
    let found = Jwks::examine(text).map_err(|e| miette!("{}: {e}", file.display()))?;
    let numbered = (1..).zip(found).filter(|(_, one)| one.problem.is_some());
    let left_out =
        |(position, finding)| LeftOut { file: file.display().to_string(), position, finding };
    Ok(numbered.map(left_out).collect())
}

/// The keys that the folder has of this issuer; none where it has nothing.
fn published(folder: &Path, issuer: &Issuer, left_out: &mut Vec<LeftOut>) -> miette::Result<Jwks> {
    let place = |path: &str| folder.join(path.trim_start_matches('/'));
    let (document, keys) = (place(DISCOVERY_PATH), place(JWKS_PATH));
    if document.exists() {
        let text = input::text(&document, MAX_KEY_BYTES)?;
        keys_url(&text, issuer.as_str()).map_err(|e| {
            miette!(
                help = "give another folder with --out: each issuer has its own",
                "could not publish {issuer} in {}: {e}",
                folder.display()
            )
        })?;
    }
    if !keys.exists() {
        return Ok(Jwks::default());
    }
    left_out.extend(unusable(&keys, &input::text(&keys, MAX_KEY_BYTES)?)?);
    input::jwks(&keys)
}

fn refused(error: &ClusterError, published: &Jwks) -> miette::Report {
    let ids: Vec<&str> = published.key_ids().collect();
    let help = match (error, ids.as_slice()) {
        (ClusterError::Removal { .. }, []) => "no key is published in that folder".to_owned(),
        (ClusterError::Removal { .. }, ids) => format!("published are: {}", ids.join(", ")),
        _ => "a key that was published under that id stays until --remove KEY_ID".to_owned(),
    };
    miette!(help = help, "{error}")
}

/// A key goes only by its name: whoever has a token that it signed loses access.
fn require_consent(args: &Args, change: &KeyChange) -> miette::Result<()> {
    let unnamed: Vec<&str> = change.removed.iter().map(String::as_str).collect();
    let unnamed: Vec<&str> =
        unnamed.into_iter().filter(|id| !args.remove.iter().any(|named| named == id)).collect();
    let Some(first) = unnamed.first() else { return Ok(()) };
    Err(miette!(
        help = format!("keep it with --keep, or remove it with --remove {first}"),
        "{} has keys that are not given: {}; tokens that they signed would be refused",
        args.out.display(),
        unnamed.join(", ")
    ))
}

/// Refuses keys of which AWS uses none: more than a hundred of a type.
fn require_usable(keys: &Jwks) -> miette::Result<()> {
    let found = Jwks::examine(&keys.to_json()).map_err(|e| miette!("{e}"))?;
    match found.into_iter().find_map(|one| one.problem) {
        Some(problem) => Err(miette!("could not publish these keys together: {problem}")),
        None => Ok(()),
    }
}

fn named(one: &LeftOut) -> String {
    let id = one.finding.key_id.as_deref().map(|id| format!(" ({id})")).unwrap_or_default();
    let why = one.finding.problem.as_ref().map(ToString::to_string).unwrap_or_default();
    format!("key {} of {}{id}: {why}; it", one.position, one.file)
}

fn show(args: &Args, change: &KeyChange, left_out: &[LeftOut], out: &Output) -> miette::Result<()> {
    let state = |id: &str| {
        let is = |list: &[String]| list.iter().any(|one| one == id);
        if is(&change.added) {
            "new"
        } else if is(&change.kept) {
            "kept"
        } else {
            "published"
        }
    };
    let listed: Vec<(&str, &str, &str)> =
        change.keys.kinds().map(|(id, kind)| (id, kind, state(id))).collect();
    if out.format == Format::Json {
        let keys: Vec<_> = listed
            .iter()
            .map(|(id, kind, state)| json!({ "key_id": id, "kind": kind, "state": state }))
            .collect();
        let left_out: Vec<_> = left_out
            .iter()
            .map(|one| {
                json!({ "file": one.file, "position": one.position, "key_id": one.finding.key_id,
                    "why": one.finding.problem.as_ref().map(ToString::to_string) })
            })
            .collect();
        return out.json(&json!({
            "issuer": args.issuer.as_str(), "folder": args.out.display().to_string(), "keys": keys,
            "removed": change.removed, "left_out": left_out,
        }));
    }
    let removed = change.removed.iter().map(|id| vec![id.clone(), "-".into(), "removed".into()]);
    let rows: Vec<Vec<String>> = listed
        .iter()
        .map(|(id, kind, state)| vec![(*id).to_owned(), (*kind).to_owned(), (*state).to_owned()])
        .chain(removed)
        .collect();
    out.table(&["key", "kind", "state"], &rows, |cell| match cell {
        "new" => Some(Tone::Good),
        "removed" => Some(Tone::Warning),
        _ => None,
    });
    let (issuer, folder) = (&args.issuer, args.out.display());
    let base = issuer.as_str().trim_end_matches('/');
    out.line("");
    out.line(format!("Serve {folder} as {base}, then: attache issuer check {issuer}"));
    out.line(format!(
        "kube-apiserver: --service-account-issuer={issuer} --service-account-jwks-uri={base}{JWKS_PATH}"
    ));
    Ok(())
}
