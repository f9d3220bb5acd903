//! `imports.sh`: `terraform import` of each resource.

use std::fmt::Write;

use attache_federation::desired::DesiredAssociation;
use attache_federation::shell::{option, quoted};
use attache_identifiers::AccountId;

/// A resource's address, and what stands for it in AWS.
pub(super) struct Import {
    address: String,
    id: ImportId,
}

/// By what a resource is imported.
pub(super) enum ImportId {
    Known(String),
    /// Its id is EKS's: it is asked for first, by a command.
    Association {
        cluster: String,
        lookup: String,
    },
}

impl Import {
    pub(super) fn new(kind: &str, label: &str, id: ImportId) -> Self {
        Self { address: format!("{kind}.{label}"), id }
    }
}

const HEAD: &str = "#!/usr/bin/env bash
# Imports into Terraform's state what stands in AWS: run it after `terraform init`, in its folder.
# What is in the state already is passed over. What is not in AWS is told: `terraform apply` makes it.
set -uo pipefail
cd \"$(dirname \"$0\")\"
failed=0

import() {
  terraform state show \"$1\" >/dev/null 2>&1 && return
  terraform import -input=false \"$1\" \"$2\" || {
    printf 'not imported: %s\\n' \"$1\" >&2
    failed=1
  }
}

";

pub(super) fn script(imports: &[Import]) -> String {
    let mut text = HEAD.to_owned();
    for Import { address, id } in imports {
        // Writing to a String does not fail.
        let _ = match id {
            ImportId::Known(id) => writeln!(text, "import {address} {}", quoted(id)),
            ImportId::Association { cluster, lookup } => {
                text.push_str(lookup);
                let cluster = quoted(cluster);
                writeln!(text, "import {address} {cluster},\"$association\"")
            }
        };
    }
    text.push_str("exit \"$failed\"\n");
    text
}

/// Of the association of a cluster in this account.
pub(super) fn association(new: &DesiredAssociation, account: AccountId) -> ImportId {
    let options = [
        option("cluster-name", &new.cluster.name),
        option("namespace", &new.workload.namespace),
        option("service-account", &new.workload.service_account),
        option("region", new.cluster.region.as_str()),
    ];
    let lookup = format!(
        "\n# The profile is the one of `profiles` in versions.tf.\nassociation=$(aws --profile {account} eks \
         list-pod-identity-associations \\\n  {} \\\n  --query 'associations[0].associationId' --output text)\n",
        options.join(" \\\n  ")
    );
    ImportId::Association { cluster: new.cluster.name.clone(), lookup }
}
