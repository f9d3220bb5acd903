//! A new file of a federation, with comments that say what to change.

use std::fmt::Write;

use attache_identifiers::{AccountId, Issuer, Region, RoleName};

/// What a new file is about.
#[derive(Debug, Clone)]
pub struct Starter {
    /// The federation's name.
    pub name: String,
    /// How the workload's identity reaches the accounts.
    pub cluster: StarterCluster,
    /// The workload's namespace.
    pub namespace: String,
    /// The workload's service account.
    pub service_account: String,
    /// The source role.
    pub source: (AccountId, RoleName),
    /// The target roles, each with the first region that it is used in.
    pub targets: Vec<(AccountId, RoleName, Region)>,
    /// The managed policies of the target roles.
    pub policies: Vec<String>,
    /// The name of the schema's file, for editors.
    pub schema: Option<String>,
}

/// What is known of the cluster.
#[derive(Debug, Clone)]
pub enum StarterCluster {
    /// An EKS cluster of the source's account: the mode `podIdentity`.
    Eks {
        /// Its name.
        name: String,
        /// Its region.
        region: Region,
    },
    /// Any cluster's issuer: the mode `direct`.
    Issuer(Issuer),
}

/// The region of the EKS cluster that has this issuer; none where it is not EKS's.
#[must_use]
pub fn eks_region(issuer: &Issuer) -> Option<Region> {
    let region = issuer.host_and_path().strip_prefix("oidc.eks.")?.split('.').next()?;
    Region::parse(region).ok()
}

const HEAD: &str = "\
# docs/federation.md describes every key. What comes next:
#   attache plan     what would change in the accounts
#   attache apply    changes it
#   attache verify   checks every link, from the pod's token to what the roles may do
apiVersion: attache/v1
kind: Federation
";

const PODS: &str = r"  # EKS gives the pods a session of the source role; no account needs an OIDC provider. The cluster is one of
  # the source's account, and needs the add-on eks-pod-identity-agent.
  mode: podIdentity
";

/// What YAML's readers, of version 1.1 too, take for something else than text.
const WORDS: &[&str] = &["null", "true", "false", "yes", "no", "on", "off", "y", "n"];

/// The file's text. It is the caller's to read it: names are not checked here.
#[must_use]
pub fn render_starter(starter: &Starter) -> String {
    let Starter { name, namespace, service_account, source, targets, policies, .. } = starter;
    let mut text = String::new();
    if let Some(schema) = &starter.schema {
        let _ = writeln!(text, "# yaml-language-server: $schema={schema}");
    }
    // Writing to a String does not fail.
    let _ = writeln!(text, "{HEAD}metadata:\n  name: {}\nspec:", scalar(name));
    text.push_str(&cluster(&starter.cluster));
    let (account, role) = source;
    let _ = write!(
        text,
        "  workload:\n    namespace: {}\n    serviceAccount: {}\n{}  source:\n    account: \"{account}\"\n    role: {}\n",
        scalar(namespace),
        scalar(service_account),
        source_comment(&starter.cluster),
        scalar(role.as_str()),
    );
    text.push_str("  # The roles to use, one for each account. Of a new role also: path, inlinePolicies, tags,\n");
    text.push_str("  # permissionsBoundary, maxSessionDuration.\n  targets:\n");
    for (account, role, region) in targets {
        let role = scalar(role.as_str());
        let _ = writeln!(
            text,
            "    - account: \"{account}\"\n      role: {role}\n      region: {region}"
        );
        text.push_str("      policies:\n");
        for policy in policies {
            let _ = writeln!(text, "        - {}", scalar(policy));
        }
    }
    text
}

fn cluster(cluster: &StarterCluster) -> String {
    match cluster {
        StarterCluster::Eks { name, region } => {
            format!("{PODS}  cluster:\n    name: {}\n    region: {region}\n", scalar(name))
        }
        StarterCluster::Issuer(issuer) => {
            let choice = eks_region(issuer).map(|region| {
                format!(
                    "  # An EKS cluster can have EKS Pod Identity, which needs no OIDC provider in any account. In place of\n  \
                     # the issuer:\n  #   mode: podIdentity\n  #   cluster: {{ name: NAME, region: {region} }}\n"
                )
            });
            format!("{}  issuer: {}\n", choice.unwrap_or_default(), scalar(issuer.as_str()))
        }
    }
}

fn source_comment(cluster: &StarterCluster) -> &'static str {
    match cluster {
        StarterCluster::Eks { .. } => {
            "  # The role of the association. It may assume the targets' roles, and needs no policies of its own.\n"
        }
        StarterCluster::Issuer(_) => "  # The role that the service account is annotated with.\n",
    }
}

/// Text for YAML: bare where no reader takes it for anything else, else as JSON, which is YAML.
fn scalar(text: &str) -> String {
    let harmless = |b: u8| b.is_ascii_alphanumeric() || b"-_./:".contains(&b);
    let is_bare = text.bytes().all(harmless)
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !text.ends_with(':')
        && !WORDS.contains(&text.to_ascii_lowercase().as_str());
    if is_bare { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

#[cfg(test)]
mod tests {
    use attache_federation::{Federation, Mode};

    use super::*;

    fn starter(cluster: StarterCluster, name: &str) -> Starter {
        let role = |name: &str| RoleName::parse(name).unwrap();
        let account = |digits: &str| AccountId::parse(digits).unwrap();
        Starter {
            name: name.to_owned(),
            cluster,
            namespace: "on".to_owned(),
            service_account: "1e3".to_owned(),
            source: (account("111111111111"), role("-Source@x")),
            targets: vec![
                (account("222222222222"), role("Reader"), Region::parse("eu-west-1").unwrap()),
                (account("033333333333"), role("null"), Region::parse("us-east-1").unwrap()),
            ],
            policies: vec!["ReadOnlyAccess".to_owned()],
            schema: Some("federation.schema.json".to_owned()),
        }
    }

    #[test]
    fn it_reads_back_in_both_modes() {
        let issuer = Issuer::parse("https://oidc.eks.eu-west-1.amazonaws.com/id/A").unwrap();
        let region = Region::parse("eu-west-1").unwrap();
        for (cluster, mode) in [
            (StarterCluster::Issuer(issuer), Mode::Direct),
            (StarterCluster::Eks { name: "true".to_owned(), region }, Mode::PodIdentity),
        ] {
            for name in ["team/prod", "yes", "12", "é:x"] {
                let text = render_starter(&starter(cluster.clone(), name));
                let read = Federation::from_yaml(&text, "federation.yaml").expect(&text);
                assert_eq!((read.name(), read.mode()), (name, mode), "{text}");
                let subjects: Vec<String> =
                    read.workloads().map(attache_federation::Workload::subject).collect();
                assert_eq!(subjects, ["system:serviceaccount:on:1e3"]);
                let roles: Vec<String> = read.targets().map(|(role, _)| role.to_string()).collect();
                assert_eq!(
                    roles,
                    [
                        "arn:aws:iam::222222222222:role/Reader",
                        "arn:aws:iam::033333333333:role/null"
                    ]
                );
            }
        }
    }

    #[test]
    fn an_issuer_of_eks_is_offered_pod_identity() {
        let text = |url: &str| cluster(&StarterCluster::Issuer(Issuer::parse(url).unwrap()));
        assert!(
            text("https://oidc.eks.eu-west-1.amazonaws.com/id/A").contains("region: eu-west-1")
        );
        assert!(!text("https://issuer.example").contains("podIdentity"));
    }
}
