//! IAM's quotas that AWS raises for an account on request.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html>

use attache_policy::limits::TRUST_POLICY;

/// How much of something an account may have, by the names that IAM's refusals have for it:
/// `RolesPerAccount`, `PoliciesPerRole`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quotas([(&'static str, usize); 10]);

/// A name that is no quota's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no quota {name}; there are {}", .known.join(", "))]
pub struct UnknownQuota {
    /// The name that was given.
    pub name: String,
    /// The names that there are.
    pub known: Vec<&'static str>,
}

impl Default for Quotas {
    /// AWS's defaults.
    fn default() -> Self {
        Self([
            ("ACLSizePerRole", TRUST_POLICY),
            ("GroupsPerAccount", 300),
            ("InstanceProfilesPerAccount", 1_000),
            ("OpenIdConnectProvidersPerAccount", 100),
            ("PoliciesPerAccount", 1_500),
            ("PoliciesPerGroup", 10),
            ("PoliciesPerRole", 10),
            ("PoliciesPerUser", 10),
            ("RolesPerAccount", 1_000),
            ("UsersPerAccount", 5_000),
        ])
    }
}

impl Quotas {
    /// Sets one, for every account.
    ///
    /// # Errors
    /// When there is none of that name; the message has all names.
    pub fn set(&mut self, name: &str, value: usize) -> Result<(), UnknownQuota> {
        match self.0.iter_mut().find(|(quota, _)| *quota == name) {
            Some((_, quota)) => {
                *quota = value;
                Ok(())
            }
            None => {
                let known = self.0.iter().map(|(name, _)| *name).collect();
                Err(UnknownQuota { name: name.to_owned(), known })
            }
        }
    }

    /// One of them; nothing where there is none of that name.
    pub(crate) fn get(&self, name: &str) -> usize {
        self.0.iter().find(|(quota, _)| *quota == name).map_or(0, |(_, value)| *value)
    }
}

#[cfg(test)]
mod tests {
    use super::Quotas;

    #[test]
    fn a_quota_is_set_by_its_name() {
        let mut quotas = Quotas::default();
        assert_eq!(quotas.set("RolesPerAccount", 5_000), Ok(()));
        assert_eq!(quotas.get("RolesPerAccount"), 5_000);
        assert!(quotas.set("Roles", 1).unwrap_err().to_string().contains("RolesPerAccount"));
    }
}
