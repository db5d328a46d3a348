package elbv2

import (
	"cmp"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

func registerTargets(w *write, in *sdk.RegisterTargetsInput) (*sdk.RegisterTargetsOutput, error) {
	former, err := w.group(in.TargetGroupArn)
	if err != nil {
		return nil, err
	}
	if len(in.Targets) == 0 {
		return nil, missing("Targets")
	}
	g := change(w.groups, former)
	g.Targets = g.present(w.moment)
	for i := range in.Targets {
		given, err := w.target(g, &in.Targets[i])
		if err != nil {
			return nil, err
		}
		at, known := g.at(given)
		switch {
		case !known:
			g.Targets = slices.Insert(g.Targets, at, given)
		case !g.Targets[at].DrainedAt.IsZero():
			g.Targets[at] = given
		}
	}
	if err := w.checkTargetQuota(g); err != nil {
		return nil, err
	}
	return &sdk.RegisterTargetsOutput{}, nil
}

// present are the targets that have not gone, in a slice of their own.
func (g *group) present(now time.Time) []target {
	return slices.DeleteFunc(slices.Clone(g.Targets), func(t target) bool { return t.gone(now) })
}

// at is where a target is, or would be.
func (g *group) at(wanted target) (int, bool) {
	return slices.BinarySearchFunc(g.Targets, wanted, func(a, b target) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Port, b.Port))
	})
}

var (
	instancePattern = regexp.MustCompile(`^i-[0-9a-f]{8,17}$`)
	functionPattern = regexp.MustCompile(`^arn:aws:lambda:[a-z0-9-]+:\d{12}:function:`)
	quicPattern     = regexp.MustCompile(`^0x[0-9a-f]{16}$`)
)

func invalidTarget(format string, args ...any) error {
	return frame.Errorf("InvalidTarget", format, args...)
}

// target checks a target that is to be registered.
func (w *write) target(g *group, given *types.TargetDescription) (target, error) {
	timing := w.service.env.Timing.LoadBalancing
	wait := timing.NetworkRegistration
	if g.family() == types.LoadBalancerTypeEnumApplication {
		wait = timing.Registration
	}
	t := target{
		ID: aws.ToString(given.Id), Port: g.portOf(given), Zone: aws.ToString(given.AvailabilityZone),
		QuicServerID: aws.ToString(given.QuicServerId), Registered: w.moment, Wait: w.service.env.Random.Draw(wait),
	}
	quic := g.Settings.Protocol == types.ProtocolEnumQuic || g.Settings.Protocol == types.ProtocolEnumTcpQuic
	switch {
	case given.Id == nil:
		return t, missing("Id")
	case g.Settings.TargetType == types.TargetTypeEnumLambda && given.Port != nil:
		return t, invalid("A port cannot be specified for targets of target groups with target type 'lambda'")
	case given.Port != nil && (*given.Port < 1 || *given.Port > mostPort):
		return t, invalid("The port '%d' of target '%s' must be between 1 and %d", *given.Port, t.ID, mostPort)
	case quic != (given.QuicServerId != nil), quic && !quicPattern.MatchString(t.QuicServerID):
		return t, invalid("A QUIC server ID of the form 0x and 16 hexadecimal digits must be specified for targets of QUIC target groups, and for no others")
	}
	return t, w.checkTarget(g, &t)
}

// portOf is the port of a target as a call gives it.
func (g *group) portOf(given *types.TargetDescription) int32 {
	if given.Port != nil {
		return *given.Port
	}
	return aws.ToInt32(g.Settings.Port)
}

func (w *write) checkTarget(g *group, t *target) error {
	kind := g.Settings.TargetType
	if kind != types.TargetTypeEnumIp && t.Zone != "" {
		return invalid("An Availability Zone can only be specified for targets of target groups with target type 'ip'")
	}
	switch kind {
	case types.TargetTypeEnumIp:
		return w.checkIP(g, t)
	case types.TargetTypeEnumLambda:
		if !functionPattern.MatchString(t.ID) {
			return invalid("'%s' is not a valid Lambda function ARN", t.ID)
		}
	case types.TargetTypeEnumAlb:
		return w.checkALB(g, t)
	default:
		if !instancePattern.MatchString(t.ID) {
			return invalidTarget("Instance ID '%s' is not valid", t.ID)
		}
	}
	return nil
}

var private = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"),
	netip.MustParsePrefix("192.168.0.0/16"), netip.MustParsePrefix("100.64.0.0/10"),
}

