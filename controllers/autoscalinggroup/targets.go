package autoscalinggroup

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// targets are the target groups that an object declares, by ARN.
type targets struct {
	// wanted are to be attached, in the order of the spec. While a LoadBalancer replaces one of its target groups both
	// are: it sends requests to the new one once as many targets are healthy there as in the old one.
	wanted []string
	// kept are not attached anew, and not detached either: a load balancer may still send requests there.
	kept []string
	// leaving are about to be deleted, or are gone, so that nothing is lost by detaching them.
	leaving []string
	// missing says of declared ones why it is not known which they are.
	missing []lifecycle.Outcome
}

// waits reports whether it is not known of all that is declared which target group it is.
func (t *targets) waits() bool { return len(t.missing) > 0 }

// outcome says what is waited for.
func (t *targets) outcome() (lifecycle.Outcome, bool) { return lifecycle.Worst(t.missing) }

// resolveTargets finds out which target groups an object declares.
func resolveTargets(ctx context.Context, reader client.Reader, obj *v1alpha1.AutoScalingGroup) (targets, error) {
	var found targets
	for i := range obj.Spec.TargetGroups {
		declared := &obj.Spec.TargetGroups[i]
		if declared.LoadBalancerRef == nil {
			found.want(string(declared.ARN))
			continue
		}
		var balancer *v1alpha1.LoadBalancer
		name, live := declared.LoadBalancerRef.Name, v1alpha1.LoadBalancer{}
		err := reader.Get(ctx, client.ObjectKey{Namespace: obj.Namespace, Name: name}, &live)
		switch {
		case err == nil:
			balancer = &live
		case !apierrors.IsNotFound(err):
			return found, fmt.Errorf("reading LoadBalancer %s: %w", name, err)
		}
		found.resolve(name, string(declared.TargetGroup), balancer)
	}
	return found, nil
}

func (t *targets) want(arn string) {
	if arn != "" && !slices.Contains(t.wanted, arn) {
		t.wanted = append(t.wanted, arn)
	}
}

// resolve takes a target group of a LoadBalancer from that object; nil when there is none of its name.
func (t *targets) resolve(balancerName, name string, balancer *v1alpha1.LoadBalancer) {
	miss := func(reason, format string, args ...any) {
		what := fmt.Sprintf("LoadBalancer %s, which spec.targetGroups names, ", balancerName)
		t.missing = append(t.missing, lifecycle.Wait(reason, what+fmt.Sprintf(format, args...), 0))
	}
	if balancer == nil {
		miss(v1alpha1.ReasonReferenceNotFound, "does not exist.")
		return
	}
	status, declared := statusOf(balancer, name), declarationOf(balancer, name)
	switch {
	case lifecycle.Deleting(balancer):
		if !lifecycle.Retains(balancer) {
			t.leaving = slices.Concat(t.leaving, []string{status.ARN, status.ReplacementARN}, status.PreviousARNs)
		}
		miss(v1alpha1.ReasonReferenceNotFound, "is being deleted.")
		return
	case declared == nil:
		t.leaving = append(t.leaving, status.ReleasedARNs...)
		miss(v1alpha1.ReasonReferenceNotFound, "declares no target group %s.", name)
		return
	case declared.TargetType != "" && declared.TargetType != v1alpha1.TargetTypeInstance:
		t.missing = append(t.missing, lifecycle.Stall(v1alpha1.ReasonInvalidSpec, fmt.Sprintf(
			"Target group %s of LoadBalancer %s takes targets of type %s, and an Auto Scaling group has instances: declare it with targetType instance, or name another one in spec.targetGroups.",
			name, balancerName, declared.TargetType)))
		return
	case status.ARN == "":
		miss(v1alpha1.ReasonReferenceNotReady, "has not made its target group %s yet.", name)
		return
	}
	t.want(status.ARN)
	t.want(status.ReplacementARN)
	for _, arn := range status.PreviousARNs {
		if !slices.Contains(status.ReleasedARNs, arn) {
			t.kept = append(t.kept, arn)
		}
	}
}

// statusOf is what a LoadBalancer tells of one of its target groups; the zero value when it tells nothing.
func statusOf(balancer *v1alpha1.LoadBalancer, name string) v1alpha1.TargetGroupStatus {
	for i := range balancer.Status.TargetGroups {
		if balancer.Status.TargetGroups[i].Name == name {
			return balancer.Status.TargetGroups[i]
		}
	}
	return v1alpha1.TargetGroupStatus{}
}

func declarationOf(balancer *v1alpha1.LoadBalancer, name string) *v1alpha1.TargetGroup {
	for i := range balancer.Spec.TargetGroups {
		if string(balancer.Spec.TargetGroups[i].Name) == name {
			return &balancer.Spec.TargetGroups[i]
		}
	}
	return nil
}

// targetGroupsDiffer reports whether a LoadBalancer tells other target groups than before, however healthy they are.
func targetGroupsDiffer(before, now *v1alpha1.LoadBalancer) bool {
	same := func(a, b v1alpha1.TargetGroupStatus) bool {
		return a.Name == b.Name && a.ARN == b.ARN && a.ReplacementARN == b.ReplacementARN &&
			slices.Equal(a.PreviousARNs, b.PreviousARNs) && slices.Equal(a.ReleasedARNs, b.ReleasedARNs)
	}
	return before.Generation != now.Generation || !slices.EqualFunc(before.Status.TargetGroups, now.Status.TargetGroups, same)
}

// observeDead finds those of the attached target groups that nobody declares and that do not exist any more, while a
// LoadBalancer that is declared is missing: it may have taken them along.
func (k *Kind) observeDead(ctx context.Context, o *observed) error {
	if !o.targets.waits() {
		return nil
	}
	for _, arn := range slices.Sorted(maps.Keys(o.states)) {
		if slices.Contains(o.targets.wanted, arn) || slices.Contains(o.targets.kept, arn) || slices.Contains(o.targets.leaving, arn) {
			continue
		}
		_, err := k.clients.ELBV2.DescribeTargetGroups(ctx, &elasticloadbalancingv2.DescribeTargetGroupsInput{TargetGroupArns: []string{arn}})
		switch {
		case awsclient.Classify(err) == awsclient.NotFound:
			o.targets.leaving = append(o.targets.leaving, arn)
		case err != nil:
			return fmt.Errorf("reading target group %s: %w", arn, err)
		}
	}
	return nil
}
