package loadbalancer

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// targetGroup is a target group in AWS.
type targetGroup struct {
	sdk types.TargetGroup
	// tags are nil until they have been read.
	tags map[string]string
}

func (g *targetGroup) arn() string { return aws.ToString(g.sdk.TargetGroupArn) }

// targetGroups are the object's target groups, those that are being replaced or have been among them.
type targetGroups []*targetGroup

// untagged are the groups whose tags have not been read.
func (t targetGroups) untagged() []string {
	var arns []string
	for _, g := range t {
		if g.tags == nil {
			arns = append(arns, g.arn())
		}
	}
	return arns
}

// tag takes over tags that were read.
func (t targetGroups) tag(tags map[string]map[string]string) {
	for _, g := range t {
		if found, ok := tags[g.arn()]; ok {
			g.tags = found
		}
	}
}

// any reports whether the object has any target group.
func (t targetGroups) any() bool { return len(t) > 0 }

// observeTargetGroups reads the object's target groups.
func observeTargetGroups(context.Context, *Kind, *v1alpha1.LoadBalancer, *observed) error { return nil }

// targetGroupChanges returns what makes the target groups as declared.
func targetGroupChanges(*v1alpha1.LoadBalancer, *observed) ([]change, error) { return nil, nil }

// targetGroupRemovals returns what deletes target groups that nothing needs any more.
func targetGroupRemovals(*v1alpha1.LoadBalancer, *observed) ([]change, error) { return nil, nil }

// claimTargetGroups notes in the status what must be known of target groups after a crash.
func claimTargetGroups(*v1alpha1.LoadBalancer, *observed) {}

// declaredTargetGroupFields returns the optional fields of target groups that the spec declares.
func declaredTargetGroupFields(*v1alpha1.LoadBalancer) []string { return nil }

// reportTargetGroups writes the target groups into the status, and the condition TargetsHealthy.
func reportTargetGroups(*v1alpha1.LoadBalancer, *observed) {}
