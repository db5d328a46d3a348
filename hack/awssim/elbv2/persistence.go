package elbv2

import (
	"encoding/json"
	"fmt"
	"net/netip"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// savedState is the state as JSON; what is of the SDK has the SDK's fields.
type savedState struct {
	LoadBalancers []*balancer   `json:"loadBalancers"`
	Listeners     []*listener   `json:"listeners"`
	Rules         []*rule       `json:"rules"`
	TargetGroups  []*group      `json:"targetGroups"`
	TrustStores   []*trustStore `json:"trustStores"`
	LastAddress   netip.Addr    `json:"lastAddress"`
}

// State is everything, in a fixed order.
func (s *Service) State() any {
	c := s.now()
	return savedState{
		LoadBalancers: inOrder(c.balancers), Listeners: inOrder(c.listeners), Rules: inOrder(c.rules),
		TargetGroups: inOrder(c.groups), TrustStores: inOrder(c.trustStores), LastAddress: c.last,
	}
}

func inOrder[V any](all map[string]V) []V {
	list := []V{}
	for _, arn := range sortedKeys(all) {
		list = append(list, all[arn])
	}
	return list
}

// Load replaces everything by what State gave.
func (s *Service) Load(raw json.RawMessage) error {
	var saved savedState
	if err := frame.StrictJSON(raw, &saved); err != nil {
		return err
	}
	next := emptyContent()
	next.last = saved.LastAddress
	if !addresses.Contains(next.last) {
		next.last = someAddress(s.env.Random)
	}
	for _, err := range []error{
		restore(next.balancers, saved.LoadBalancers), restore(next.listeners, saved.Listeners), restore(next.rules, saved.Rules),
		restore(next.groups, saved.TargetGroups), restore(next.trustStores, saved.TrustStores), next.check(),
	} {
		if err != nil {
			return err
		}
	}
	s.store.Replace(s.settled(next))
	s.changed()
	return nil
}

func restore[T any, P resource[T]](all map[string]P, saved []P) error {
	for _, one := range saved {
		m := one.base()
		if m.ARN == "" || m.Account == "" || m.Region == "" {
			return fmt.Errorf(`a resource needs "arn", "account" and "region", not like %q`, m.ARN)
		}
		if all[m.ARN] != nil {
			return fmt.Errorf("%q is there twice", m.ARN)
		}
		all[m.ARN] = one
	}
	return nil
}

// check tells what refers to something that is not there.
func (c *content) check() error {
	for arn, l := range c.listeners {
		if c.balancers[l.Balancer] == nil {
			return fmt.Errorf("listener %q is of no load balancer", arn)
		}
	}
	for arn, r := range c.rules {
		if c.listeners[r.Listener] == nil {
			return fmt.Errorf("rule %q is of no listener", arn)
		}
	}
	for _, b := range c.balancers {
		for _, z := range b.Zones {
			if !addresses.Contains(z.Address) {
				return fmt.Errorf("load balancer %q has the address %s, which is not in %s", b.ARN, z.Address, addresses)
			}
		}
	}
	return nil
}
