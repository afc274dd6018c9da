module imdsd/tests/clients/programs/go_v1

go 1.19

require github.com/aws/aws-sdk-go v1.55.5

require github.com/jmespath/go-jmespath v0.4.0 // indirect
