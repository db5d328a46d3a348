package dnsserver

import (
	"log/slog"
	"math/rand/v2"
	"net/netip"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// Zone is a hosted zone with everything it answers.
type Zone struct {
	// ID is the hosted zone's id, with or without the "/hostedzone/" prefix.
	ID string
	// Name is lower case, fully qualified and escaped as Route 53 returns it.
	Name string
	// Private zones answer only clients of their VPCs.
	Private bool
	// VPCs are the ids of the VPCs a private zone is associated with.
	VPCs []string
	// RecordSets carry their names in Route 53's output form.
	RecordSets []types.ResourceRecordSet
	// Keys sign a public zone's answers; without any they are unsigned. All
	// KSKs sign the keys, the first ZSK or, without one, the first KSK the rest.
	Keys []SigningKey
}

// Backend is where the zones come from.
type Backend interface {
	// Zones returns every zone, the oldest first. The server keeps what it gets
	// and only reads it, so it must not be changed afterwards.
	Zones() []Zone
	// Generation changes whenever Zones would return something else.
	Generation() uint64
}

// Options configures a Resolver and the Server around it; only Backend, and for Listen Addr, is required.
type Options struct {
	Backend Backend
	// Addr is the host:port for UDP and TCP; port 0 takes a port that is free for both.
	Addr string
	// Rand makes the random choices; the Resolver takes care of concurrent use. Nil is randomly seeded.
	Rand *rand.Rand
	// Health reports whether the health check of a record set passes. It is
	// asked only about record sets that have a HealthCheckId. Nil means yes.
	Health func(types.ResourceRecordSet) bool
	// Targets returns the values of a DNS name outside of all zones, such as a
	// load balancer's addresses, which aliases point to and clients ask for; an
	// empty slice when the name has none of the type, and nil when it does not
	// know the name, which an alias then looks for in the other public zones.
	Targets func(dnsName string, recordType types.RRType) []string
	// TargetHealth reports the health of an alias target outside of the alias's
	// zone, for aliases that evaluate it. Nil means healthy.
	TargetHealth func(types.AliasTarget) bool
	// Locate says where an address is; the zero Location means unknown. Nil uses TestLocations.
	Locate func(netip.Addr) Location
	// CIDR returns the blocks of a location of a CIDR collection. Nil means there are none.
	CIDR func(collectionID, location string) []netip.Prefix
	// VPCs says which source addresses are in which VPC; the longest prefix
	// counts. SetVPC changes it later. If it and VPC are nil it is DefaultVPCs.
	VPCs map[netip.Prefix]string
	// VPC returns the id of the VPC of a source address in none of VPCs, empty for none. Nil means none.
	VPC func(netip.Addr) string
	// CompactDenial answers who asks for proof that a name does not exist as
	// Route 53 documents it: by NOERROR and one NSEC record that has the name
	// exist without data ("black lies"), and wildcards as if they were names of
	// their own. Otherwise such answers are NXDOMAIN with the minimally covering
	// NSEC records of RFC 4470.
	CompactDenial bool
	// Now is the time of signatures. Nil is the machine's clock.
	Now func() time.Time
	// Logger receives what could not be answered. Nil discards it.
	Logger *slog.Logger
}

// withDefaults fills in every hook, so that no caller has to ask for nil.
func (o Options) withDefaults() Options {
	if o.Rand == nil {
		o.Rand = rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
	}
	if o.Health == nil {
		o.Health = func(types.ResourceRecordSet) bool { return true }
	}
	if o.Targets == nil {
		o.Targets = func(string, types.RRType) []string { return nil }
	}
	if o.TargetHealth == nil {
		o.TargetHealth = func(types.AliasTarget) bool { return true }
	}
	if o.Locate == nil {
		o.Locate = TestLocations
	}
	if o.CIDR == nil {
		o.CIDR = func(string, string) []netip.Prefix { return nil }
	}
	if o.VPC == nil && o.VPCs == nil {
		o.VPCs = DefaultVPCs()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.VPC == nil {
		o.VPC = func(netip.Addr) string { return "" }
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	return o
}
