//! A plan as a person reads it.

use super::*;

/// The whole text of a plan in which something of every kind happens.
#[tokio::test]
async fn a_plan_reads_like_this() {
    let federation = Federation::from_yaml(FILE, "federation.yaml").unwrap();
    let mut accounts = desired::accounts(&federation);
    let empty = ObservedAccount::default();
    let mut drifted = as_applied(&accounts[1]);
    provider(&mut drifted).tags = BTreeMap::new();
    provider(&mut drifted).client_ids = ["sigstore".to_owned()].into();
    let edited = role(&mut drifted);
    edited.trust = edited.trust.replace("causely-mediator", "default");
    edited.policies = ["arn:aws:iam::aws:policy/AdministratorAccess".to_owned()].into();
    edited.inline.insert("by-hand".into(), "{}".into());
    edited.max_session = 7200;
    accounts[1].roles[0].max_session = Setting::To(3600);
    let mut foreign = accounts[1].clone();
    foreign.id = attache_identifiers::AccountId::parse("333333333333").unwrap();
    let mut others = as_applied(&foreign);
    role(&mut others).tags.clear();

    let documents = step_class::PolicyTexts::from([
        (READ_ONLY.to_owned(), Ok(ALLOW.replace("s3:PutObject", "ec2:Describe*"))),
        (ADMIN.to_owned(), Ok(ALLOW.replace("s3:PutObject", "*"))),
    ]);
    let mut plan = Plan {
        federation: federation.name,
        accounts: Vec::new(),
        unread: Vec::new(),
        notes: Vec::new(),
    };
    for (desired, observed) in
        [(&accounts[0], &empty), (&accounts[1], &drifted), (&foreign, &others)]
    {
        let mut changes = steps_for("causely", desired, observed, PlanOptions::default());
        step_class::classify(&mut changes, observed, &documents).await;
        plan.accounts.push(AccountPlan { account: desired.id, elsewhere: false, changes });
    }
    insta::assert_snapshot!(plan.to_string());
}
