# Asks STS who it is, with whatever credentials the SDK finds by itself. Prints JSON.
require 'json'
require 'aws-sdk-core'

sts = Aws::STS::Client.new(region: 'us-east-1', endpoint: ARGV[0])
answer = sts.get_caller_identity
found = sts.config.credentials
puts JSON.generate('Arn' => answer.arn, 'Provider' => found.class.name,
                   'AccessKeyId' => found.credentials.access_key_id)
