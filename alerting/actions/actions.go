// Package actions tells the world that something is finished, as Amazon S3 does of
// objects: by a webhook with a signature, or by invoking a function of AWS Lambda. Both
// get S3's event notification ("Event message structure" in its user guide), so that
// functions written for S3 run unchanged.
package actions

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/pharosd/pharos/internal/strictyaml"
)

// Config is one action.
type Config struct {
	// Webhook is posted to.
	Webhook Webhook `yaml:"webhook"`
	// Lambda is invoked.
	Lambda Lambda `yaml:"lambda"`
}

// Webhook is an address that is told.
type Webhook struct {
	// URL is http or https.
	URL string `yaml:"url"`
	// Secret signs what is sent: write ${NAME} to take it from the environment.
	Secret string `yaml:"secret"`
}

// Lambda is a function of AWS Lambda.
type Lambda struct {
	// Function is a name, or an ARN.
	Function string `yaml:"function"`
	// Region is where it is.
	Region string `yaml:"region"`
	// Endpoint is another address of the service, such as that of an emulator.
	Endpoint string `yaml:"endpoint"`
	// AccessKey and SecretKey are who we are; without them the environment (AWS_...),
	// the AWS credentials file and the machine's role are asked.
	AccessKey string `yaml:"access_key"`
	SecretKey string `yaml:"secret_key"`
}

// Validate says what is wrong with the settings, all at once.
func (c Config) Validate() error {
	var errs []error
	bad := func(key, hint, text string) {
		errs = append(errs, &strictyaml.KeyError{Key: key, Err: errors.New(text), Hint: hint})
	}
	if (c.Webhook.URL == "") == (c.Lambda.Function == "") {
		bad("webhook", "name webhook.url or lambda.function", "an action is a webhook or a function, one of them")
	}
	if c.Webhook.URL != "" && !isURL(c.Webhook.URL) {
		bad("webhook.url", "such as https://example.org/hook", "is no http or https address")
	}
	if c.Lambda.Function != "" && c.Lambda.Region == "" {
		bad("lambda.region", "such as eu-south-1", "is missing")
	}
	if c.Lambda.Endpoint != "" && !isURL(c.Lambda.Endpoint) {
		bad("lambda.endpoint", "such as http://127.0.0.1:4566", "is no http or https address")
	}
	if (c.Lambda.AccessKey == "") != (c.Lambda.SecretKey == "") {
		bad("lambda.access_key", "name both or none", "and secret_key go together")
	}
	return errors.Join(errs...)
}

func isURL(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Host != "" && (u.Scheme == "http" || u.Scheme == "https")
}

// Object is what is finished.
type Object struct {
	Bucket, Key string
	Size        int64
	MD5         string // hexadecimal digits, S3's eTag
	Time        time.Time
	// ID is the same each time that the same object is told of.
	ID string
}

// Notification is S3's event of a created object.
func Notification(o Object, region string) ([]byte, error) {
	type m = map[string]any
	if region == "" {
		region = "us-east-1"
	}
	b, err := json.Marshal(m{"Records": []m{{
		"eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": region, "eventTime": o.Time.UTC().Format("2006-01-02T15:04:05.000Z"),
		"eventName": "ObjectCreated:Put", "userIdentity": m{"principalId": "pharos"}, "requestParameters": m{"sourceIPAddress": "127.0.0.1"},
		"responseElements": m{"x-amz-request-id": o.ID, "x-amz-id-2": o.ID},
		"s3": m{
			"s3SchemaVersion": "1.0", "configurationId": "pharos",
			"bucket": m{"name": o.Bucket, "ownerIdentity": m{"principalId": "pharos"}, "arn": "arn:aws:s3:::" + o.Bucket},
			// Keys are as in the query of a URL, S3 says.
			"object": m{"key": strings.ReplaceAll(url.QueryEscape(o.Key), "%2F", "/"), "size": o.Size, "eTag": o.MD5, "sequencer": o.ID},
		},
	}}})
	if err != nil {
		return nil, fmt.Errorf("encode notification: %w", err)
	}
	return b, nil
}
