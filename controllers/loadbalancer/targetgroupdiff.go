package loadbalancer

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// targetGroupChanges returns the changes that make declared target groups what they should be. They come before those of
// listeners, which forward to them; targets come and old groups go after these.
func (k *Kind) targetGroupChanges(obj *v1alpha1.LoadBalancer, o *observed) ([]change, error) {
	var changes []change
	use := o.usage()
	for _, d := range k.desiredTargetGroups(obj, o) {
		if g := o.current(d.name, d.shape); g != nil {
			changes = append(changes, updateGroup(obj, d, g)...)
			continue
		}
		changes = append(changes, createGroup(d, o.predecessor(d.name, d.shape, use))...)
	}
	// What replaces another group has its targets before requests can go to it.
	return append(changes, k.targetChanges(obj, o, true)...), nil
}

// targetGroupRemovals returns the changes that come after those of listeners: of the targets of groups that stay, and of
// groups that nothing needs any more.
func (k *Kind) targetGroupRemovals(obj *v1alpha1.LoadBalancer, o *observed) ([]change, error) {
	if lifecycle.Deleting(obj) {
		return groupDeletions(o), nil
	}
	return append(k.targetChanges(obj, o, false), k.obsoleteChanges(obj, o)...), nil
}

// createGroup returns the changes that make a group: a new one, or one that is to replace another.
func createGroup(d desiredTargetGroup, old *targetGroup) []change {
	resource := groupResource(d.name)
	plan := []v1alpha1.PlannedChange{line(lifecycle.VerbCreate, resource, "", "", "")}
	if old != nil {
		plan = nil
		for _, difference := range old.shape.differences(d.shape) {
			plan = append(plan, line(lifecycle.VerbReplace, resource, difference.field, difference.from, difference.to))
		}
	}
	changes := []change{{plan: plan, run: func(ctx context.Context, k *Kind, obj *v1alpha1.LoadBalancer, o *observed) error {
		return k.makeGroup(ctx, obj, o, k.desiredTargetGroup(obj, o, d.spec))
	}}}
	set := diffSettings(d.attributes, groupAttributeDefaults(d.shape), nil, nil)
	return append(changes, attributeChange(lifecycle.VerbUpdate, d, nil, set)...)
}

// makeGroup creates a group. A name that is taken means that an earlier call took effect unseen: look at it.
func (k *Kind) makeGroup(ctx context.Context, obj *v1alpha1.LoadBalancer, o *observed, d desiredTargetGroup) error {
	var made types.TargetGroup
	answer, err := k.clients.ELBV2.CreateTargetGroup(ctx, createGroupInput(d))
	switch {
	case err == nil:
		made = answer.TargetGroups[0]
	case awsclient.Classify(err) == awsclient.AlreadyExists:
		found, lookup := k.clients.ELBV2.DescribeTargetGroups(ctx, &elasticloadbalancingv2.DescribeTargetGroupsInput{Names: []string{d.awsName}})
		if lookup != nil || len(found.TargetGroups) == 0 {
			return fmt.Errorf("creating %s: %w", groupResource(d.name), err)
		}
		made = found.TargetGroups[0]
	default:
		return fmt.Errorf("creating %s: %w", groupResource(d.name), err)
	}
	g := groupOf(obj, &made)
	g.tags = d.tags
	if err != nil {
		found, err := k.clients.ELBTags(ctx, g.arn)
		if err != nil {
			return err
		}
		g.tags = found[g.arn]
	}
	if !k.claims(obj, g) {
		return lifecycle.Refuse(v1alpha1.ReasonConflict, "A target group with the name %s exists in AWS (%s) and is not this object's: rename %s.", d.awsName, g.arn, groupResource(d.name))
	}
	o.groups = append(o.groups, g)
	return nil
}

