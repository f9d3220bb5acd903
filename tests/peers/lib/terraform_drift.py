"""Changes made behind Terraform's back: pairs of a call and what a plan then finds, as `Module.changes` returns it."""

import json

ANYONE = json.dumps({"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]})
EVERYTHING = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
ADMINISTRATOR = "arn:aws:iam::aws:policy/AdministratorAccess"
VIEW = "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"


def of_the_account(iam, ids):
    github, boundary = ids["aws_iam_openid_connect_provider.github"], ids["aws_iam_policy.boundary"]
    key = iam.list_access_keys(UserName="operator")["AccessKeyMetadata"][0]["AccessKeyId"]
    scaling = "AWSServiceRoleForAutoScaling"

    def deploy():
        iam.attach_role_policy(RoleName="deploy", PolicyArn=ADMINISTRATOR)
        iam.put_role_policy(RoleName="deploy", PolicyName="more", PolicyDocument=EVERYTHING)

    def mediator():
        iam.put_role_permissions_boundary(RoleName="mediator", PermissionsBoundary=VIEW)
        iam.update_role(RoleName="mediator", Description="x", MaxSessionDuration=3600)
        iam.tag_role(RoleName="mediator", Tags=[{"Key": "team", "Value": "other"}, {"Key": "more", "Value": ""}])

    def profile():
        iam.remove_role_from_instance_profile(InstanceProfileName="node", RoleName="node")
        iam.add_role_to_instance_profile(InstanceProfileName="node", RoleName="deploy")
        iam.untag_instance_profile(InstanceProfileName="node", TagKeys=["machine"])

    return [
        (lambda: iam.update_assume_role_policy(RoleName="node", PolicyDocument=ANYONE),
         {"aws_iam_role.node": ["update", "assume_role_policy"]}),
        (deploy, {"aws_iam_role.deploy": ["update", "inline_policy", "managed_policy_arns"]}),
        (mediator, {"aws_iam_role.mediator": [
            "update", "description", "max_session_duration", "permissions_boundary", "tags", "tags_all"]}),
        (lambda: iam.put_role_policy(RoleName="mediator", PolicyName="inventory", PolicyDocument=EVERYTHING),
         {"aws_iam_role_policy.inventory": ["update", "policy"]}),
        (lambda: iam.detach_role_policy(RoleName="mediator", PolicyArn=VIEW),
         {"aws_iam_role_policy_attachment.view": ["create"]}),
        (lambda: iam.create_policy_version(PolicyArn=boundary, PolicyDocument=EVERYTHING, SetAsDefault=True),
         {"aws_iam_policy.boundary": ["update", "policy"]}),
        (lambda: iam.update_open_id_connect_provider_thumbprint(
            OpenIDConnectProviderArn=github, ThumbprintList=["a" * 40]),
         {"aws_iam_openid_connect_provider.github": ["update", "thumbprint_list"]}),
        (profile, {"aws_iam_instance_profile.node": ["update", "role", "tags", "tags_all"]}),
        (lambda: iam.update_role_description(RoleName=scaling, Description="x"),
         {"aws_iam_service_linked_role.scaling": ["update", "description"]}),
        (lambda: iam.remove_user_from_group(GroupName="operators", UserName="operator"),
         {"aws_iam_user_group_membership.operator": ["update", "groups"]}),
        (lambda: iam.update_group(GroupName="operators", NewPath="/"),
         {"aws_iam_group.operators": ["update", "path"]}),
        (lambda: iam.delete_access_key(UserName="operator", AccessKeyId=key),
         {"aws_iam_access_key.operator": ["create"], "output.operator": ["update"]}),
        (lambda: iam.delete_account_alias(AccountAlias="shop-production"), {"aws_iam_account_alias.this": ["create"]}),
    ]


def of_the_organization(org, ids):
    unit, account = ids["aws_organizations_organizational_unit.production"], ids["aws_organizations_account.shop"]
    regions, users = ids["aws_organizations_policy.regions"], ids["aws_organizations_policy.no_users"]
    root = org.list_roots()["Roots"][0]["Id"]
    return [
        (lambda: (org.disable_aws_service_access(ServicePrincipal="sso.amazonaws.com"),
                  org.enable_policy_type(RootId=root, PolicyType="RESOURCE_CONTROL_POLICY")),
         {"aws_organizations_organization.this": ["update", "aws_service_access_principals", "enabled_policy_types"]}),
        (lambda: org.update_organizational_unit(OrganizationalUnitId=unit, Name="Prod"),
         {"aws_organizations_organizational_unit.production": ["update", "name"]}),
        (lambda: (org.move_account(AccountId=account, SourceParentId=unit, DestinationParentId=root),
                  org.untag_resource(ResourceId=account, TagKeys=["stage"])),
         {"aws_organizations_account.shop": ["update", "parent_id", "tags", "tags_all"]}),
        (lambda: org.update_policy(PolicyId=regions, Description="x", Content=EVERYTHING),
         {"aws_organizations_policy.regions": ["update", "content", "description"]}),
        (lambda: org.detach_policy(PolicyId=users, TargetId=account),
         {"aws_organizations_policy_attachment.no_users": ["create"]}),
    ]
