package loadbalancer

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// groupsPerCall is how many target groups are asked for by their ARNs at a time.
const groupsPerCall = 20

// targetGroup is a target group in AWS that belongs to the object.
type targetGroup struct {
	arn, awsName string
	// name is that of the spec, as the group's tag tells it; blank until the tags have been read.
	name  string
	shape shape
	check settings
	// attributes are read only where they can be the object's business.
	attributes settings
	tags       map[string]string
	targets    []registeredTarget
	// balancers are the load balancers that had a listener or rule which forwards to the group when it was read.
	balancers []string
	// released is set when no node of the load balancer sends requests there any more.
	released bool
}

// registeredTarget is a target of a group in AWS.
type registeredTarget struct {
	target
	state  types.TargetHealthStateEnum
	reason types.TargetHealthReasonEnum
}

// there reports whether the target is registered and not about to leave.
func (t registeredTarget) there() bool { return t.state != types.TargetHealthStateEnumDraining }

// serves reports whether the target can be given requests: it is healthy, or nobody checks it.
func (t registeredTarget) serves() bool {
	return t.state == types.TargetHealthStateEnumHealthy || t.reason == types.TargetHealthReasonEnumHealthCheckDisabled
}

// groupResource is how a target group is told.
func groupResource(name string) string { return "target group " + name }

// groupField is how status.managedFields names a field of a target group.
func groupField(name, field string) string { return "targetGroups." + name + "." + field }

// observeTargetGroups lists target groups among which are all of the object's. Which are, their tags will tell.
func observeTargetGroups(ctx context.Context, k *Kind, obj *v1alpha1.LoadBalancer, o *observed) error {
	found, err := k.findTargetGroups(ctx, obj)
	if err != nil {
		return err
	}
	o.groups = nil
	for i := range found {
		o.groups = append(o.groups, groupOf(obj, &found[i]))
	}
	return nil
}

// observeTargets reads of the object's target groups what a listing does not tell: the health of their targets and,
// where they can be the object's business, their attributes.
func observeTargets(ctx context.Context, k *Kind, obj *v1alpha1.LoadBalancer, o *observed) error {
	o.groups = slices.DeleteFunc(o.groups, func(g *targetGroup) bool { return !k.claims(obj, g) })
	slices.SortFunc(o.groups, func(a, b *targetGroup) int { return strings.Compare(a.arn, b.arn) })
	if lifecycle.Deleting(obj) {
		return nil
	}
	for _, g := range o.groups {
		if err := k.readGroup(ctx, obj, g); err != nil {
			return err
		}
	}
	return nil
}

// claims reports whether a target group is the object's, as its tags say.
func (k *Kind) claims(obj *v1alpha1.LoadBalancer, g *targetGroup) bool {
	g.name = g.tags[tagTargetGroup]
	return k.owns(obj, g.tags) && g.name != ""
}

// findTargetGroups returns target groups among which are all of the object's. While all is as declared, their ARNs are
// known; else those of the object's names are looked for among all of the account, so that none that a crash or a lost
// status hides is missed.
func (k *Kind) findTargetGroups(ctx context.Context, obj *v1alpha1.LoadBalancer) ([]types.TargetGroup, error) {
	if arns := knownGroups(obj); lifecycle.Drifted(obj) && len(arns) == len(obj.Spec.TargetGroups) {
		found, err := k.targetGroupsByARN(ctx, arns)
		if awsclient.Classify(err) != awsclient.NotFound {
			return found, err
		}
	}
	var found []types.TargetGroup
	pages := elasticloadbalancingv2.NewDescribeTargetGroupsPaginator(k.clients.ELBV2, &elasticloadbalancingv2.DescribeTargetGroupsInput{PageSize: aws.Int32(pageSize)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("looking for the target groups of the load balancer: %w", err)
		}
		for i := range page.TargetGroups {
			if strings.HasPrefix(aws.ToString(page.TargetGroups[i].TargetGroupName), namePart(obj.Name)+"-") {
				found = append(found, page.TargetGroups[i])
			}
		}
	}
	return found, nil
}

