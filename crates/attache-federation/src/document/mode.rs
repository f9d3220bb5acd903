//! What a file says for its mode alone: the issuer of `direct`, the cluster of `podIdentity`.

use attache_identifiers::{Issuer, Partition, Region, excerpt, printable};
use attache_manifests::{File, Invalid, suggestion};
use serde_saphyr::{Location, Spanned};

use super::check::QUOTED;
use super::{Cluster, DEFAULT_AUDIENCE, ListedWorkload, ModeSettings, OidcSettings, Role, shape};
use crate::desired::TARGETS_POLICY;

const MODES: &[&str] = &["direct", "podIdentity"];

/// AWS's: a provider takes at most five thumbprints, each of forty characters.
const MOST_THUMBPRINTS: usize = 5;
const THUMBPRINT_LENGTH: usize = 40;

/// AWS's: a client id has at most 255 characters.
const LONGEST_AUDIENCE: usize = 255;

/// AWS's: characters of a cluster's name.
/// <https://docs.aws.amazon.com/eks/latest/APIReference/API_CreateCluster.html>
const LONGEST_CLUSTER: usize = 100;

/// The keys that belong to one mode or the other.
pub(super) struct Given<'f> {
    pub(super) file: File<'f>,
    pub(super) spec_at: Location,
    pub(super) mode: Option<Spanned<String>>,
    pub(super) issuer: Option<Spanned<Issuer>>,
    pub(super) audience: Option<Spanned<shape::Words>>,
    pub(super) thumbprints: Option<Spanned<Vec<Spanned<String>>>>,
    pub(super) cluster: Option<shape::Cluster>,
    pub(super) clusters: Option<Spanned<Vec<shape::NamedCluster>>>,
}

/// The mode, with the place of the cluster's region.
pub(super) struct ReadMode {
    pub(super) settings: ModeSettings,
    region_at: Option<Location>,
}

impl Given<'_> {
    pub(super) fn read(self) -> Result<ReadMode, Invalid> {
        match self.mode.as_ref().map(|mode| mode.value.as_str()) {
            None | Some("direct") => self.direct(),
            Some("podIdentity") => self.pod_identity(),
            Some(other) => {
                let message = format!("unknown mode `{}`", excerpt(other, QUOTED));
                let at = self.mode.as_ref().map_or(self.spec_at, |mode| mode.referenced);
                Err(self.file.wrong(at, message, Some(suggestion(other, MODES))))
            }
        }
    }

    fn direct(self) -> Result<ReadMode, Invalid> {
        let file = self.file;
        if let Some(cluster) = &self.cluster {
            let help = "add `mode: podIdentity`, or remove `cluster`".to_owned();
            let message = "the mode `direct` has no `cluster`: the issuer stands for it";
            return Err(file.wrong(cluster.name.referenced, message, Some(help)));
        }
        if let Some(clusters) = self.clusters {
            return several(file, self.issuer, self.thumbprints, self.audience, clusters);
        }
        let Some(issuer) = self.issuer else {
            let help = "`aws eks describe-cluster --name NAME --query cluster.identity.oidc.issuer \
                        --output text` prints it";
            let message = "missing key `issuer` in the mapping that begins here";
            return Err(file.wrong(self.spec_at, message, Some(help.to_owned())));
        };
        let thumbprints = self.thumbprints.map(|given| given.value).unwrap_or_default();
        let settings = ModeSettings::Direct(vec![OidcSettings {
            name: None,
            issuer: whole(file, issuer)?,
            audiences: audiences(file, self.audience)?,
            thumbprints: thumbprints_of(file, thumbprints)?,
        }]);
        Ok(ReadMode { settings, region_at: None })
    }

    /// The keys of the provider are refused: one that is passed over in silence looks as if it counted.
    fn pod_identity(self) -> Result<ReadMode, Invalid> {
        let file = self.file;
        for (key, at) in [
            ("issuer", self.issuer.as_ref().map(|given| given.referenced)),
            ("audience", self.audience.as_ref().map(|given| given.referenced)),
            ("thumbprints", self.thumbprints.as_ref().map(|given| given.referenced)),
            ("clusters", self.clusters.as_ref().map(|given| given.referenced)),
        ] {
            if let Some(at) = at {
                let message = format!("the mode `podIdentity` has no `{key}`");
                let help = match key {
                    "clusters" => {
                        "name one EKS cluster with `cluster`; another one is another file"
                    }
                    _ => {
                        "remove it: EKS reads the pods' tokens itself, and no account needs an OIDC \
                          provider"
                    }
                };
                return Err(file.wrong(at, message, Some(help.to_owned())));
            }
        }
        let Some(cluster) = self.cluster else {
            let at = self.mode.as_ref().map_or(self.spec_at, |mode| mode.referenced);
            let help = "add `cluster: { name: NAME, region: REGION }`, an EKS cluster of the source's \
                        account; `aws eks list-clusters` lists their names";
            let message = "the mode `podIdentity` needs the `cluster`";
            return Err(file.wrong(at, message, Some(help.to_owned())));
        };
        let region_at = Some(cluster.region.referenced);
        let name = cluster_name(file, cluster.name)?;
        let cluster = Cluster { name, region: cluster.region.value };
        Ok(ReadMode { settings: ModeSettings::PodIdentity(cluster), region_at })
    }
}

