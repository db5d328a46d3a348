package elbv2

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// settle derives what follows from the resources, and notes which target groups
// have come into use, or are not used any more.
func (c *content) settle(now time.Time) {
	c.listenersOf, c.rulesOf, c.named = map[string][]*listener{}, map[string][]*rule{}, map[string]string{}
	c.userOf = map[string]string{}
	for _, arn := range sortedKeys(c.listeners) {
		l := c.listeners[arn]
		c.listenersOf[l.Balancer] = append(c.listenersOf[l.Balancer], l)
		c.use(l.Balancer, l.Actions)
	}
	for _, arn := range sortedKeys(c.rules) {
		r := c.rules[arn]
		c.rulesOf[r.Listener] = append(c.rulesOf[r.Listener], r)
		if l := c.listeners[r.Listener]; l != nil {
			c.use(l.Balancer, r.Actions)
		}
	}
	for _, b := range c.balancers {
		if b.DNSName != "" {
			c.named[strings.ToLower(b.DNSName)] = b.ARN
		}
	}
	for _, list := range c.listenersOf {
		slices.SortStableFunc(list, func(a, b *listener) int {
			return cmp.Or(cmp.Compare(a.Port, b.Port), cmp.Compare(a.Protocol, b.Protocol))
		})
	}
	for _, list := range c.rulesOf {
		slices.SortStableFunc(list, func(a, b *rule) int { return cmp.Compare(a.Priority, b.Priority) })
	}
	c.settleGroups(now)
	c.settleTurns()
}

func (c *content) use(balancer string, actions []types.Action) {
	for arn := range forwarded(actions) {
		c.userOf[arn] = balancer
	}
}

// forwarded gives the target groups that actions forward to.
func forwarded(actions []types.Action) map[string]bool {
	groups := map[string]bool{}
	for i := range actions {
		if actions[i].ForwardConfig == nil {
			continue
		}
		for _, tuple := range actions[i].ForwardConfig.TargetGroups {
			groups[aws.ToString(tuple.TargetGroupArn)] = true
		}
	}
	return groups
}

// settleGroups begins the health checks of groups that have come into use, and
// forgets those of groups that no load balancer uses any more.
func (c *content) settleGroups(now time.Time) {
	for arn, g := range c.groups {
		if user := c.userOf[arn]; user != g.UsedBy {
			next := *g
			next.UsedBy, next.UsedSince = user, now.UTC()
			next.Targets = slices.Clone(g.Targets)
			for i := range next.Targets {
				next.Targets[i].Reported = nil
			}
			c.groups[arn] = &next
		}
	}
}

func (c *content) settleTurns() {
	c.turns = nil
	for _, b := range c.balancers {
		c.turns = append(c.turns, b.ActiveAt)
	}
	for _, g := range c.groups {
		for i := range g.Targets {
			t := &g.Targets[i]
			if !t.DrainedAt.IsZero() {
				c.turns = append(c.turns, t.DrainedAt)
			} else if begun := c.begun(g, t); g.UsedBy != "" {
				c.turns = append(c.turns, begun.Add(t.Wait/2), begun.Add(t.Wait))
			}
		}
	}
	slices.SortFunc(c.turns, time.Time.Compare)
	c.turns = slices.CompactFunc(c.turns, time.Time.Equal)
}

// begun is when a target's way to healthy began: its registration, its group's
// coming into use, or its load balancer's becoming active, whichever was last.
func (c *content) begun(g *group, t *target) time.Time {
	begun := t.Registered
	if g.UsedSince.After(begun) {
		begun = g.UsedSince
	}
	if b := c.balancers[g.UsedBy]; b != nil && b.ActiveAt.After(begun) {
		begun = b.ActiveAt
	}
	return begun
}
