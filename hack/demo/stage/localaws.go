package stage

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// What the local AWS takes for credentials: anything.
const (
	awsRegion = "us-east-1"
	awsKey    = "demo"
)

// Time in the simulated world: what AWS does within seconds and minutes takes a hundredth, health checks come 20 times
// as often as asked for, and changes of Route 53 propagate slowly enough to be seen. Real ones take up to a minute.
const (
	profile     = "fast"
	propagation = "300ms-900ms"
	latency     = "5ms-20ms"
	// HealthChecksFaster is how many times faster health checkers probe than they are asked to, SecondsShorter by what
	// the waits are divided that groups, alarms and policies are given in seconds.
	HealthChecksFaster = 20
	SecondsShorter     = 100
)

// AWS is bin/awssim: the AWS API, its control API, and the DNS server.
type AWS struct {
	// Address is where the API answers, DNS where the DNS server does.
	Address, DNS string
	process      *process
}

func startAWS(s Settings, dir string) (*AWS, error) {
	api, err := service{name: "local AWS", flag: "--aws-port", variable: "DEMO_AWS_PORT", port: s.AWSPort}.reserve()
	if err != nil {
		return nil, err
	}
	dns, err := service{name: "DNS server", flag: "--dns-port", variable: "DEMO_DNS_PORT", port: s.DNSPort, udp: true}.reserve()
	if err != nil {
		return nil, err
	}
	a := &AWS{Address: api, DNS: dns}
	a.process, err = start("local AWS", filepath.Join(dir, "awssim.log"), childEnvironment(os.Environ()),
		filepath.Join(s.Root, "bin", "awssim"), "--listen", api, "--dns", dns, "--profile", profile,
		"--propagation", propagation, "--latency", latency, "--pace", fmt.Sprint(HealthChecksFaster))
	return a, err
}

func (a *AWS) url() string { return "http://" + a.Address }

// ready reports whether both ports answer.
func (a *AWS) ready(ctx context.Context) error {
	if _, err := a.Meter(ctx); err != nil {
		return err
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", a.DNS)
	if err != nil {
		return err
	}
	return conn.Close()
}

// Environment is what makes the AWS SDK and CLI talk to it.
func (a *AWS) Environment() []string {
	return []string{
		"AWS_ENDPOINT_URL=" + a.url(), "AWS_ACCESS_KEY_ID=" + awsKey, "AWS_SECRET_ACCESS_KEY=" + awsKey,
		"AWS_REGION=" + awsRegion, "AWS_DEFAULT_REGION=" + awsRegion,
	}
}

// Config is what clients of the SDK are made of: those of somebody who is not the controller.
func (a *AWS) Config() aws.Config {
	return aws.Config{
		Region: awsRegion, BaseEndpoint: aws.String(a.url()),
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: awsKey, SecretAccessKey: awsKey}, nil
		}),
	}
}

// control calls the control API; body and answer are JSON, and may be nil.
func (a *AWS) control(ctx context.Context, method, path string, body, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	var sent io.Reader
	if body != nil {
		raw, err := json.Marshal(body)
		if err != nil {
			return fmt.Errorf("writing what %s of the local AWS is to take: %w", path, err)
		}
		sent = bytes.NewReader(raw)
	}
	request, err := http.NewRequestWithContext(ctx, method, a.url()+"/_sim/"+path, sent)
	if err != nil {
		return fmt.Errorf("asking the local AWS for %s: %w", path, err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("asking the local AWS for %s: %w", path, err)
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", response.Status, strings.TrimSpace(string(raw)))
	}
	if err == nil && answer != nil {
		err = json.Unmarshal(raw, answer)
	}
	if err != nil {
		return fmt.Errorf("asking the local AWS for %s: %w", path, err)
	}
	return nil
}

// Instance is one of EC2's.
type Instance struct {
	ID, State, Zone string
	Launched        time.Time
	Impaired        bool
}

// Instances lists those that have not ended.
func (a *AWS) Instances(ctx context.Context) ([]Instance, error) {
	var all []Instance
	if err := a.control(ctx, http.MethodGet, "instances", nil, &all); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(i Instance) bool { return i.State == "terminated" }), nil
}

