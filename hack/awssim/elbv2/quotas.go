package elbv2

import "cmp"

// Quotas are the service quotas of an account in a region; a zero is AWS's default.
type Quotas struct {
	ApplicationLoadBalancers int
	NetworkLoadBalancers     int
	GatewayLoadBalancers     int
	// Listeners are those of one application or network load balancer.
	Listeners int
	// TargetGroups are those of application and network load balancers together.
	TargetGroups            int
	GatewayTargetGroups     int
	TargetGroupsPerBalancer int
	TargetsPerGroup         int
	// TargetsPerBalancer is that of an application load balancer.
	TargetsPerBalancer int
	// Rules are those of one load balancer, default rules not counted.
	Rules int
	// Certificates are those of one load balancer, default ones not counted.
	Certificates             int
	ValuesPerRule            int
	WildcardsPerRule         int
	TargetGroupsPerAction    int
	TagsPerResource          int
	TrustStores              int
	RevocationsPerTrustStore int
	// CapacityUnits are those that one load balancer can reserve.
	CapacityUnits int
	// CapacityDecreases are those of one load balancer in a day.
	CapacityDecreases int
}

func (q Quotas) withDefaults() Quotas {
	return Quotas{
		ApplicationLoadBalancers: cmp.Or(q.ApplicationLoadBalancers, 50),
		NetworkLoadBalancers:     cmp.Or(q.NetworkLoadBalancers, 50),
		GatewayLoadBalancers:     cmp.Or(q.GatewayLoadBalancers, 100),
		Listeners:                cmp.Or(q.Listeners, 50),
		TargetGroups:             cmp.Or(q.TargetGroups, 3000),
		GatewayTargetGroups:      cmp.Or(q.GatewayTargetGroups, 100),
		TargetGroupsPerBalancer:  cmp.Or(q.TargetGroupsPerBalancer, 100),
		TargetsPerGroup:          cmp.Or(q.TargetsPerGroup, 1000),
		TargetsPerBalancer:       cmp.Or(q.TargetsPerBalancer, 1000),
		Rules:                    cmp.Or(q.Rules, 100),
		Certificates:             cmp.Or(q.Certificates, 25),
		ValuesPerRule:            cmp.Or(q.ValuesPerRule, 5),
		WildcardsPerRule:         cmp.Or(q.WildcardsPerRule, 5),
		TargetGroupsPerAction:    cmp.Or(q.TargetGroupsPerAction, 5),
		TagsPerResource:          cmp.Or(q.TagsPerResource, 50),
		TrustStores:              cmp.Or(q.TrustStores, 20),
		RevocationsPerTrustStore: cmp.Or(q.RevocationsPerTrustStore, 30),
		CapacityUnits:            cmp.Or(q.CapacityUnits, 1500),
		CapacityDecreases:        cmp.Or(q.CapacityDecreases, 2),
	}
}
