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
            own(now).uses.clear();
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
            own(now).uses.clear();
        },
        &[
            "keep: ",
            "delete: delete the OIDC provider oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
        ],
    ),
];

const OTHER: &str =
    "arn:aws:iam::222222222222:oidc-provider/oidc.eks.us-east-1.amazonaws.com/id/OTHER";

/// A provider of another issuer, with a tag and with the roles that could use it.
fn of_another_issuer(observed: &mut ObservedAccount, owner: &str, uses: &[&str]) {
    let tags = BTreeMap::from([(OWNER_TAG.to_owned(), owner.to_owned())]);
    let provider = ObservedProvider { tags, ..ObservedProvider::default() };
    let uses = uses.iter().map(|name| ((*name).to_owned(), ProviderUse::Possible)).collect();
    let arn = attache_identifiers::ProviderArn::parse(OTHER).unwrap();
    observed.tagged_providers.insert(arn, FoundProvider { provider, uses });
}

/// Our role under another name, trusting something else.
fn renamed(observed: &mut ObservedAccount) {
    let name = RoleName::parse("CauselyAccess").unwrap();
    let mut role = observed.roles[&name].clone();
    role.trust = "{}".into();
    observed.roles.insert(RoleName::parse("Former").unwrap(), role);
}

const DELETE_OTHER: &str =
    "delete: delete the OIDC provider oidc.eks.us-east-1.amazonaws.com/id/OTHER";
const DELETE_FORMER: &str =
    "delete: detach arn:aws:iam::aws:policy/ReadOnlyAccess from Former, delete the role Former";

const LEFT_OVER_CASES: &[Case] = &[
    ("nothing is left over", |_, _| {}, &[]),
    ("a role of an earlier file", |_, now| renamed(now), &[DELETE_FORMER]),
    (
        "a role of an earlier file in an instance profile",
        |_, now| {
            renamed(now);
            let name = RoleName::parse("Former").unwrap();
            now.instance_profiles.insert(name, vec!["Bastion".into()]);
        },
        &["keep: "],
    ),
    (
        "the provider of an earlier issuer, which our role still trusts",
        |_, now| of_another_issuer(now, "causely", &["CauselyAccess"]),
        &[DELETE_OTHER],
    ),
    (
        "the provider of an earlier issuer, which another role trusts",
        |_, now| of_another_issuer(now, "causely", &["Theirs"]),
        &["keep: "],
    ),
    (
        "the provider of an earlier issuer, which a role in an instance profile trusts",
        |_, now| {
            renamed(now);
            let name = RoleName::parse("Former").unwrap();
            now.instance_profiles.insert(name, vec!["Bastion".into()]);
            of_another_issuer(now, "causely", &["Former"]);
        },
        &["keep: ", "keep: "],
    ),
    (
        "another federation's provider",
        |_, now| of_another_issuer(now, "second", &["CauselyAccess"]),
        &[DELETE_OTHER],
    ),
    (
        "another federation's provider, which has a role",
        |_, now| {
            of_another_issuer(now, "second", &["CauselyAccess"]);
            now.federations.insert("second".into());
        },
        &[],
    ),
    (
        "another federation's provider, which ours never used",
        |_, now| of_another_issuer(now, "second", &[]),
        &[],
    ),
    (
        "another federation's provider, where not all tags could be read",
        |_, now| {
            of_another_issuer(now, "second", &["CauselyAccess"]);
            now.unsearched.push("a role".into());
        },
        &[],
    ),
];

#[test]
fn what_an_earlier_file_had_is_found_by_its_tag() {
    plan_does(LEFT_OVER_CASES);
}

#[test]
fn an_account_that_the_file_does_not_name_is_emptied_of_what_is_ours() {
    let mut desired = target();
    let mut observed = as_applied(&desired);
    desired.roles.clear();
    observed.federations.insert("causely".into());
    let changes = destroy::elsewhere("causely", &desired, &observed);
    let notes: Vec<_> = changes.iter().map(|change| change.note.clone().unwrap()).collect();
    assert_eq!(notes, ["the file does not name this account"; 2]);
    let nothing = destroy::elsewhere("second", &desired, &observed);
    assert_eq!(words(&nothing), [""; 0], "another federation's is no news");
}

#[test]
fn the_last_federation_removes_the_provider_that_another_one_made() {
    let desired = target();
    let mut observed = as_applied(&desired);
    provider(&mut observed).tags.insert(OWNER_TAG.to_owned(), "first".to_owned());
    let last = destroy::steps("causely", &desired, &observed);
    assert!(words(&last)[1].starts_with("delete: delete the OIDC provider"), "{last:?}");
    observed.federations.insert("first".into());
    let not_last = destroy::steps("causely", &desired, &observed);
    assert_eq!(words(&not_last)[1], "keep: ");
}

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
