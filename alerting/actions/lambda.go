package actions

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// Function invokes a function with notifications.
type Function struct {
	cfg    Lambda
	client *lambda.Client
}

// NewFunction returns a function. It does not talk to the service yet.
func NewFunction(ctx context.Context, cfg Lambda) (*Function, error) {
	options := []func(*awsconfig.LoadOptions) error{awsconfig.WithRegion(cfg.Region), awsconfig.WithRetryMaxAttempts(1)}
	if cfg.AccessKey != "" {
		options = append(options, awsconfig.WithCredentialsProvider(credentials.NewStaticCredentialsProvider(cfg.AccessKey, cfg.SecretKey, "")))
	}
	c, err := awsconfig.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return nil, fmt.Errorf("load AWS configuration: %w", err)
	}
	return &Function{cfg: cfg, client: lambda.NewFromConfig(c, func(o *lambda.Options) {
		if cfg.Endpoint != "" {
			o.BaseEndpoint = aws.String(cfg.Endpoint)
		}
	})}, nil
}

// Name tells the function from other actions.
func (f *Function) Name() string { return "lambda " + f.cfg.Function }

// Finished invokes the function and does not wait for it to end, as S3 does: Lambda has
// the event in its queue when it returns.
func (f *Function) Finished(ctx context.Context, o Object) error {
	body, err := Notification(o, f.cfg.Region)
	if err != nil {
		return err
	}
	out, err := f.client.Invoke(ctx, &lambda.InvokeInput{FunctionName: aws.String(f.cfg.Function), InvocationType: types.InvocationTypeEvent, Payload: body})
	if err != nil {
		return fmt.Errorf("invoke %s: %w", f.cfg.Function, err)
	}
	if out.StatusCode < 200 || out.StatusCode > 299 {
		return fmt.Errorf("invoke %s: status %d", f.cfg.Function, out.StatusCode)
	}
	return nil
}
