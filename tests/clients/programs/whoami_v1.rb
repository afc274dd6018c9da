# Lists buckets with whatever credentials version 1 of the SDK finds by itself. Prints JSON.
require 'json'
require 'aws-sdk-v1'

host, port = ARGV[0].split(':')
s3 = AWS::S3.new(s3_endpoint: host, s3_port: port.to_i, use_ssl: false, s3_force_path_style: true,
                 s3_signature_version: :v4, region: 'eu-central-1')
puts JSON.generate('Buckets' => s3.buckets.map(&:name),
                   'AccessKeyId' => AWS.config.credential_provider.access_key_id)