// Targets are the states of the targets of all load balancers, by the ids of instances.
func (a *AWS) Targets(ctx context.Context) (map[string]string, error) {
	var balancers []struct {
		TargetGroups []struct {
			Targets []struct{ ID, State string }
		}
	}
	if err := a.control(ctx, http.MethodGet, "loadbalancers", nil, &balancers); err != nil {
		return nil, err
	}
	states := map[string]string{}
	for _, balancer := range balancers {
		for _, group := range balancer.TargetGroups {
			for _, target := range group.Targets {
				states[target.ID] = target.State
			}
		}
	}
	return states, nil
}

// Listeners tell where listeners that want an address, "127.64.0.1:80", are really bound.
func (a *AWS) Listeners(ctx context.Context) (map[string]string, error) {
	var sockets []struct{ Wanted, Bound string }
	if err := a.control(ctx, http.MethodGet, "listeners", nil, &sockets); err != nil {
		return nil, err
	}
	bound := map[string]string{}
	for _, socket := range sockets {
		bound[socket.Wanted] = socket.Bound
	}
	return bound, nil
}

// Load sets the load of an instance's CPUs in percent.
func (a *AWS) Load(ctx context.Context, id string, percent float64) error {
	return a.control(ctx, http.MethodPost, "instances/"+id+"/load", map[string]float64{"cpu": percent}, nil)
}

// Break makes an instance answer every request with a status code.
func (a *AWS) Break(ctx context.Context, id string, code int) error {
	return a.control(ctx, http.MethodPost, "instances/"+id+"/impair", map[string]int{"statusCode": code}, nil)
}

// FailZone takes an availability zone out, HealZone brings it back.
func (a *AWS) FailZone(ctx context.Context, zone string) error {
	return a.control(ctx, http.MethodPost, "zones/"+zone+"/fail", nil, nil)
}

// HealZone brings an availability zone back.
func (a *AWS) HealZone(ctx context.Context, zone string) error {
	return a.control(ctx, http.MethodPost, "zones/"+zone+"/heal", nil, nil)
}

// Throttle makes every call of a service fail as if too many were sent, until StopFaults.
func (a *AWS) Throttle(ctx context.Context, service string) error {
	return a.control(ctx, http.MethodPost, "faults", map[string]any{"service": service, "operation": "*", "kind": "throttle", "share": 1}, nil)
}

// Slow makes an operation of a service take longer, until StopFaults.
func (a *AWS) Slow(ctx context.Context, service, operation string, by time.Duration) error {
	return a.control(ctx, http.MethodPost, "faults", map[string]any{
		"service": service, "operation": operation, "kind": "latency", "share": 1, "milliseconds": by.Milliseconds(),
	}, nil)
}

// StopFaults ends all faults.
func (a *AWS) StopFaults(ctx context.Context) error {
	return a.control(ctx, http.MethodDelete, "faults", nil, nil)
}

// Calls counts by operation, as in "route53/GetChange".
type Calls map[string]int

// Meter reads how often which operation was called, and how often calls were throttled.
func (a *AWS) Meter(ctx context.Context) (Calls, error) {
	var meter struct{ Calls Calls }
	err := a.control(ctx, http.MethodGet, "meter", nil, &meter)
	return meter.Calls, err
}

// reading matches the operations that change nothing.
var reading = regexp.MustCompile(`^(sts/.*|[^/]+/(Get|List|Describe|Test)[^/]*)$`)

// WritesSince returns the operations that changed something after the earlier count.
func (c Calls) WritesSince(earlier Calls) []string {
	var writes []string
	for _, operation := range slices.Sorted(maps.Keys(c)) {
		if n := c[operation] - earlier[operation]; n > 0 && !reading.MatchString(operation) {
			writes = append(writes, fmt.Sprintf("%d × %s", n, operation))
		}
	}
	return writes
}

// Total counts all calls.
func (c Calls) Total() int {
	total := 0
	for _, n := range c {
		total += n
	}
	return total
}

// ByService adds the calls of each service up.
func (c Calls) ByService() map[string]int {
	sums := map[string]int{}
	for operation, n := range c {
		service, _, _ := strings.Cut(operation, "/")
		sums[service] += n
	}
	return sums
}
