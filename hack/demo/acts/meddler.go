package acts

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	scalingtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// meddler is somebody with access to the account who does not know that a controller keeps it.
type meddler struct {
	dns       *route53.Client
	balancers *elb.Client
	groups    *autoscaling.Client
}

func newMeddler(config aws.Config) meddler {
	return meddler{route53.NewFromConfig(config), elb.NewFromConfig(config), autoscaling.NewFromConfig(config)}
}

// deleteRecord deletes a record of the only zone.
func (m meddler) deleteRecord(ctx context.Context, name string, kind types.RRType) error {
	zones, err := m.dns.ListHostedZones(ctx, &route53.ListHostedZonesInput{})
	if err != nil {
		return fmt.Errorf("listing zones: %w", err)
	}
	if len(zones.HostedZones) != 1 {
		return fmt.Errorf("there are %d zones instead of one", len(zones.HostedZones))
	}
	id := zones.HostedZones[0].Id
	records, err := m.dns.ListResourceRecordSets(ctx, &route53.ListResourceRecordSetsInput{HostedZoneId: id})
	if err != nil {
		return fmt.Errorf("listing records: %w", err)
	}
	for _, record := range records.ResourceRecordSets {
		if *record.Name != name || record.Type != kind {
			continue
		}
		_, err := m.dns.ChangeResourceRecordSets(ctx, &route53.ChangeResourceRecordSetsInput{
			HostedZoneId: id,
			ChangeBatch:  &types.ChangeBatch{Changes: []types.Change{{Action: types.ChangeActionDelete, ResourceRecordSet: &record}}},
		})
		if err != nil {
			return fmt.Errorf("deleting the record %s: %w", name, err)
		}
		return nil
	}
	return fmt.Errorf("there is no record %s %s", name, kind)
}

// moveListener has the listener of a port listen on another one.
func (m meddler) moveListener(ctx context.Context, from, to int32) error {
	balancers, err := m.balancers.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{})
	if err != nil {
		return fmt.Errorf("listing load balancers: %w", err)
	}
	for _, balancer := range balancers.LoadBalancers {
		listeners, err := m.balancers.DescribeListeners(ctx, &elb.DescribeListenersInput{LoadBalancerArn: balancer.LoadBalancerArn})
		if err != nil {
			return fmt.Errorf("listing listeners: %w", err)
		}
		for _, listener := range listeners.Listeners {
			if *listener.Port != from {
				continue
			}
			if _, err := m.balancers.ModifyListener(ctx, &elb.ModifyListenerInput{ListenerArn: listener.ListenerArn, Port: aws.Int32(to)}); err != nil {
				return fmt.Errorf("moving the listener: %w", err)
			}
			return nil
		}
	}
	return fmt.Errorf("no load balancer listens on port %d", from)
}

// detach takes the target groups away from the only Auto Scaling group.
func (m meddler) detach(ctx context.Context) error {
	groups, err := m.groups.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{})
	if err != nil {
		return fmt.Errorf("listing groups: %w", err)
	}
	for _, group := range groups.AutoScalingGroups {
		sources := []scalingtypes.TrafficSourceIdentifier{}
		for _, source := range group.TrafficSources {
			sources = append(sources, scalingtypes.TrafficSourceIdentifier{Identifier: source.Identifier, Type: source.Type})
		}
		if len(sources) == 0 {
			continue
		}
		_, err := m.groups.DetachTrafficSources(ctx, &autoscaling.DetachTrafficSourcesInput{
			AutoScalingGroupName: group.AutoScalingGroupName, TrafficSources: sources,
		})
		if err != nil {
			return fmt.Errorf("detaching the target group: %w", err)
		}
		return nil
	}
	return fmt.Errorf("no group has a target group")
}
