// Asks STS who it is, with the credentials of the instance metadata service. Prints JSON.
// whoami_v3.js STS [default-chain]
const { GetCallerIdentityCommand, STSClient } = require("@aws-sdk/client-sts");
const { fromInstanceMetadata } = require("@aws-sdk/credential-providers");

async function main() {
  if (process.argv[3] === "default-chain") return byDefaultChain();
  const credentials = await fromInstanceMetadata({ ec2MetadataV1Disabled: true })();
  const client = new STSClient({ region: "us-east-1", endpoint: process.argv[2], credentials });
  const explicit = await client.send(new GetCallerIdentityCommand({}));

  // And once more by the default chain, as a program does that knows nothing of metadata.
  const plain = new STSClient({ region: "us-east-1", endpoint: process.argv[2] });
  const found = await plain.send(new GetCallerIdentityCommand({}));

  console.log(JSON.stringify({
    Arn: explicit.Arn,
    Account: explicit.Account,
    DefaultChainArn: found.Arn,
    AccessKeyId: credentials.accessKeyId,
    Expiration: credentials.expiration,
  }));
}

// Without a word about tokens, which it then may do without.
async function byDefaultChain() {
  const client = new STSClient({ region: "us-east-1", endpoint: process.argv[2] });
  const found = await client.send(new GetCallerIdentityCommand({}));
  const credentials = await client.config.credentials();
  console.log(JSON.stringify({ Arn: found.Arn, AccessKeyId: credentials.accessKeyId }));
}

main();