func (k *Kind) targetGroupsByARN(ctx context.Context, arns []string) ([]types.TargetGroup, error) {
	var found []types.TargetGroup
	for some := range slices.Chunk(arns, groupsPerCall) {
		answer, err := k.clients.ELBV2.DescribeTargetGroups(ctx, &elasticloadbalancingv2.DescribeTargetGroupsInput{TargetGroupArns: some})
		if err != nil {
			return nil, fmt.Errorf("reading the target groups of the load balancer: %w", err)
		}
		found = append(found, answer.TargetGroups...)
	}
	return found, nil
}

// knownGroups are the ARNs of the declared target groups that the status tells.
func knownGroups(obj *v1alpha1.LoadBalancer) []string {
	var arns []string
	for i := range obj.Status.TargetGroups {
		status := &obj.Status.TargetGroups[i]
		if status.ARN != "" && declaredGroup(obj, status.Name) != nil {
			arns = append(arns, status.ARN)
		}
	}
	return arns
}

// declaredGroup returns a target group of the spec; nil when there is none of that name.
func declaredGroup(obj *v1alpha1.LoadBalancer, name string) *v1alpha1.TargetGroup {
	for i := range obj.Spec.TargetGroups {
		if string(obj.Spec.TargetGroups[i].Name) == name {
			return &obj.Spec.TargetGroups[i]
		}
	}
	return nil
}

// groupOf is a target group that was found, or made. Whose it is, its tags tell.
func groupOf(obj *v1alpha1.LoadBalancer, found *types.TargetGroup) *targetGroup {
	return &targetGroup{
		arn: aws.ToString(found.TargetGroupArn), awsName: aws.ToString(found.TargetGroupName),
		shape: shapeOf(lbType(obj), found), check: healthCheckOf(found), balancers: found.LoadBalancerArns,
	}
}

// readGroup reads what a listing of target groups does not tell.
func (k *Kind) readGroup(ctx context.Context, obj *v1alpha1.LoadBalancer, g *targetGroup) error {
	health, err := k.clients.ELBV2.DescribeTargetHealth(ctx, &elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: &g.arn})
	if err != nil {
		return fmt.Errorf("reading the health of the targets of %s: %w", groupResource(g.name), err)
	}
	g.targets = targetsOf(health.TargetHealthDescriptions)
	if !managesAttributes(obj, g.name) {
		return nil
	}
	answer, err := k.clients.ELBV2.DescribeTargetGroupAttributes(ctx, &elasticloadbalancingv2.DescribeTargetGroupAttributesInput{TargetGroupArn: &g.arn})
	if err != nil {
		return fmt.Errorf("reading the attributes of %s: %w", groupResource(g.name), err)
	}
	g.attributes = settings{}
	for _, attribute := range answer.Attributes {
		g.attributes[aws.ToString(attribute.Key)] = aws.ToString(attribute.Value)
	}
	return nil
}

func targetsOf(health []types.TargetHealthDescription) []registeredTarget {
	var targets []registeredTarget
	for _, h := range health {
		t := registeredTarget{target: target{
			id: aws.ToString(h.Target.Id), port: aws.ToInt32(h.Target.Port),
			zone: aws.ToString(h.Target.AvailabilityZone), quicServerID: aws.ToString(h.Target.QuicServerId),
		}}
		if h.TargetHealth != nil {
			t.state, t.reason = h.TargetHealth.State, h.TargetHealth.Reason
		}
		targets = append(targets, t)
	}
	return targets
}

// managesAttributes reports whether attributes of a target group can be the object's business.
func managesAttributes(obj *v1alpha1.LoadBalancer, name string) bool {
	tg := declaredGroup(obj, name)
	return tg != nil && (tg.Attributes != nil || len(lifecycle.ManagedUnder(obj, groupField(name, fieldAttribute))) > 0)
}

// current returns the group in AWS that is of the declared shape; nil when there is none. Of several, which only a crash
// in an odd moment can leave, the one that has been used counts.
func (o *traffic) current(name string, want shape) *targetGroup {
	var current *targetGroup
	for _, g := range o.groups {
		if g.name == name && g.shape == want && (current == nil || len(g.balancers) > len(current.balancers)) {
			current = g
		}
	}
	return current
}

// without removes a group that is gone.
func (o *traffic) without(gone *targetGroup) {
	o.groups = slices.DeleteFunc(o.groups, func(g *targetGroup) bool { return g == gone })
}
