//! Terraform's configuration for the provider `hashicorp/aws`, and a script that imports what stands.
//!
//! `versions.tf` has the versions, the variables and a provider for each account; `main.tf` the identity providers and
//! the roles; `association.tf` the Pod Identity association, which older versions of the provider do not have.

mod association;
mod hcl;
mod imports;
mod labels;
mod resources;
mod versions;

use attache_federation::{Federation, desired};

use crate::RenderedFile;
use imports::Import;
use labels::Labels;

/// A resource of Terraform, with what it is imported by.
struct Resource {
    block: hcl::Block,
    import: Import,
}

/// The configuration, and `imports.sh`.
#[must_use]
pub fn render_terraform(federation: &Federation) -> Vec<RenderedFile> {
    let accounts = desired::accounts(federation);
    let mut labels = Labels::default();
    let mut source = None;
    let mut resources = Vec::new();
    for account in &accounts {
        resources.extend(resources::providers(account, &mut labels));
        for role in &account.roles {
            let label = labels.role(&role.arn);
            resources.extend(resources::role(role, &label, &mut labels));
            if role.arn == *federation.source() {
                source = Some(label);
            }
        }
    }
    let association = association::resource(&accounts, source.as_deref());
    let mut files = vec![
        RenderedFile {
            name: "versions.tf".to_owned(),
            text: versions::text(federation, &accounts),
        },
        RenderedFile { name: "main.tf".to_owned(), text: text(&resources) },
    ];
    if let Some((text, resource)) = association {
        files.push(RenderedFile { name: "association.tf".to_owned(), text });
        resources.push(resource);
    }
    let imports = resources.into_iter().map(|resource| resource.import).collect::<Vec<_>>();
    files.push(RenderedFile { name: "imports.sh".to_owned(), text: imports::script(&imports) });
    files
}

fn text(resources: &[Resource]) -> String {
    let blocks: Vec<String> = resources.iter().map(|resource| resource.block.text()).collect();
    blocks.join("\n")
}

/// The name of the provider's configuration for an account.
fn alias(account: attache_identifiers::AccountId) -> String {
    format!("account_{account}")
}