// checkIP tells why an address cannot be a target, and finds the zone of one
// that is in the VPC.
func (w *write) checkIP(g *group, t *target) error {
	vpcID := aws.ToString(g.Settings.VpcId)
	address, err := netip.ParseAddr(t.ID)
	wanted := types.TargetGroupIpAddressTypeEnumIpv4
	if err == nil && address.Is6() {
		wanted = types.TargetGroupIpAddressTypeEnumIpv6
	}
	vpc, _ := w.service.network.VPC(w.Caller.Account, w.Request.Region, vpcID)
	inside := slices.ContainsFunc(vpc.Blocks, func(p netip.Prefix) bool { return p.Contains(address) })
	allowed := slices.ContainsFunc(private, func(p netip.Prefix) bool { return p.Contains(address) })
	switch {
	case err != nil || wanted != g.Settings.IpAddressType:
		return invalid("The IP address '%s' is not a valid %s address", t.ID, g.Settings.IpAddressType)
	case inside && t.Zone == allZones:
		return invalid("The Availability Zone 'all' is not valid for the IP address '%s', which is in the VPC", t.ID)
	case !inside && !allowed:
		return invalidTarget("The IP address '%s' is not within the VPC, RFC 1918 or RFC 6598", t.ID)
	case !inside && t.Zone != allZones:
		return invalid("The Availability Zone 'all' must be specified for the IP address '%s', which is outside of the VPC", t.ID)
	case inside:
		return w.findZone(vpcID, address, t)
	}
	return nil
}

func (w *write) findZone(vpcID string, address netip.Addr, t *target) error {
	subnet, ok := w.service.network.SubnetHolding(w.Caller.Account, w.Request.Region, vpcID, address)
	if !ok {
		return nil
	}
	if t.Zone != "" && t.Zone != subnet.Zone {
		return invalid("The IP address '%s' is not in the Availability Zone '%s'", t.ID, t.Zone)
	}
	t.Zone = subnet.Zone
	return nil
}

// checkALB tells why an application load balancer cannot be a target: it has a
// listener on the port.
func (w *write) checkALB(g *group, t *target) error {
	b, ok := own(w.balancers, w.Request, &t.ID)
	switch {
	case !ok || b.Type != types.LoadBalancerTypeEnumApplication || b.VPC != aws.ToString(g.Settings.VpcId):
		return invalidTarget("The target '%s' is not an Application Load Balancer in VPC '%s'", t.ID, aws.ToString(g.Settings.VpcId))
	case t.Port != aws.ToInt32(g.Settings.Port):
		return invalidTarget("The port of target '%s' must be that of the target group", t.ID)
	case w.at(b, t.Port, "") == nil:
		return invalidTarget("The load balancer '%s' has no listener on port %s", t.ID, strconv.Itoa(int(t.Port)))
	}
	return nil
}

// targetOf is the ARN of the target group that a load balancer is a target of, or empty.
func (c *content) targetOf(balancer string) string {
	for _, g := range c.groups {
		if slices.ContainsFunc(g.Targets, func(t target) bool { return t.ID == balancer && t.DrainedAt.IsZero() }) {
			return g.ARN
		}
	}
	return ""
}

func (w *write) checkTargetQuota(g *group) error {
	most := w.service.quotas.TargetsPerGroup
	if g.Settings.TargetType == types.TargetTypeEnumLambda || g.Settings.TargetType == types.TargetTypeEnumAlb {
		most = 1
	}
	if n := g.registered(); n > most {
		return frame.Errorf("TooManyTargets", "The maximum number of targets of target group '%s' has been reached: %d", g.ARN, most)
	}
	user := w.userOf[g.ARN]
	if user == "" || g.family() != types.LoadBalancerTypeEnumApplication {
		return nil
	}
	count := 0
	for arn, other := range w.groups {
		if w.userOf[arn] == user {
			count += other.registered()
		}
	}
	if count > w.service.quotas.TargetsPerBalancer {
		return frame.Errorf("TooManyTargets", "The maximum number of targets of load balancer '%s' has been reached: %d",
			user, w.service.quotas.TargetsPerBalancer)
	}
	return nil
}

// registered counts the targets that do not drain.
func (g *group) registered() int {
	count := 0
	for i := range g.Targets {
		if g.Targets[i].DrainedAt.IsZero() {
			count++
		}
	}
	return count
}

func deregisterTargets(w *write, in *sdk.DeregisterTargetsInput) (*sdk.DeregisterTargetsOutput, error) {
	former, err := w.group(in.TargetGroupArn)
	if err != nil {
		return nil, err
	}
	if len(in.Targets) == 0 {
		return nil, missing("Targets")
	}
	g := change(w.groups, former)
	g.Targets = slices.Clone(g.Targets)
	drained := w.moment.Add(w.drainingOf(g))
	for i := range in.Targets {
		at, known := g.at(target{ID: aws.ToString(in.Targets[i].Id), Port: g.portOf(&in.Targets[i])})
		if known && g.Targets[at].DrainedAt.IsZero() {
			g.Targets[at].DrainingSince, g.Targets[at].DrainedAt = w.moment, drained
		}
	}
	g.Targets = g.present(w.moment)
	return &sdk.DeregisterTargetsOutput{}, nil
}

// drainingOf is how long the targets of a group drain: not at all when nothing
// sends them traffic.
func (w *write) drainingOf(g *group) time.Duration {
	seconds, err := strconv.Atoi(g.attributes()[drainingDelay])
	if err != nil || w.userOf[g.ARN] == "" { // a lambda function has no delay
		return 0
	}
	delay := time.Duration(seconds) * time.Second
	if most := w.service.env.Timing.LoadBalancing.Draining; most > 0 {
		delay = min(delay, most)
	}
	return delay
}
