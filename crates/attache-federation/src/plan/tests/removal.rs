//! The steps of destroy, and what is kept.

use super::*;

const DESTROY_CASES: &[Case] = &[
    (
        "a policy of another role cannot be read",
        |_, now| another(now, "Other", ProviderUse::Unknown),
        &[
            "delete: detach arn:aws:iam::aws:policy/ReadOnlyAccess from CauselyAccess, delete the role CauselyAccess",
            "keep: ",
        ],
    ),
    (
        "the role was there before, with another policy",
        |_, now| {
            mark(now, &[READ_ONLY]);
            role(now).policies.insert(ADMIN.into());
        },
        &[
            "release: set the trust policy of CauselyAccess, detach arn:aws:iam::aws:policy/ReadOnlyAccess from CauselyAccess, remove the tags attache:federation and attache:adopted from CauselyAccess",
            "delete: delete the OIDC provider oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
        ],
    ),
    (
        "the role was there before, with the same policy and a trust policy of its own",
        |_, now| {
            mark(now, &[]);
            role(now).trust = role(now).trust.replace("causely-mediator", "default");
        },
        &[
            "release: remove the tags attache:federation and attache:adopted from CauselyAccess",
            "delete: delete the OIDC provider oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
        ],
    ),
    (
        "the role has the description of somebody",
        |_, now| role(now).description = Some("Deploys".into()),
        &[
            "release: set the trust policy of CauselyAccess, remove the tag attache:federation from CauselyAccess",
            "delete: delete the OIDC provider oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
        ],
    ),
    (
        "the client id was added to a provider that was there before",
        |want, now| {
            let mark = plan_of(want, now, |now| {
                provider(now).client_ids = ["sigstore".to_owned()].into();
                provider(now).tags.clear();
            });
            provider(now).tags = mark;
            now.provider_uses.clear();
            now.roles.clear();
        },
        &[
            "release: remove the client id sts.amazonaws.com from oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE, remove the tag attache:adopted from oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
        ],
    ),
    (
        "everything is ours",
        |_, _| {},
        &[
            "delete: detach arn:aws:iam::aws:policy/ReadOnlyAccess from CauselyAccess, delete the role CauselyAccess",
            "delete: delete the OIDC provider oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
        ],
    ),
    ("nothing is there", |_, now| *now = ObservedAccount::default(), &[]),
    (
        "the provider was here before",
        |_, now| provider(now).tags.clear(),
        &[
            "delete: detach arn:aws:iam::aws:policy/ReadOnlyAccess from CauselyAccess, delete the role CauselyAccess",
            "keep: ",
        ],
    ),
    (
        "another role needs the provider",
        |_, now| another(now, "Other", ProviderUse::Possible),
        &[
            "delete: detach arn:aws:iam::aws:policy/ReadOnlyAccess from CauselyAccess, delete the role CauselyAccess",
            "keep: ",
        ],
    ),
    (
        "the role is somebody else's, and trusts the provider",
        |_, now| role(now).tags.clear(),
        &["keep: ", "keep: "],
    ),
    (
        "the role is somebody else's, and trusts another provider",
        |_, now| {
            role(now).tags.clear();
            now.provider_uses.clear();
        },
        &[
            "keep: ",
            "delete: delete the OIDC provider oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
        ],
    ),
];

#[test]
fn destroying_removes_what_is_ours_and_nothing_else() {
    for (name, deviate, expected) in DESTROY_CASES {
        let mut desired = target();
        let mut observed = as_applied(&desired);
        deviate(&mut desired, &mut observed);
        let changes = destroy::steps("causely", &desired, &observed);
        assert_eq!(words(&changes), *expected, "{name}");
    }
}
