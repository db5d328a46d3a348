package main

import (
	"fmt"
	"math/rand/v2"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

var zoneKnobs = []knob[*v1alpha1.HostedZone]{
	{"comment", func(z *v1alpha1.HostedZone, r *rand.Rand) {
		z.Spec.Comment = aws.String(fmt.Sprint("comment ", r.IntN(1000)))
	}},
	{"tags", func(z *v1alpha1.HostedZone, r *rand.Rand) { z.Spec.Tags = tags(r) }},
}

var recordKnobs = []knob[*v1alpha1.RecordSet]{
	{"ttl", func(s *v1alpha1.RecordSet, r *rand.Rand) {
		if s.Spec.RoutingPolicy == nil { // records that share a name must agree on it
			s.Spec.TTL = aws.Int64(int64(10 + r.IntN(300)))
		}
	}},
	{"resourceRecords", func(s *v1alpha1.RecordSet, r *rand.Rand) {
		network := map[v1alpha1.RecordType]string{"A": "192.0.2.", "AAAA": "2001:db8::"}[s.Spec.Type]
		s.Spec.ResourceRecords = []v1alpha1.ResourceRecord{
			v1alpha1.ResourceRecord(fmt.Sprint(network, 10+r.IntN(100))), v1alpha1.ResourceRecord(fmt.Sprint(network, 110+r.IntN(100))),
		}
	}},
	{"weight or type", func(s *v1alpha1.RecordSet, r *rand.Rand) {
		switch {
		case s.Spec.RoutingPolicy != nil:
			s.Spec.RoutingPolicy.Weighted.Weight = int64(r.IntN(256))
		case s.Spec.Type == "A":
			s.Spec.Type, s.Spec.ResourceRecords = "AAAA", []v1alpha1.ResourceRecord{"2001:db8::1"}
		default:
			s.Spec.Type, s.Spec.ResourceRecords = "A", []v1alpha1.ResourceRecord{"192.0.2.9"}
		}
	}},
	{"healthCheck", func(s *v1alpha1.RecordSet, r *rand.Rand) {
		if s.Spec.HealthCheck != nil {
			s.Spec.HealthCheck.ResourcePath = fmt.Sprint("/up", r.IntN(100))
		}
	}},
}

var balancerKnobs = []knob[*v1alpha1.LoadBalancer]{
	{"tags", func(l *v1alpha1.LoadBalancer, r *rand.Rand) { l.Spec.Tags = tags(r) }},
	{"attributes.idleTimeoutSeconds", func(l *v1alpha1.LoadBalancer, r *rand.Rand) {
		l.Spec.Attributes = &v1alpha1.LoadBalancerAttributes{IdleTimeoutSeconds: aws.Int32(int32(60 + r.IntN(100)))}
	}},
	{"attributes removed", func(l *v1alpha1.LoadBalancer, _ *rand.Rand) { l.Spec.Attributes = nil }},
	{"securityGroup", func(l *v1alpha1.LoadBalancer, r *rand.Rand) {
		l.Spec.SecurityGroup.Ingress[0].Port = aws.Int32(int32(80 + r.IntN(100)))
	}},
	{"targetGroups.healthCheck", func(l *v1alpha1.LoadBalancer, r *rand.Rand) {
		l.Spec.TargetGroups[0].HealthCheck.IntervalSeconds = aws.Int32(int32(10 + r.IntN(100)))
	}},
	{"targetGroups.port", func(l *v1alpha1.LoadBalancer, r *rand.Rand) {
		l.Spec.TargetGroups[0].Port = aws.Int32(int32(8080 + r.IntN(5)))
	}},
	{"listeners.rules", func(l *v1alpha1.LoadBalancer, r *rand.Rand) {
		l.Spec.Listeners[0].Rules[0].Actions[0].FixedResponse.StatusCode = fmt.Sprint(500 + r.IntN(50))
	}},
	{"listeners.certificates", func(l *v1alpha1.LoadBalancer, r *rand.Rand) {
		domain := v1alpha1.CertificateDomainName(l.Name + ".example")
		l.Spec.Listeners[1].Certificates[0].Issue.DomainNames = pick(r, [][]v1alpha1.CertificateDomainName{{domain}, {domain, "*." + domain}, {domain, "www." + domain}})
	}},
	{"subnetIDs", func(l *v1alpha1.LoadBalancer, r *rand.Rand) {
		l.Spec.SubnetIDs = pick(r, [][]v1alpha1.SubnetID{{"subnet-0a", "subnet-0b"}, {"subnet-0a", "subnet-0b", "subnet-0c"}})
	}},
}

var groupKnobs = []knob[*v1alpha1.AutoScalingGroup]{
	{"minSize", func(g *v1alpha1.AutoScalingGroup, r *rand.Rand) { g.Spec.MinSize = int32(1 + r.IntN(2)) }},
	{"maxSize", func(g *v1alpha1.AutoScalingGroup, r *rand.Rand) { g.Spec.MaxSize = int32(3 + r.IntN(3)) }},
	{"defaultCooldownSeconds", func(g *v1alpha1.AutoScalingGroup, r *rand.Rand) {
		g.Spec.DefaultCooldownSeconds = aws.Int32(int32(60 + r.IntN(100)))
	}},
	{"tags", func(g *v1alpha1.AutoScalingGroup, r *rand.Rand) {
		g.Spec.Tags[0].Value = v1alpha1.TagValue(fmt.Sprint("t", r.IntN(100)))
	}},
	{"launchTemplate.instanceType", func(g *v1alpha1.AutoScalingGroup, r *rand.Rand) {
		g.Spec.LaunchTemplate.InstanceType = pick(r, []v1alpha1.InstanceType{"t3.micro", "t3.small", "t3.medium"})
	}},
	{"launchTemplate.userData", func(g *v1alpha1.AutoScalingGroup, r *rand.Rand) {
		g.Spec.LaunchTemplate.UserData = fmt.Sprintf("#!/bin/sh\necho %d\n", r.IntN(5))
	}},
	{"scalingPolicies.targetValue", func(g *v1alpha1.AutoScalingGroup, r *rand.Rand) {
		g.Spec.ScalingPolicies[0].TargetTracking.TargetValue = v1alpha1.Decimal(fmt.Sprint(50 + r.IntN(40)))
	}},
	{"scalingPolicies.alarm.threshold", func(g *v1alpha1.AutoScalingGroup, r *rand.Rand) {
		g.Spec.ScalingPolicies[1].Step.Alarm.Threshold = v1alpha1.Decimal(fmt.Sprint(100 + r.IntN(100)))
	}},
	{"scheduledActions", func(g *v1alpha1.AutoScalingGroup, r *rand.Rand) {
		g.Spec.ScheduledActions[0].Recurrence = fmt.Sprintf("%d 8 * * *", r.IntN(60))
	}},
	{"suspendedProcesses", func(g *v1alpha1.AutoScalingGroup, r *rand.Rand) {
		g.Spec.SuspendedProcesses = pick(r, [][]v1alpha1.ScalingProcess{{"AZRebalance"}, {"ScheduledActions"}, {"AZRebalance", "ScheduledActions"}})
	}},
}

func tags(r *rand.Rand) map[string]v1alpha1.TagValue {
	set := map[string]v1alpha1.TagValue{"team": v1alpha1.TagValue(fmt.Sprint("t", r.IntN(100)))}
	if r.IntN(2) == 0 {
		set["stage"] = "soak"
	}
	return set
}
