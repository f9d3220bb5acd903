//! `attache issuer publish`: a cluster's discovery document and keys, as files for any web server or objects of S3.

use std::path::{Path, PathBuf};

use attache_identifiers::{Issuer, Region};
use attache_kubernetes::{ClusterError, KeyChange, PublishedIssuer};
use attache_oidc::{DISCOVERY_PATH, JWKS_PATH, Jwks, KeyFinding, keys_url};
use miette::miette;
use serde_json::json;

use super::destination::{self, Destination, Place};
use crate::input;
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

  attache issuer publish --issuer https://issuers.s3.eu-west-1.amazonaws.com/prod --keys cluster.json \
    --out s3://issuers/prod --region eu-west-1

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
    /// The folder that the web server serves as the issuer's URL, or s3://BUCKET/PREFIX, written with the
    /// credentials that the AWS CLI would have.
    #[arg(long, value_name = "DIR|S3_URL", value_parser = destination::parse)]
    out: Destination,
    /// The bucket's region; `AWS_REGION` or the profile's where it is not given.
    #[arg(long, value_name = "REGION")]
    region: Option<Region>,
    /// The endpoint of S3 instead of AWS's; `AWS_ENDPOINT_URL_S3` works as well.
    #[arg(long, value_name = "URL")]
    endpoint_url: Option<String>,
    /// Keep the keys that are published there, besides those that are given.
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

pub(super) async fn run(args: &Args, out: &Output) -> miette::Result<Exit> {
    let mut left_out = Vec::new();
    let given = given(&args.keys, &mut left_out)?;
    let (region, endpoint) = (args.region.as_ref(), args.endpoint_url.as_deref());
    let place = Place::open(&args.out, region, endpoint).await?;
    let published = published(&place, args, &mut left_out).await?;
    let change = KeyChange::between(&published, &given, args.keep, &args.remove);
    let change = change.map_err(|error| refused(args, &error, &published))?;
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
    place.write(&site).await?;
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
            left_out.extend(unusable(&file.display().to_string(), &text)?);
        }
    }
    Ok(all)
}

/// The keys of a key set that AWS does not use.
fn unusable(file: &str, text: &str) -> miette::Result<Vec<LeftOut>> {
    let found = Jwks::examine(text).map_err(|e| miette!("{file}: {e}"))?;
    let numbered = (1..).zip(found).filter(|(_, one)| one.problem.is_some());
    let left_out = |(position, finding)| LeftOut { file: file.to_owned(), position, finding };
    Ok(numbered.map(left_out).collect())
}

/// The keys of this issuer that are published already; none where nothing is.
async fn published(
    place: &Place<'_>,
    args: &Args,
    left_out: &mut Vec<LeftOut>,
) -> miette::Result<Jwks> {
    let issuer = &args.issuer;
    if let Some(text) = place.read(DISCOVERY_PATH).await? {
        keys_url(&text, issuer.as_str()).map_err(|e| {
            miette!(
                help = format!("give another {} with --out: each issuer has its own", kind(args)),
                "could not publish {issuer} in {}: {e}",
                args.out
            )
        })?;
    }
    let Some(text) = place.read(JWKS_PATH).await? else { return Ok(Jwks::default()) };
    let name = place.name_of(JWKS_PATH);
    left_out.extend(unusable(&name, &text)?);
    input::jwks_text(Path::new(&name), &text)
}

/// What holds the documents.
fn kind(args: &Args) -> &'static str {
    match args.out {
        Destination::Folder(_) => "folder",
        Destination::S3 { .. } => "prefix",
    }
}

fn refused(args: &Args, error: &ClusterError, published: &Jwks) -> miette::Report {
    let ids: Vec<&str> = published.key_ids().collect();
    let help = match (error, ids.as_slice()) {
        (ClusterError::Removal { .. }, []) => format!("no key is published in that {}", kind(args)),
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
        args.out,
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
            "issuer": args.issuer.as_str(), (kind(args)): args.out.to_string(), "keys": keys,
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
    let (issuer, place) = (&args.issuer, &args.out);
    let base = issuer.as_str().trim_end_matches('/');
    out.line("");
    let serve = match place {
        Destination::Folder(_) => format!("Serve {place} as {base}"),
        Destination::S3 { .. } => format!("Let everyone read {place}/* as {base}/*"),
    };
    out.line(format!("{serve}, then: attache issuer check {issuer}"));
    out.line(format!(
        "kube-apiserver: --service-account-issuer={issuer} --service-account-jwks-uri={base}{JWKS_PATH}"
    ));
    Ok(())
}
