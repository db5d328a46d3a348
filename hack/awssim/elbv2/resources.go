package elbv2

import (
	"net/netip"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// balancer is one state of a load balancer.
type balancer struct {
	meta
	Name          string                                 `json:"name"`
	ID            string                                 `json:"id"` // 16 hexadecimal digits
	DNSName       string                                 `json:"dnsName,omitempty"`
	HostedZone    string                                 `json:"hostedZone,omitempty"`
	Type          types.LoadBalancerTypeEnum             `json:"type"`
	Scheme        types.LoadBalancerSchemeEnum           `json:"scheme,omitempty"`
	IPAddressType types.IpAddressType                    `json:"ipAddressType"`
	VPC           string                                 `json:"vpc"`
	Zones         []zone                                 `json:"zones"`
	Groups        []string                               `json:"securityGroups,omitempty"`
	PrivateLink   string                                 `json:"privateLink,omitempty"` // on or off
	SourceNat     types.EnablePrefixForIpv6SourceNatEnum `json:"sourceNat,omitempty"`
	OwnedPool     *string                                `json:"customerOwnedPool,omitempty"`
	IpamPool      *string                                `json:"ipamPool,omitempty"`
	ActiveAt      time.Time                              `json:"activeAt"`
	Set           map[string]string                      `json:"attributes,omitempty"` // those that were set
	Capacity      capacity                               `json:"capacity,omitzero"`
}

// zone is a load balancer's node in an Availability Zone, of one subnet.
type zone struct {
	Name      string     `json:"name"`
	Subnet    string     `json:"subnet"`
	Address   netip.Addr `json:"address"` // the loopback address that DNS answers
	Interface string     `json:"interface"`
	// What the subnet mapping asked for.
	Allocation    string `json:"allocation,omitempty"`
	PrivateIPv4   string `json:"privateIPv4,omitempty"`
	IPv6          string `json:"ipv6,omitempty"`
	SourceNatIPv6 string `json:"sourceNatIPv6,omitempty"`
	// PublicIP is the address of the allocation.
	PublicIP netip.Addr `json:"publicIP,omitzero"`
}

// capacity is the reserved capacity of a load balancer.
type capacity struct {
	Units     int32     `json:"units"` // 0 is none
	Modified  time.Time `json:"modified"`
	PendingTo time.Time `json:"pendingTo"`
	// Decreases are when the reservation was made smaller, in the last day.
	Decreases []time.Time `json:"decreases,omitempty"`
}

func (b *balancer) state(now time.Time) types.LoadBalancerStateEnum {
	if now.Before(b.ActiveAt) {
		return types.LoadBalancerStateEnumProvisioning
	}
	return types.LoadBalancerStateEnumActive
}

// listener is one state of a listener. Actions are in normal form.
type listener struct {
	meta
	Balancer     string             `json:"loadBalancer"`
	ID           string             `json:"id"`
	Protocol     types.ProtocolEnum `json:"protocol,omitempty"`
	Port         int32              `json:"port,omitempty"`
	SSLPolicy    string             `json:"sslPolicy,omitempty"`
	ALPN         []string           `json:"alpn,omitempty"`
	Certificate  string             `json:"certificate,omitempty"`
	Certificates []string           `json:"certificates,omitempty"` // for SNI
	Actions      []types.Action     `json:"actions"`
	Set          map[string]string  `json:"attributes,omitempty"`
	// DefaultRule is the ARN of the rule that runs Actions.
	DefaultRule          string                                `json:"defaultRule"`
	DefaultRuleTags      frame.Tags                            `json:"defaultRuleTags,omitempty"`
	MutualAuthentication *types.MutualAuthenticationAttributes `json:"mutualAuthentication,omitempty"`
}

// certificates are the default one and those for SNI.
func (l *listener) certificates() []string {
	if l.Certificate == "" {
		return nil
	}
	return append([]string{l.Certificate}, l.Certificates...)
}

// rule is one state of a rule that is not the default. All is in normal form.
type rule struct {
	meta
	Listener   string                `json:"listener"`
	Priority   int32                 `json:"priority"`
	Conditions []types.RuleCondition `json:"conditions"`
	Actions    []types.Action        `json:"actions"`
	Transforms []types.RuleTransform `json:"transforms,omitempty"`
}

// group is one state of a target group.
type group struct {
	meta
	// Settings are as DescribeTargetGroups gives them, but for the load balancers.
	Settings types.TargetGroup `json:"settings"`
	Set      map[string]string `json:"attributes,omitempty"`
	Targets  []target          `json:"targets,omitempty"`
	// UsedBy is the load balancer that forwards to it, since UsedSince.
	UsedBy    string    `json:"usedBy,omitempty"`
	UsedSince time.Time `json:"usedSince,omitzero"`
}

// target is a registered target.
type target struct {
	ID           string        `json:"id"`
	Port         int32         `json:"port,omitempty"`
	Zone         string        `json:"zone,omitempty"`
	QuicServerID string        `json:"quicServerId,omitempty"`
	Registered   time.Time     `json:"registered"`
	Wait         time.Duration `json:"wait"` // from begun to healthy
	// DrainingSince and DrainedAt are set when it was deregistered.
	DrainingSince time.Time `json:"drainingSince,omitzero"`
	DrainedAt     time.Time `json:"drainedAt,omitzero"`
	Reported      *report   `json:"reported,omitempty"`
}

// report is what a prober found last.
type report struct {
	Healthy     bool                         `json:"healthy"`
	Reason      types.TargetHealthReasonEnum `json:"reason,omitempty"`
	Description string                       `json:"description,omitempty"`
}

func (t *target) gone(now time.Time) bool {
	return !t.DrainedAt.IsZero() && !now.Before(t.DrainedAt)
}

// trustStore is one state of a trust store.
type trustStore struct {
	meta
	Name        string             `json:"name"`
	Bundle      s3Object           `json:"bundle"`
	ActiveAt    time.Time          `json:"activeAt"`
	Revocations map[int64]s3Object `json:"revocations,omitempty"`
	Next        int64              `json:"nextRevocation"`
}

// s3Object is where a bundle or a revocation file was given to be.
type s3Object struct {
	Bucket  string `json:"bucket"`
	Key     string `json:"key"`
	Version string `json:"version,omitempty"`
}
