// Asks STS who it is, with whatever credentials the SDK finds by itself. Prints JSON.
package main

import (
	"encoding/json"
	"os"

	"github.com/aws/aws-sdk-go/aws"
	"github.com/aws/aws-sdk-go/aws/ec2metadata"
	"github.com/aws/aws-sdk-go/aws/session"
	"github.com/aws/aws-sdk-go/service/sts"
)

func main() {
	plain := session.Must(session.NewSession())
	region, err := ec2metadata.New(plain).Region()
	check(err)
	found := session.Must(session.NewSession(&aws.Config{Region: aws.String(region)}))
	credentials, err := found.Config.Credentials.Get()
	check(err)
	client := sts.New(found, &aws.Config{Endpoint: aws.String(os.Args[1])})
	answer, err := client.GetCallerIdentity(&sts.GetCallerIdentityInput{})
	check(err)
	check(json.NewEncoder(os.Stdout).Encode(map[string]any{
		"Arn": *answer.Arn, "Account": *answer.Account, "Region": region,
		"AccessKeyId": credentials.AccessKeyID, "Provider": credentials.ProviderName,
	}))
}

func check(err error) {
	if err != nil {
		panic(err)
	}
}
