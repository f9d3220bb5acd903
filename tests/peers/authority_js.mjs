// The authority with the AWS SDK for JavaScript v3, as in a user's program: a session from the SDK's
// token file provider, calls over the query and JSON protocols, errors by name.
//
//   node authority_js.mjs URL CREDENTIALS TOKEN_FILE       (authority_js.py starts the rest)

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

// The packages are in the folder of NODE_PATH.
const load = createRequire(`${process.env.NODE_PATH}/`);
const { STSClient, GetCallerIdentityCommand, AssumeRoleWithWebIdentityCommand } = load("@aws-sdk/client-sts");
const { IAMClient, CreateRoleCommand, CreateOpenIDConnectProviderCommand, PutRolePolicyCommand, ListRolesCommand,
  paginateListRoles } = load("@aws-sdk/client-iam");
const { OrganizationsClient, DescribeOrganizationCommand, ListAccountsCommand } = load("@aws-sdk/client-organizations");
const { fromTokenFile, fromIni } = load("@aws-sdk/credential-providers");

const [url, credentialsFile, tokenFile] = process.argv.slice(2);
const [SOURCE, TARGET] = ["111111111111", "222222222222"];
const ROLE = `arn:aws:iam::${TARGET}:role/Reader`;
let failed = 0;

function check(name, good, detail) {
  console.log(`${good ? "ok  " : "FAIL"} ${name}${good ? "" : `: ${JSON.stringify(detail)}`}`);
  if (!good) failed += 1;
}

const settings = (credentials) => ({ endpoint: url, region: "us-east-1", maxAttempts: 1, credentials });
const administrator = (account) => settings(fromIni({ profile: account, filepath: credentialsFile, configFilepath: "/dev/null" }));

const refusal = async (call) => {
  try {
    return { answered: await call() };
  } catch (error) {
    return { name: error.name, message: error.message, status: error.$metadata?.httpStatusCode };
  }
};

const iam = new IAMClient(administrator(TARGET));
const provider = await iam.send(new CreateOpenIDConnectProviderCommand({
  Url: "https://issuer.example/a", ClientIDList: ["sts.amazonaws.com"], ThumbprintList: ["a".repeat(40)],
}));
await iam.send(new CreateRoleCommand({
  RoleName: "Reader",
  AssumeRolePolicyDocument: JSON.stringify({
    Version: "2012-10-17",
    Statement: [{
      Effect: "Allow", Principal: { Federated: provider.OpenIDConnectProviderArn },
      Action: "sts:AssumeRoleWithWebIdentity",
      Condition: { StringEquals: { "issuer.example/a:sub": "system:serviceaccount:causely:causely-mediator" } },
    }],
  }),
}));
await iam.send(new PutRolePolicyCommand({
  RoleName: "Reader", PolicyName: "list",
  PolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "iam:ListRoles", Resource: "*" }] }),
}));

const session = settings(fromTokenFile({
  webIdentityTokenFile: tokenFile, roleArn: ROLE, roleSessionName: "js",
  clientConfig: { endpoint: url, region: "us-east-1" },
}));
const who = await new STSClient(session).send(new GetCallerIdentityCommand({}));
check("a session from the token file", who.Arn === `arn:aws:sts::${TARGET}:assumed-role/Reader/js`, who);

const reader = new IAMClient(session);
check("a call that its policy allows", (await reader.send(new ListRolesCommand({}))).Roles[0].RoleName === "Reader");
const denied = await refusal(() => reader.send(new CreateRoleCommand({ RoleName: "x", AssumeRolePolicyDocument: "{}" })));
check("a call that its policy does not allow", denied.name === "AccessDenied" && denied.status === 403 && denied.message
  === `User: ${who.Arn} is not authorized to perform: iam:CreateRole on resource: arn:aws:iam::${TARGET}:role/x`
  + " because no identity-based policy allows the iam:CreateRole action", denied);

const token = readFileSync(tokenFile, "utf8").trim();
const tampered = await refusal(() => new STSClient(settings(undefined)).send(new AssumeRoleWithWebIdentityCommand({
  RoleArn: ROLE, RoleSessionName: "js", WebIdentityToken: `${token.slice(0, -8)}AAAAAAAA`,
})));
check("a tampered token", tampered.name === "InvalidIdentityTokenException" && tampered.status === 400, tampered);

for (const name of ["a", "b", "c"]) {
  await iam.send(new CreateRoleCommand({
    RoleName: name,
    AssumeRolePolicyDocument: JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: { AWS: SOURCE }, Action: "sts:AssumeRole" }] }),
  }));
}
const names = [];
for await (const page of paginateListRoles({ client: iam, pageSize: 1 }, {})) names.push(...page.Roles.map((role) => role.RoleName));
check("a list in pages of one", names.join() === "Reader,a,b,c", names);

const organizations = new OrganizationsClient(administrator(SOURCE));
const organization = (await organizations.send(new DescribeOrganizationCommand({}))).Organization;
check("an organization over the JSON protocol", organization.MasterAccountId === SOURCE, organization);
const members = (await organizations.send(new ListAccountsCommand({}))).Accounts.map((account) => account.Id).sort();
check("the accounts of the organization", members.join() === `${SOURCE},${TARGET}`, members);
const outside = await refusal(() => new OrganizationsClient(administrator(TARGET)).send(new ListAccountsCommand({})));
check("a member account cannot list them", outside.name === "AccessDeniedException" && outside.status === 400, outside);

console.log(failed ? `${failed} failed` : "all cases passed");
process.exit(failed ? 1 : 0);
