package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
)

// What the local AWS takes for credentials: anything.
const (
	awsRegion = "us-east-1"
	awsKey    = "demo"
)

// Changes propagate slowly enough to be seen, and no slower than must be when nobody looks. Real ones take up to a minute.
const (
	watchablePropagation = "2s-5s"
	briefPropagation     = "500ms-1500ms"
)

// localAWS is bin/awssim: the AWS API and the DNS server.
type localAWS struct {
	address, dns string
	process      *process
}

// startAWS starts the simulator with timing that a person can follow.
func startAWS(s settings, dir string) (*localAWS, error) {
	api, err := service{name: "local AWS", flag: "--aws-port", variable: "DEMO_AWS_PORT", port: s.awsPort}.reserve()
	if err != nil {
		return nil, err
	}
	dns, err := service{name: "DNS server", flag: "--dns-port", variable: "DEMO_DNS_PORT", port: s.dnsPort, udp: true}.reserve()
	if err != nil {
		return nil, err
	}
	propagation := watchablePropagation
	if s.once {
		propagation = briefPropagation
	}
	a := &localAWS{address: api, dns: dns}
	a.process, err = startProcess("local AWS", filepath.Join(dir, "awssim.log"), childEnvironment(os.Environ()),
		filepath.Join(s.root, "bin", "awssim"), "--listen", api, "--dns", dns, "--profile", "realistic", "--propagation", propagation)
	return a, err
}

func (a *localAWS) url() string { return "http://" + a.address }

// ready reports whether both ports answer.
func (a *localAWS) ready(ctx context.Context) error {
	if _, err := a.meter(ctx); err != nil {
		return err
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", a.dns)
	if err != nil {
		return err
	}
	return conn.Close()
}

// environment is what makes the AWS SDK and CLI talk to it.
func (a *localAWS) environment() []string {
	return []string{
		"AWS_ENDPOINT_URL=" + a.url(), "AWS_ACCESS_KEY_ID=" + awsKey, "AWS_SECRET_ACCESS_KEY=" + awsKey,
		"AWS_REGION=" + awsRegion, "AWS_DEFAULT_REGION=" + awsRegion,
	}
}

// calls counts by operation, as in "route53/GetChange".
type calls map[string]int

// reading matches the operations that change nothing.
var reading = regexp.MustCompile(`^(sts/.*|[^/]+/(Get|List|Describe|Test)[^/]*)$`)

// writesSince returns the operations that changed something after the earlier count.
func (c calls) writesSince(earlier calls) []string {
	var writes []string
	for _, operation := range slices.Sorted(maps.Keys(c)) {
		if n := c[operation] - earlier[operation]; n > 0 && !reading.MatchString(operation) {
			writes = append(writes, fmt.Sprintf("%d × %s", n, operation))
		}
	}
	return writes
}

// total counts all calls.
func (c calls) total() int {
	total := 0
	for _, n := range c {
		total += n
	}
	return total
}

// meter reads how often which operation was called.
func (a *localAWS) meter(ctx context.Context) (calls, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, a.url()+"/_sim/meter", nil)
	if err != nil {
		return nil, fmt.Errorf("reading the meter of the local AWS: %w", err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, fmt.Errorf("reading the meter of the local AWS: %w", err)
	}
	defer response.Body.Close()
	var meter struct {
		Calls calls `json:"calls"`
	}
	if err := json.NewDecoder(response.Body).Decode(&meter); err != nil {
		return nil, fmt.Errorf("reading the meter of the local AWS: %w", err)
	}
	return meter.Calls, nil
}

// zones returns the names of the hosted zones that exist.
func (a *localAWS) zones(ctx context.Context) ([]string, error) {
	client := route53.New(route53.Options{
		Region: awsRegion, BaseEndpoint: aws.String(a.url()),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: awsKey, SecretAccessKey: awsKey}, nil
		}),
	})
	var names []string
	pages := route53.NewListHostedZonesPaginator(client, &route53.ListHostedZonesInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("listing hosted zones: %w", err)
		}
		for _, zone := range page.HostedZones {
			names = append(names, fmt.Sprintf("%s (%s)", aws.ToString(zone.Name), aws.ToString(zone.Id)))
		}
	}
	return names, nil
}
