package autoscalinggroup

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// labelKey names a target group of a LoadBalancer.
type labelKey struct{ loadBalancer, targetGroup string }

// label is what a target group's requests are counted under; wait says why that is not known yet.
type label struct {
	text string
	wait *lifecycle.Outcome
}

// labels are those of the target groups that policies name by reference.
type labels map[labelKey]label

// of is the resource label of the target group that a metric is of; nil when it is of none.
func (l labels) of(target v1alpha1.MetricTargetGroup) *string {
	if target.LoadBalancerRef == nil {
		return awsclient.Optional(target.ResourceLabel)
	}
	return awsclient.Optional(l[keyOf(target)].text)
}

func keyOf(target v1alpha1.MetricTargetGroup) labelKey {
	return labelKey{target.LoadBalancerRef.Name, target.TargetGroup}
}

// countedGroups are the target groups whose requests a policy counts.
func countedGroups(p *v1alpha1.ScalingPolicy) []v1alpha1.MetricTargetGroup {
	var all []v1alpha1.MetricTargetGroup
	if t := p.TargetTracking; t != nil && t.PredefinedMetric != nil {
		all = append(all, t.PredefinedMetric.MetricTargetGroup)
	}
	if t := p.Predictive; t != nil {
		all = append(all, t.Metric.MetricTargetGroup)
		if t.Metric.ScalingMetric != nil {
			all = append(all, t.Metric.ScalingMetric.MetricTargetGroup)
		}
		if t.Metric.LoadMetric != nil {
			all = append(all, t.Metric.LoadMetric.MetricTargetGroup)
		}
	}
	return slices.DeleteFunc(all, func(g v1alpha1.MetricTargetGroup) bool { return g.LoadBalancerRef == nil && g.ResourceLabel == "" })
}

// policyLoadBalancers are the LoadBalancers that the policies of an object name.
func policyLoadBalancers(obj *v1alpha1.AutoScalingGroup) []string {
	var names []string
	for i := range obj.Spec.ScalingPolicies {
		for _, counted := range countedGroups(&obj.Spec.ScalingPolicies[i]) {
			if counted.LoadBalancerRef != nil {
				names = append(names, counted.LoadBalancerRef.Name)
			}
		}
	}
	return names
}

// resolveLabels looks up the LoadBalancers that policies name. It calls no AWS.
func (k *Kind) resolveLabels(ctx context.Context, obj *v1alpha1.AutoScalingGroup) (labels, error) {
	found := labels{}
	for i := range obj.Spec.ScalingPolicies {
		for _, counted := range countedGroups(&obj.Spec.ScalingPolicies[i]) {
			if counted.LoadBalancerRef == nil {
				continue
			}
			var lb v1alpha1.LoadBalancer
			err := k.reader.Get(ctx, types.NamespacedName{Namespace: obj.Namespace, Name: counted.LoadBalancerRef.Name}, &lb)
			switch {
			case apierrors.IsNotFound(err):
				found[keyOf(counted)] = unlabelled(v1alpha1.ReasonReferenceNotFound, fmt.Sprintf("LoadBalancer %s, whose requests a scaling policy counts, does not exist.", counted.LoadBalancerRef.Name))
			case err != nil:
				return nil, fmt.Errorf("reading LoadBalancer %s: %w", counted.LoadBalancerRef.Name, err)
			default:
				found[keyOf(counted)] = labelIn(&lb, counted.TargetGroup)
			}
		}
	}
	return found, nil
}

func unlabelled(reason, message string) label {
	outcome := lifecycle.Wait(reason, message, 0)
	return label{wait: &outcome}
}

// labelIn is the label of a target group of a LoadBalancer: the ends of both ARNs.
func labelIn(lb *v1alpha1.LoadBalancer, targetGroup string) label {
	if lb.Spec.Type != v1alpha1.LoadBalancerApplication {
		outcome := lifecycle.Stall(v1alpha1.ReasonInvalidSpec, fmt.Sprintf(
			"LoadBalancer %s, whose requests a scaling policy counts, has the type %s: only application load balancers count requests. Name another one, or track another metric.", lb.Name, lb.Spec.Type))
		return label{wait: &outcome}
	}
	if !slices.ContainsFunc(lb.Spec.TargetGroups, func(g v1alpha1.TargetGroup) bool { return string(g.Name) == targetGroup }) {
		return unlabelled(v1alpha1.ReasonReferenceNotFound, fmt.Sprintf("LoadBalancer %s has no target group %s, whose requests a scaling policy counts.", lb.Name, targetGroup))
	}
	_, balancer, made := strings.Cut(lb.Status.ARN, ":loadbalancer/")
	for _, status := range lb.Status.TargetGroups {
		if _, group, ok := strings.Cut(status.ARN, ":targetgroup/"); ok && made && string(status.Name) == targetGroup {
			return label{text: balancer + "/targetgroup/" + group}
		}
	}
	return unlabelled(v1alpha1.ReasonReferenceNotReady, fmt.Sprintf("LoadBalancer %s has no target group %s in AWS yet, whose requests a scaling policy counts.", lb.Name, targetGroup))
}

// labelsReady says why a policy cannot be put yet: a load balancer that it names is not there, or the target group that
// it counts is not attached to the group.
func labelsReady(p *v1alpha1.ScalingPolicy, o *observed) *lifecycle.Outcome {
	for _, counted := range countedGroups(p) {
		if counted.LoadBalancerRef != nil {
			if wait := o.labels[keyOf(counted)].wait; wait != nil {
				return wait
			}
		}
		_, group, _ := strings.Cut(aws.ToString(o.labels.of(counted)), "/targetgroup/")
		if isAttached(o, group) {
			continue
		}
		outcome := lifecycle.Wait(v1alpha1.ReasonReferenceNotReady, fmt.Sprintf(
			"Target group %s, whose requests the scaling policy %s counts, is not attached to the group: list it in spec.targetGroups.", group, p.Name), lifecycle.LongestPause)
		return &outcome
	}
	return nil
}

// isAttached reports whether the group has a target group, which is named by the end of its ARN, or is given it before
// its policies are put.
func isAttached(o *observed, end string) bool {
	arns := slices.Clone(o.targets.wanted)
	if o.group != nil {
		arns = append(arns, o.group.sdk.TargetGroupARNs...)
		for _, source := range o.group.sdk.TrafficSources {
			arns = append(arns, aws.ToString(source.Identifier))
		}
	}
	return slices.ContainsFunc(arns, func(arn string) bool { return strings.HasSuffix(arn, ":targetgroup/"+end) })
}
