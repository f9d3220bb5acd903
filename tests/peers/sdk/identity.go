// Who a program in a pod is, by the AWS SDK for Go v2: the pod's variables and files alone say so.
//
// Debian's release of the SDK is older than the variable AWS_ENDPOINT_URL, so the address is set here; every SDK
// client of the chain, also those that assume the roles, has it from the configuration.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

func main() {
	endpoint := func(service, region string, _ ...interface{}) (aws.Endpoint, error) {
		return aws.Endpoint{URL: os.Getenv("AWS_ENDPOINT_URL"), SigningRegion: region}, nil
	}
	ctx := context.Background()
	settings, err := config.LoadDefaultConfig(ctx, config.WithEndpointResolverWithOptions(aws.EndpointResolverWithOptionsFunc(endpoint)))
	if err != nil {
		failed(err)
	}
	caller, err := sts.NewFromConfig(settings).GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		failed(err)
	}
	fmt.Println(*caller.Arn)
}

func failed(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