impl ReadMode {
    /// The cluster is in the partition of the targets.
    pub(super) fn same_partition(
        &self,
        file: File<'_>,
        partition: &Partition,
    ) -> Result<(), Invalid> {
        let (ModeSettings::PodIdentity(cluster), Some(at)) = (&self.settings, self.region_at)
        else {
            return Ok(());
        };
        let region: &Region = &cluster.region;
        let own = region.partition();
        if own == *partition {
            return Ok(());
        }
        let message =
            format!("{region} is in the partition {own}, the first target in {partition}");
        let help = "no role is assumed from another partition".to_owned();
        Err(file.wrong(at, message, Some(help)))
    }
}

/// The list `clusters`: each with its issuer, and with the file's audiences where it has none of its own.
fn several(
    file: File<'_>,
    issuer: Option<Spanned<Issuer>>,
    thumbprints: Option<Spanned<Vec<Spanned<String>>>>,
    audience: Option<Spanned<shape::Words>>,
    clusters: Spanned<Vec<shape::NamedCluster>>,
) -> Result<ReadMode, Invalid> {
    let beside = [
        ("issuer", issuer.map(|given| given.referenced)),
        ("thumbprints", thumbprints.map(|given| given.referenced)),
    ];
    if let Some((key, at)) = beside.into_iter().find_map(|(key, at)| Some((key, at?))) {
        let message = format!("found `{key}` beside `clusters`");
        let help = "each of the `clusters` has its own".to_owned();
        return Err(file.wrong(at, message, Some(help)));
    }
    if clusters.value.is_empty() {
        let message = "expected at least one cluster, found none";
        return Err(file.wrong(clusters.referenced, message, None));
    }
    let default = audiences(file, audience)?;
    let mut read: Vec<OidcSettings> = Vec::new();
    for cluster in clusters.value {
        let (name_at, issuer_at) = (cluster.name.referenced, cluster.issuer.referenced);
        let issuer = whole(file, cluster.issuer)?;
        let name = cluster_name(file, cluster.name)?;
        if read.iter().any(|other| other.name.as_deref() == Some(name.as_str())) {
            let message = format!("duplicate cluster `{name}`");
            return Err(file.wrong(name_at, message, None));
        }
        // A token fits one of two issuers that differ in a slash or in letters: one of them is misspelt.
        let same = |other: &&OidcSettings| {
            let bare = |issuer: &Issuer| issuer.as_str().trim_end_matches('/').to_lowercase();
            bare(&other.issuer) == bare(&issuer)
        };
        if let Some(other) = read.iter().find(same) {
            let other = other.name.as_deref().unwrap_or_default();
            let message = format!("the cluster `{other}` has this issuer already");
            let help =
                "clusters that share an issuer are one cluster to AWS: remove one of the two";
            return Err(file.wrong(issuer_at, message, Some(help.to_owned())));
        }
        let audiences = match cluster.audience {
            None => default.clone(),
            given => audiences(file, given)?,
        };
        let thumbprints = cluster.thumbprints.map(|given| given.value).unwrap_or_default();
        let thumbprints = thumbprints_of(file, thumbprints)?;
        read.push(OidcSettings { name: Some(name), issuer, audiences, thumbprints });
    }
    Ok(ReadMode { settings: ModeSettings::Direct(read), region_at: None })
}

/// The issuer, unless it still has the document's placeholder.
fn whole(file: File<'_>, issuer: Spanned<Issuer>) -> Result<Issuer, Invalid> {
    if issuer.value.is_placeholder() {
        let message = "`region-code` in the issuer is the document's placeholder";
        let help = "put the cluster's region there: https://oidc.eks.us-east-1.amazonaws.com/id/…; \
                    `aws eks describe-cluster --query cluster.identity.oidc.issuer` prints it whole";
        return Err(file.wrong(issuer.referenced, message, Some(help.to_owned())));
    }
    Ok(issuer.value)
}