func createGroupInput(d desiredTargetGroup) *elasticloadbalancingv2.CreateTargetGroupInput {
	check := modifyInput("", d.shape, d.check)
	input := &elasticloadbalancingv2.CreateTargetGroupInput{
		Name: &d.awsName, TargetType: d.shape.targetType, Tags: sdkTags(d.tags),
		HealthCheckEnabled: check.HealthCheckEnabled, HealthCheckProtocol: check.HealthCheckProtocol, HealthCheckPort: check.HealthCheckPort,
		HealthCheckPath: check.HealthCheckPath, HealthCheckIntervalSeconds: check.HealthCheckIntervalSeconds,
		HealthCheckTimeoutSeconds: check.HealthCheckTimeoutSeconds, HealthyThresholdCount: check.HealthyThresholdCount,
		UnhealthyThresholdCount: check.UnhealthyThresholdCount, Matcher: check.Matcher,
	}
	if d.shape.lambda() {
		return input
	}
	input.Protocol, input.Port, input.VpcId, input.IpAddressType = d.shape.protocol, &d.shape.port, &d.shape.vpcID, d.shape.ipAddressType
	if d.shape.version != "" {
		input.ProtocolVersion = &d.shape.version
	}
	if d.shape.controlPort != 0 {
		input.TargetControlPort = &d.shape.controlPort
	}
	return input
}

// updateGroup returns the changes that bring an existing group up to date, targets apart.
func updateGroup(obj *v1alpha1.LoadBalancer, d desiredTargetGroup, g *targetGroup) []change {
	var changes []change
	resource := groupResource(d.name)
	protocol := d.check[checkProtocol]
	if protocol == "" && lifecycle.Managed(obj, groupField(d.name, fieldHealthCheck+checkProtocol)) {
		protocol = string(defaultCheckProtocol(d.shape))
	} else if protocol == "" {
		protocol = g.check[checkProtocol]
	}
	check := diffSettings(d.check, g.check, lifecycle.ManagedUnder(obj, groupField(d.name, fieldHealthCheck)), healthCheckDefaults(d.shape, protocol))
	if len(check) > 0 {
		changes = append(changes, change{
			plan: plannedSettings(lifecycle.VerbUpdate, resource, fieldHealthCheck, g.check, check),
			run: func(ctx context.Context, k *Kind, _ *v1alpha1.LoadBalancer, _ *observed) error {
				return k.modifyHealthCheck(ctx, g, check)
			},
		})
	}
	set := settings{}
	if g.attributes != nil {
		set = diffSettings(d.attributes, g.attributes, lifecycle.ManagedUnder(obj, groupField(d.name, fieldAttribute)), groupAttributeDefaults(d.shape))
	}
	changes = append(changes, attributeChange(lifecycle.VerbUpdate, d, g.attributes, set)...)
	tags, remove := awsclient.DiffTags(d.tags, g.tags, lifecycle.ManagedUnder(obj, groupField(d.name, fieldTag)))
	if len(tags)+len(remove) > 0 {
		changes = append(changes, change{
			plan: plannedTags(lifecycle.VerbUpdate, resource, g.tags, tags, remove),
			run: func(ctx context.Context, k *Kind, _ *v1alpha1.LoadBalancer, _ *observed) error {
				return k.changeTags(ctx, g.arn, g.tags, tags, remove)
			},
		})
	}
	return changes
}

func (k *Kind) modifyHealthCheck(ctx context.Context, g *targetGroup, set settings) error {
	if _, err := k.clients.ELBV2.ModifyTargetGroup(ctx, modifyInput(g.arn, g.shape, set)); err != nil {
		return fmt.Errorf("modifying the health check of %s: %w", groupResource(g.name), err)
	}
	maps.Copy(g.check, set)
	return nil
}

// attributeChange returns the change that sets attributes of a group, if there are any to set.
func attributeChange(verb string, d desiredTargetGroup, have, set settings) []change {
	if len(set) == 0 {
		return nil
	}
	return []change{{
		plan: plannedSettings(verb, groupResource(d.name), fieldAttribute, have, set),
		run: func(ctx context.Context, k *Kind, obj *v1alpha1.LoadBalancer, o *observed) error {
			return k.modifyGroupAttributes(ctx, o.current(d.name, declaredShape(obj, o, d.spec)), set)
		},
	}}
}

func (k *Kind) modifyGroupAttributes(ctx context.Context, g *targetGroup, set settings) error {
	for keys := range slices.Chunk(slices.Sorted(maps.Keys(set)), attributesPerCall) {
		input := &elasticloadbalancingv2.ModifyTargetGroupAttributesInput{TargetGroupArn: &g.arn}
		for _, key := range keys {
			input.Attributes = append(input.Attributes, types.TargetGroupAttribute{Key: aws.String(key), Value: aws.String(set[key])})
		}
		if _, err := k.clients.ELBV2.ModifyTargetGroupAttributes(ctx, input); err != nil {
			return fmt.Errorf("modifying the attributes of %s: %w", groupResource(g.name), err)
		}
	}
	return nil
}
