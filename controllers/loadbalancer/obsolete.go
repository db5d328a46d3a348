package loadbalancer

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// obsoleteChanges returns the changes that let go of groups which nothing uses any more: once every node has let go of
// them their targets leave, and when these have finished their requests, in a later turn, the group is deleted. Who else
// registers targets there, as an AutoScalingGroup does, reads from the status that it may take them out, and is given a
// turn to do so: Auto Scaling replaces instances whose target others take away.
func (k *Kind) obsoleteChanges(obj *v1alpha1.LoadBalancer, o *observed) []change {
	var changes []change
	for _, g := range k.obsolete(obj, o) {
		var staying []target
		for _, t := range g.targets {
			if t.there() {
				staying = append(staying, t.target)
			}
		}
		switch {
		case len(staying) > 0 && g.released && saidReleased(obj, g):
			changes = append(changes, change{
				plan: []v1alpha1.PlannedChange{line(lifecycle.VerbUpdate, g.resource(), "targets", targetsText(staying), "")},
				run: func(ctx context.Context, k *Kind, _ *v1alpha1.LoadBalancer, _ *observed) error {
					return deregisterFrom(ctx, k, g, staying)
				},
			})
		case len(g.targets) == 0:
			changes = append(changes, deletionOf(g))
		}
	}
	return changes
}

// saidReleased reports whether the status says of a group that no node of the load balancer sends requests there.
func saidReleased(obj *v1alpha1.LoadBalancer, g *targetGroup) bool {
	return slices.ContainsFunc(obj.Status.TargetGroups, func(status v1alpha1.TargetGroupStatus) bool { return slices.Contains(status.ReleasedARNs, g.arn) })
}

// resource is how a group is told that is about to go: with its name in AWS, since another one may have its place.
func (g *targetGroup) resource() string {
	return fmt.Sprintf("target group %s (%s)", g.name, g.awsName)
}

// groupDeletions returns the changes that delete all target groups of a deleted object. Their load balancer is gone.
func groupDeletions(o *observed) []change {
	var changes []change
	for _, g := range o.groups {
		changes = append(changes, deletionOf(g))
	}
	return changes
}

func deletionOf(g *targetGroup) change {
	return change{
		plan: []v1alpha1.PlannedChange{line(lifecycle.VerbDelete, g.resource(), "", "", "")},
		run: func(ctx context.Context, k *Kind, _ *v1alpha1.LoadBalancer, o *observed) error {
			return k.deleteGroup(ctx, o, g)
		},
	}
}

// deleteGroup deletes a group. Somebody else's listener or rule may forward to it: that is told by name.
func (k *Kind) deleteGroup(ctx context.Context, o *observed, g *targetGroup) error {
	_, err := k.clients.ELBV2.DeleteTargetGroup(ctx, &elasticloadbalancingv2.DeleteTargetGroupInput{TargetGroupArn: &g.arn})
	var inUse *types.ResourceInUseException
	switch {
	case err == nil, awsclient.Classify(err) == awsclient.NotFound:
		o.without(g)
		k.unused.forget(g.arn)
		return nil
	case errors.As(err, &inUse):
		user, lookup := k.userOf(ctx, g)
		if lookup != nil {
			return lookup
		}
		if user == "" { // what used it has gone, which AWS has yet to notice
			return lifecycle.AsError(lifecycle.Wait(v1alpha1.ReasonWaitingForAWS, fmt.Sprintf("AWS still counts %s as in use.", g.resource()), k.Poll))
		}
		return lifecycle.AsError(inUseBy(g, user))
	}
	return fmt.Errorf("deleting %s: %w", g.resource(), err)
}

// inUseBy says who keeps a group from being deleted. Nothing tells when it lets go, so it is looked at again soon.
func inUseBy(g *targetGroup, user string) lifecycle.Outcome {
	outcome := lifecycle.Stall(v1alpha1.ReasonDeletionBlocked, fmt.Sprintf("%s cannot be deleted: %s, which is not this object's, forwards to it.", capitalized(g.resource()), user))
	outcome.After = blockedRecheck
	return outcome
}

// userOf names a listener or rule that forwards to a group; empty when none is found.
func (k *Kind) userOf(ctx context.Context, g *targetGroup) (string, error) {
	answer, err := k.clients.ELBV2.DescribeTargetGroups(ctx, &elasticloadbalancingv2.DescribeTargetGroupsInput{TargetGroupArns: []string{g.arn}})
	if awsclient.Classify(err) == awsclient.NotFound {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", g.resource(), err)
	}
	for _, arn := range answer.TargetGroups[0].LoadBalancerArns {
		listeners, err := k.clients.ELBV2.DescribeListeners(ctx, &elasticloadbalancingv2.DescribeListenersInput{LoadBalancerArn: &arn, PageSize: aws.Int32(pageSize)})
		if awsclient.Classify(err) == awsclient.NotFound {
			continue
		}
		if err != nil {
			return "", fmt.Errorf("listing the listeners of load balancer %s: %w", arnName(arn), err)
		}
		for i := range listeners.Listeners {
			user, err := k.userOn(ctx, listenerOf(&listeners.Listeners[i]), g)
			if err != nil || user != "" {
				return user + " of load balancer " + arnName(arn), err
			}
		}
	}
	return "", nil
}

// userOn names the listener, or the rule of it, that forwards to a group; empty when there is none.
func (k *Kind) userOn(ctx context.Context, l *listener, g *targetGroup) (string, error) {
	resource := listenerResource(l.protocol, l.port)
	if slices.Contains(forwardsTo(l.actions), g.arn) {
		return resource, nil
	}
	rules, err := k.clients.ELBV2.DescribeRules(ctx, &elasticloadbalancingv2.DescribeRulesInput{ListenerArn: &l.arn, PageSize: aws.Int32(pageSize)})
	if err != nil {
		return "", fmt.Errorf("listing the rules of %s: %w", resource, err)
	}
	for _, r := range rules.Rules {
		if slices.Contains(forwardsTo(r.Actions), g.arn) {
			return fmt.Sprintf("rule %s of %s", aws.ToString(r.Priority), resource), nil
		}
	}
	return "", nil
}

// foreignUser names somebody else's listener or rule on the object's load balancer that forwards to a group; empty when
// there is none.
func (o *traffic) foreignUser(g *targetGroup) string {
	for _, l := range o.listeners {
		resource := listenerResource(l.protocol, l.port)
		if !l.ours && slices.Contains(forwardsTo(l.actions), g.arn) {
			return resource
		}
		for _, r := range l.foreignRules {
			if slices.Contains(forwardsTo(r.actions), g.arn) {
				return fmt.Sprintf("rule %d of %s", r.priority, resource)
			}
		}
	}
	return ""
}
