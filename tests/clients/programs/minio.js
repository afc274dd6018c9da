// minio.js HOST PORT BUCKET: keeps an object with the credentials of the instance metadata service.
const Minio = require("minio");

const [host, port, bucket] = process.argv.slice(2);

async function main() {
  const provider = new Minio.IamAwsProvider({});
  const client = new Minio.Client({
    endPoint: host, port: Number(port), useSSL: false, region: "eu-central-1",
    credentialsProvider: provider,
  });
  await client.putObject(bucket, "object", "content");
  const found = await client.statObject(bucket, "object");
  console.log(JSON.stringify({ Size: found.size }));
}

main().catch((error) => {
  console.error(String(error));
  process.exit(1);
});
