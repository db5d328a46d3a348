package loadbalancer

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/judge"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// blockedRecheck is how soon a blocked deletion is looked at again: nothing tells that a person has acted.
const blockedRecheck = 30 * time.Second

// mayDelete reports whether the load balancer that was observed is ours to delete.
func (k *Kind) mayDelete(obj *v1alpha1.LoadBalancer, o *observed) bool {
	if o.lb == nil {
		return false
	}
	owner, owned := awsclient.OwnerOf(o.lb.tags)
	return o.ours && (!owned || owner == k.owner(obj))
}

// mayUnprotect reports whether the spec says that the load balancer is not to be protected from deletion.
func mayUnprotect(obj *v1alpha1.LoadBalancer) bool {
	return sameAttribute(desiredAttributes(obj)[deletionProtection], "false")
}

// diffDeleting returns what deletes all that is the object's. The load balancer goes first, and its listeners and rules
// with it; then what they used: target groups, the security group once no network interface is in it, certificates.
func (k *Kind) diffDeleting(obj *v1alpha1.LoadBalancer, o *observed) ([]change, error) {
	var changes []change
	if k.mayDelete(obj, o) {
		resource := k.resourceOf(obj, o)
		if mayUnprotect(obj) && sameAttribute(o.lb.attributes[deletionProtection], "true") {
			set := map[string]string{deletionProtection: "false"}
			changes = settingAttributes(lifecycle.VerbUpdate, resource, set, o.lb.attributes,
				func(ctx context.Context, k *Kind, o *observed, part map[string]string) error {
					return k.modifyAttributes(ctx, o.lb, part)
				})
		}
		changes = append(changes, change{
			plan: planned(lifecycle.VerbDelete, resource, "", "", ""),
			run: func(ctx context.Context, k *Kind, _ *v1alpha1.LoadBalancer, o *observed) error {
				return k.delete(ctx, o)
			},
		})
	}
	groups, err := k.targetGroupRemovals(obj, o)
	if err != nil {
		return nil, err
	}
	changes = append(changes, groups...)
	security, err := k.securityGroupRemovals(obj, o)
	if err != nil {
		return nil, err
	}
	changes = append(changes, security...)
	issued, err := certificateRemovals(obj, o)
	return append(changes, issued...), err
}

// delete deletes the load balancer. Deletion protection is respected.
func (k *Kind) delete(ctx context.Context, o *observed) error {
	_, err := k.clients.ELBV2.DeleteLoadBalancer(ctx, &elasticloadbalancingv2.DeleteLoadBalancerInput{LoadBalancerArn: aws.String(o.lb.arn())})
	switch awsclient.Classify(err) {
	case "", awsclient.NotFound:
		o.lb, o.listeners = nil, nil
		return nil
	case awsclient.Conflict:
		outcome := lifecycle.Stall(v1alpha1.ReasonDeletionBlocked, fmt.Sprintf(
			"The load balancer cannot be deleted: %s End its use or its protection (spec.attributes.deletionProtectionEnabled: false lets the controller end it), or set spec.deletionPolicy to Retain to keep it.", judge.Sentence(err)))
		outcome.After = blockedRecheck
		return lifecycle.AsError(outcome)
	}
	return fmt.Errorf("deleting load balancer %s: %w", o.lb.name(), err)
}

// reportDeleting says how far the deletion is.
func (k *Kind) reportDeleting(obj *v1alpha1.LoadBalancer, o *observed) lifecycle.Outcome {
	pause := k.PauseDeleting(obj)
	var left []string
	if k.mayDelete(obj, o) {
		left = append(left, "the load balancer")
	} else {
		obj.Status.State = ""
	}
	if len(o.groups) > 0 {
		left = append(left, "target groups")
	}
	if o.certificates.any() {
		left = append(left, "certificates")
	}
	if outcome, ok := o.Worst(); ok {
		return outcome
	}
	if len(left) > 0 {
		return lifecycle.Wait(v1alpha1.ReasonDeleting, fmt.Sprintf("Being deleted: %s.", strings.Join(left, ", ")), pause)
	}
	if outcome, remains := k.inline(obj).Remaining(o.formerGroups, pause); remains {
		return outcome
	}
	return lifecycle.Released()
}
