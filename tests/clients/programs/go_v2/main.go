// Asks STS who it is, with whatever credentials the SDK finds by itself. Prints JSON.
package main

import (
	"context"
	"encoding/json"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/feature/ec2/imds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	metadata := imds.New(imds.Options{})
	region, err := metadata.GetRegion(ctx, &imds.GetRegionInput{})
	check(err)
	settings, err := config.LoadDefaultConfig(ctx, config.WithRegion(region.Region),
		config.WithEC2IMDSClientEnableState(imds.ClientEnabled))
	check(err)
	credentials, err := settings.Credentials.Retrieve(ctx)
	check(err)
	client := sts.NewFromConfig(settings, func(o *sts.Options) {
		o.BaseEndpoint = aws.String(os.Args[1])
	})
	answer, err := client.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	check(err)
	check(json.NewEncoder(os.Stdout).Encode(map[string]any{
		"Arn": *answer.Arn, "Account": *answer.Account, "Region": region.Region,
		"AccessKeyId": credentials.AccessKeyID, "Provider": credentials.Source,
		"CanExpire": credentials.CanExpire,
	}))
}

func check(err error) {
	if err != nil {
		os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
}
