package elbv2

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// LoadBalancer is a load balancer with everything that traffic and DNS answers
// depend on, as it is at the moment of asking. Views are shared: they must not
// be written to.
type LoadBalancer struct {
	ARN, Name       string
	Account, Region string
	// DNSName is lower case, without a trailing dot; a gateway has none.
	DNSName               string
	CanonicalHostedZoneID string
	Type                  types.LoadBalancerTypeEnum
	// Scheme is empty for a gateway.
	Scheme        types.LoadBalancerSchemeEnum
	State         types.LoadBalancerStateEnum
	VpcID         string
	IPAddressType types.IpAddressType
	// Addresses has one for each enabled zone, in the order of the zones.
	Addresses []Address
	// Attributes holds every attribute of the type, defaults included.
	Attributes map[string]string
	// Listeners are in the order of their ports.
	Listeners []Listener
}

// Address is a load balancer's node in one zone.
type Address struct {
	Zone, SubnetID string
	// IP is what DNS answers: a loopback address that no other zone and no
	// other load balancer has.
	IP netip.Addr
	// InterfaceID is the network interface in EC2.
	InterfaceID string
}

// Listener is a listener with its rules.
type Listener struct {
	ARN       string
	Protocol  types.ProtocolEnum
	Port      int32
	SSLPolicy string
	ALPN      []string
	// Certificates are ARNs, the default one first, then those for SNI.
	Certificates         []string
	MutualAuthentication *types.MutualAuthenticationAttributes
	DefaultActions       []types.Action
	// Rules are in the order of their priorities, without the default.
	Rules []Rule
	// Attributes holds every attribute of the protocol that has a value.
	Attributes map[string]string
}

// Rule is a rule of a listener. Values are in the conditions' Config members,
// whichever way they were given, and actions are in the order they run.
type Rule struct {
	ARN        string
	Priority   int
	Conditions []types.RuleCondition
	Actions    []types.Action
	Transforms []types.RuleTransform
}

// TargetGroup is a target group with its targets. Absent settings of the
// embedded struct do not apply to its kind.
type TargetGroup struct {
	types.TargetGroup
	// Attributes holds every attribute of the kind, defaults included.
	Attributes map[string]string
	// Targets are in the order of id and port, those that drain included.
	Targets []Target
}

// Target is a registered target, or one that drains.
type Target struct {
	ID string
	// Port is 0 for a lambda function.
	Port int32
	// Zone is a zone's name, "all", or empty where nobody said.
	Zone        string
	State       types.TargetHealthStateEnum
	Reason      types.TargetHealthReasonEnum
	Description string
	Registered  time.Time
	// DrainingSince is zero unless the target was deregistered.
	DrainingSince time.Time
}

// LoadBalancers lists the load balancers of all accounts and regions by ARN,
// neither metered nor throttled.
func (s *Service) LoadBalancers() []LoadBalancer {
	c, now := s.now(), s.env.Clock.Now()
	shown := make([]LoadBalancer, 0, len(c.balancers))
	for _, arn := range sortedKeys(c.balancers) {
		shown = append(shown, c.showBalancer(c.balancers[arn], now))
	}
	return shown
}

// LoadBalancer is one of LoadBalancers.
func (s *Service) LoadBalancer(arn string) (LoadBalancer, bool) {
	c := s.now()
	b, ok := c.balancers[arn]
	if !ok {
		return LoadBalancer{}, false
	}
	return c.showBalancer(b, s.env.Clock.Now()), true
}

// TargetGroups lists the target groups of all accounts and regions by ARN,
// neither metered nor throttled.
func (s *Service) TargetGroups() []TargetGroup {
	c, now := s.now(), s.env.Clock.Now()
	shown := make([]TargetGroup, 0, len(c.groups))
	for _, arn := range sortedKeys(c.groups) {
		shown = append(shown, s.showGroup(c, c.groups[arn], now))
	}
	return shown
}

// TargetGroup is one of TargetGroups.
func (s *Service) TargetGroup(arn string) (TargetGroup, bool) {
	c := s.now()
	g, ok := c.groups[arn]
	if !ok {
		return TargetGroup{}, false
	}
	return s.showGroup(c, g, s.env.Clock.Now()), true
}

// Generation changes whenever the views do: by a call, by what is reported of
// a target, or because time has passed.
func (s *Service) Generation() uint64 {
	const mostTurns = 1 << 20
	c, now := s.now(), s.env.Clock.Now()
	turned, _ := slices.BinarySearchFunc(c.turns, now, func(turn, now time.Time) int {
		if turn.After(now) {
			return 1
		}
		return -1
	})
	return c.generation*mostTurns + uint64(turned)
}

// OnChange has f called after whatever changes Generation. It is called from
// the goroutine of the write, or of the clock, with nothing locked; it must
// return quickly. Nil removes it.
func (s *Service) OnChange(f func()) {
	if f == nil {
		f = func() {}
	}
	s.onChange.Store(&f)
}

// CertificateUsers lists the ARNs of the load balancers whose listeners have a
// certificate.
func (s *Service) CertificateUsers(certificateARN string) []string {
	var users []string
	for _, l := range s.now().listeners {
		if slices.Contains(l.certificates(), certificateARN) {
			users = append(users, l.Balancer)
		}
	}
	slices.Sort(users)
	return slices.Compact(users)
}

func (c *content) showBalancer(b *balancer, now time.Time) LoadBalancer {
	shown := LoadBalancer{
		ARN: b.ARN, Name: b.Name, Account: b.Account, Region: b.Region,
		DNSName: strings.ToLower(b.DNSName), CanonicalHostedZoneID: b.HostedZone,
		Type: b.Type, Scheme: b.Scheme, State: b.state(now), VpcID: b.VPC,
		IPAddressType: b.IPAddressType, Attributes: b.attributes(),
	}
	for _, z := range b.Zones {
		shown.Addresses = append(shown.Addresses, Address{Zone: z.Name, SubnetID: z.Subnet, IP: z.Address, InterfaceID: z.Interface})
	}
	for _, l := range c.listenersOf[b.ARN] {
		shown.Listeners = append(shown.Listeners, c.showListener(l))
	}
	return shown
}

func (c *content) showListener(l *listener) Listener {
	shown := Listener{
		ARN: l.ARN, Protocol: l.Protocol, Port: l.Port, SSLPolicy: l.SSLPolicy, ALPN: l.ALPN,
		Certificates: l.certificates(), MutualAuthentication: l.MutualAuthentication,
		DefaultActions: l.Actions, Attributes: l.attributes(),
	}
	for _, r := range c.rulesOf[l.ARN] {
		shown.Rules = append(shown.Rules, Rule{
			ARN: r.ARN, Priority: int(r.Priority), Conditions: r.Conditions, Actions: r.Actions, Transforms: r.Transforms,
		})
	}
	return shown
}

func (s *Service) showGroup(c *content, g *group, now time.Time) TargetGroup {
	shown := TargetGroup{TargetGroup: c.describeGroup(g), Attributes: g.attributes()}
	for i := range g.Targets {
		t := &g.Targets[i]
		if t.gone(now) {
			continue
		}
		health := s.health(c, g, t, now)
		shown.Targets = append(shown.Targets, Target{
			ID: t.ID, Port: t.Port, Zone: t.Zone, Registered: t.Registered, DrainingSince: t.DrainingSince,
			State: health.State, Reason: health.Reason, Description: aws.ToString(health.Description),
		})
	}
	return shown
}
