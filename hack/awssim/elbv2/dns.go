package elbv2

import (
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// Addresses are what a load balancer's DNS name, in any case and with or without
// "dualstack." before it, resolves to: the addresses of the zones in which every
// target group that has targets has a healthy one, or those of all zones when
// there is no such zone. Not known is a name that no load balancer has.
func (s *Service) Addresses(dnsName string) (found []netip.Addr, known bool) {
	c, now := s.now(), s.env.Clock.Now()
	b := c.byName(dnsName)
	if b == nil {
		return nil, false
	}
	var all []netip.Addr
	spread := b.attributes()[crossZone] == "true"
	for _, z := range b.Zones {
		all = append(all, z.Address)
		name := z.Name
		if spread {
			name = allZones
		}
		if s.serves(c, b, name, now) {
			found = append(found, z.Address)
		}
	}
	if len(found) == 0 {
		found = all
	}
	return found, true
}

// DNSHealthy tells how a load balancer is to aliases that evaluate their target:
// each of its target groups has a healthy target. One without targets has none.
func (s *Service) DNSHealthy(dnsName string) (healthy, known bool) {
	c, now := s.now(), s.env.Clock.Now()
	b := c.byName(dnsName)
	if b == nil {
		return false, false
	}
	for _, g := range c.usedBy(b) {
		if !s.anyHealthy(c, g, allZones, now) {
			return false, true
		}
	}
	return true, true
}

func (c *content) byName(dnsName string) *balancer {
	name := strings.TrimSuffix(strings.ToLower(dnsName), ".")
	return c.balancers[c.named[strings.TrimPrefix(name, "dualstack.")]]
}

// usedBy are the target groups that a load balancer forwards to.
func (c *content) usedBy(b *balancer) []*group {
	var used []*group
	for _, arn := range slices.Sorted(maps.Keys(c.userOf)) {
		if g := c.groups[arn]; g != nil && c.userOf[arn] == b.ARN {
			used = append(used, g)
		}
	}
	return used
}

// serves tells whether every group that has targets has a healthy one in a zone.
func (s *Service) serves(c *content, b *balancer, zoneName string, now time.Time) bool {
	some := false
	for _, g := range c.usedBy(b) {
		if g.registered() == 0 {
			continue
		}
		if !s.anyHealthy(c, g, zoneName, now) {
			return false
		}
		some = true
	}
	return some
}

// anyHealthy tells whether a group has a healthy target that a zone's node sends
// traffic to. Targets whose zone nobody said are everybody's.
func (s *Service) anyHealthy(c *content, g *group, zoneName string, now time.Time) bool {
	return slices.ContainsFunc(g.present(now), func(t target) bool {
		near := zoneName == allZones || t.Zone == "" || t.Zone == allZones || t.Zone == zoneName
		state := s.health(c, g, &t, now).State
		// A function whose health is not checked can do its work.
		able := state == types.TargetHealthStateEnumHealthy || state == types.TargetHealthStateEnumUnavailable
		return near && able
	})
}
