package awssim

import (
	"fmt"

	"github.com/evenkeel/evenkeel/hack/awssim/acm"
	"github.com/evenkeel/evenkeel/hack/awssim/autoscaling"
	"github.com/evenkeel/evenkeel/hack/awssim/ec2"
	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
	"github.com/evenkeel/evenkeel/hack/awssim/route53"
)

// Limits chooses the request-rate limits.
type Limits string

// The limits AWS publishes today, the five requests a second of old, and none.
const (
	LimitsAWS        Limits = "aws"
	LimitsLegacy5RPS Limits = "legacy5rps"
	LimitsOff        Limits = "off"
)

// Profile chooses a set of timings.
type Profile string

// Timing as AWS has it, and the same order of events in milliseconds.
const (
	ProfileRealistic Profile = "realistic"
	ProfileFast      Profile = "fast"
)

// Options configure a server. The zero value is AWS's limits with realistic
// timing on the machine's clock.
type Options struct {
	Profile Profile
	Limits  Limits
	// Clock is on which buckets refill and changes propagate; nil is the
	// machine's clock.
	Clock frame.Clock
	// Latency, Propagation, Busy and Signing override single timings of the profile.
	Latency, Propagation, Busy, Signing *frame.Span
	// Pace overrides how many times faster than asked for health checkers
	// probe, where not zero.
	Pace float64
	// Endpoints tells where an endpoint that health checkers probe, an IP
	// address or a name and a port, is on this machine; an address that is not
	// a loopback one is not connected to. What SetEndpoint maps comes first.
	Endpoints func(host string, port int) (address string, ok bool)
	// Seed makes ids and waits the same in each run; 0 does not.
	Seed uint64
	// Quotas override Route 53's default quotas where not zero.
	Quotas route53.Quotas
	// EC2Quotas override EC2's, ACMQuotas ACM's.
	EC2Quotas ec2.Quotas
	ACMQuotas acm.Quotas
	// LoadBalancingQuotas override Elastic Load Balancing's default quotas where not zero.
	LoadBalancingQuotas elbv2.Quotas
	// AutoScalingQuotas override EC2 Auto Scaling's default quotas where not zero.
	AutoScalingQuotas autoscaling.Quotas
	// LoadBalancing overrides the profile's timing of Elastic Load Balancing.
	LoadBalancing *frame.LoadBalancing
	// AutoScaling overrides the profile's timing of EC2 Auto Scaling.
	AutoScaling *frame.AutoScaling
	// DataPlane has listeners of load balancers listen and forward, and the
	// health of targets that are on this machine probed. Without it, targets
	// are healthy once they are registered.
	DataPlane bool
	// MappedListeners binds ports of 127.0.0.1 that the system chooses, rather
	// than the load balancers' own addresses and ports.
	MappedListeners bool
	// Resolver answers TestDNSAnswer; nil answers as the DNS server does.
	Resolver route53.Resolver
	// StateFile is loaded at start when it exists, and saved after changes
	// and by Close.
	StateFile string
}

func (o Options) timing() (frame.Timing, error) {
	var timing frame.Timing
	switch o.Profile {
	case ProfileRealistic, "":
		timing = frame.Realistic()
	case ProfileFast:
		timing = frame.Fast()
	default:
		return timing, fmt.Errorf("profile %q is neither realistic nor fast", o.Profile)
	}
	if o.Latency != nil {
		timing.Latency = map[string]frame.Latency{"*": {P50: o.Latency.Min, P99: o.Latency.Max}}
	}
	if o.Propagation != nil {
		timing.Propagation = *o.Propagation
	}
	if o.Busy != nil {
		timing.Busy = *o.Busy
	}
	if o.Signing != nil {
		timing.Signing = *o.Signing
	}
	if o.LoadBalancing != nil {
		timing.LoadBalancing = *o.LoadBalancing
	}
	if o.AutoScaling != nil {
		timing.AutoScaling = *o.AutoScaling
	}
	if o.Pace != 0 {
		timing.Pace = o.Pace
	}
	return timing, nil
}

func (l Limits) of(rates frame.Rates) (frame.Rates, error) {
	switch l {
	case LimitsAWS, "":
		return rates, nil
	case LimitsLegacy5RPS:
		return rates.Flat(5), nil
	case LimitsOff:
		return rates.Unlimited(), nil
	}
	return rates, fmt.Errorf("limits %q are none of aws, legacy5rps, off", l)
}
