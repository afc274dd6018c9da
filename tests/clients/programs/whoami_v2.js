// Asks STS who it is, with whatever credentials the SDK finds by itself. Prints JSON.
const AWS = require("aws-sdk");

const sts = new AWS.STS({ region: "us-east-1", endpoint: process.argv[2] });
sts.getCallerIdentity({}, (error, answer) => {
  if (error) throw error;
  console.log(JSON.stringify({
    Arn: answer.Arn,
    Provider: sts.config.credentials.constructor.name,
    AccessKeyId: sts.config.credentials.accessKeyId,
  }));
});