/// EKS's rule, for the name of any cluster.
fn cluster_name(file: File<'_>, given: Spanned<String>) -> Result<String, Invalid> {
    let name = &given.value;
    let legal = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    let begins = name.bytes().next().is_some_and(|b| b.is_ascii_alphanumeric());
    if !begins || name.len() > LONGEST_CLUSTER || !name.bytes().all(legal) {
        let message = format!("{:?} is not a valid cluster name", excerpt(name, QUOTED));
        let help = "1 to 100 letters, digits, - and _, beginning with a letter or digit: the name \
                    alone, not the ARN";
        return Err(file.wrong(given.referenced, message, Some(help.to_owned())));
    }
    Ok(given.value)
}

/// An association is of one service account, and the policy of the source role is for all sessions of that role.
pub(super) fn workloads(
    file: File<'_>,
    at: Location,
    settings: &ModeSettings,
    workloads: &[ListedWorkload],
) -> Result<(), Invalid> {
    if matches!(settings, ModeSettings::Direct(_)) || workloads.len() == 1 {
        return Ok(());
    }
    let message = "the mode `podIdentity` has one workload in a file";
    let help = "write a file for each workload, with a source role of its own".to_owned();
    Err(file.wrong(at, message, Some(help)))
}

/// The source role gets a policy of the mode's own, under a name that is not the file's to use.
pub(super) fn own_policy(
    file: File<'_>,
    at: Location,
    settings: &ModeSettings,
    source: &Role,
) -> Result<(), Invalid> {
    let taken = source.inline.keys().any(|name| name.eq_ignore_ascii_case(TARGETS_POLICY));
    if matches!(settings, ModeSettings::Direct(_)) || !taken {
        return Ok(());
    }
    let message = format!("the inline policy `{TARGETS_POLICY}` of the source is the mode's own");
    Err(file.wrong(at, message, Some("give yours another name".to_owned())))
}

/// The workload's first. One that is there twice is a mistake: something else was meant.
fn audiences(file: File<'_>, given: Option<Spanned<shape::Words>>) -> Result<Vec<String>, Invalid> {
    let Some(Spanned { value, referenced: at, defined }) = given else {
        return Ok(vec![DEFAULT_AUDIENCE.to_owned()]);
    };
    let given = match value {
        shape::Words::One(value) => vec![Spanned { value, referenced: at, defined }],
        shape::Words::Several(all) => all,
    };
    if given.is_empty() {
        return Err(file.wrong(at, "expected at least one audience, found none", None));
    }
    let mut audiences = Vec::new();
    for given in given {
        let at = given.referenced;
        let audience = audience(file, given)?;
        if audiences.contains(&audience) {
            let message = format!("duplicate audience `{audience}`");
            return Err(file.wrong(at, message, None));
        }
        audiences.push(audience);
    }
    Ok(audiences)
}

fn audience(file: File<'_>, given: Spanned<String>) -> Result<String, Invalid> {
    if given.value.is_empty() || given.value.chars().count() > LONGEST_AUDIENCE {
        let message = "an audience has 1 to 255 characters";
        return Err(file.wrong(given.referenced, message, None));
    }
    // Such an audience cannot be read by a person, and IAM reads `${` in a trust policy as a variable,
    // whose value is another audience.
    let unclear = |c: char| c.is_whitespace() || c.is_control();
    let seen = printable(&given.value) == given.value && !given.value.contains(unclear);
    if !seen || given.value.contains("${") {
        let message = format!("{:?} is not a valid audience", given.value);
        let help = "it must have no spaces, no control characters and no ${".to_owned();
        return Err(file.wrong(given.referenced, message, Some(help)));
    }
    Ok(given.value)
}

fn thumbprints_of(file: File<'_>, given: Vec<Spanned<String>>) -> Result<Vec<String>, Invalid> {
    if let Some(sixth) = given.get(MOST_THUMBPRINTS) {
        return Err(file.wrong(sixth.referenced, "a provider takes at most 5 thumbprints", None));
    }
    for thumbprint in &given {
        let text = &thumbprint.value;
        // The documents' placeholder is not hexadecimal, and AWS takes it: `verify` says so.
        if text.len() != THUMBPRINT_LENGTH || !text.bytes().all(|b| b.is_ascii_alphanumeric()) {
            let message = "a thumbprint has 40 characters";
            let help = "it is a SHA-1 in hexadecimal; AWS needs none for EKS: leave it out";
            return Err(file.wrong(thumbprint.referenced, message, Some(help.to_owned())));
        }
    }
    Ok(given.into_iter().map(|thumbprint| thumbprint.value).collect())
}
