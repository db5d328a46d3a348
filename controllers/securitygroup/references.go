package securitygroup

import (
	"context"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// References are the security groups of the objects that rules name.
type References struct {
	groups map[string][]string
	// Missing says for which objects rules have to wait, in sentences; Reason is why.
	Missing []string
	Reason  string
	// pending is set when an object that exists may still tell its group: rules for groups are not taken away then.
	pending bool
}

// Waits reports whether rules wait for an object.
func (r References) Waits() bool { return len(r.Missing) > 0 }

// Outcome says what the rules wait for; a watch tells when it is there.
func (r References) Outcome() lifecycle.Outcome {
	return lifecycle.Wait(r.Reason, strings.Join(r.Missing, " "), 0)
}

// Resolve reads the objects that rules name.
func Resolve(ctx context.Context, reader client.Reader, namespace string, rules ...v1alpha1.SecurityGroupRule) (References, error) {
	found := References{groups: map[string][]string{}}
	for i := range rules {
		for _, ref := range rules[i].LoadBalancerRefs {
			if err := found.resolveLoadBalancer(ctx, reader, client.ObjectKey{Namespace: namespace, Name: ref.Name}); err != nil {
				return found, err
			}
		}
		for _, ref := range rules[i].AutoScalingGroupRefs {
			found.miss(v1alpha1.ReasonReferenceNotFound, "AutoScalingGroup %s, which a rule of the security group names, does not exist.", ref.Name)
		}
	}
	return found, nil
}

func (r *References) resolveLoadBalancer(ctx context.Context, reader client.Reader, key client.ObjectKey) error {
	name := loadBalancerKey(key.Name)
	if _, known := r.groups[name]; known {
		return nil
	}
	r.groups[name] = nil
	var lb v1alpha1.LoadBalancer
	err := reader.Get(ctx, key, &lb)
	switch {
	case apierrors.IsNotFound(err):
		r.miss(v1alpha1.ReasonReferenceNotFound, "LoadBalancer %s, which a rule of the security group names, does not exist.", key.Name)
		return nil
	case err != nil:
		return fmt.Errorf("reading LoadBalancer %s: %w", key.Name, err)
	case lifecycle.Deleting(&lb):
		r.miss(v1alpha1.ReasonReferenceNotFound, "LoadBalancer %s, which a rule of the security group names, is being deleted.", key.Name)
		return nil
	}
	groups := groupsOf(&lb)
	if len(groups) == 0 {
		r.pending = true
		r.miss(v1alpha1.ReasonReferenceNotReady, "LoadBalancer %s, which a rule of the security group names, has no security group yet.", key.Name)
	}
	r.groups[name] = groups
	return nil
}

// groupsOf are the groups that stand for a load balancer: the managed one, or all that it has.
func groupsOf(lb *v1alpha1.LoadBalancer) []string {
	if group := lb.Status.SecurityGroup; group != nil && slices.Contains(lb.Status.SecurityGroupIDs, group.ID) {
		return []string{group.ID}
	}
	if lb.Spec.SecurityGroup != nil {
		return nil // it is about to be made
	}
	return lb.Status.SecurityGroupIDs
}

// Differ reports whether other groups stand for a load balancer than did before.
func Differ(before, now *v1alpha1.LoadBalancer) bool {
	return !slices.Equal(groupsOf(before), groupsOf(now))
}

// miss notes an object that is not there. One that does not exist weighs more than one that is not ready.
func (r *References) miss(reason, format string, args ...any) {
	message := fmt.Sprintf(format, args...)
	if !slices.Contains(r.Missing, message) {
		r.Missing = append(r.Missing, message)
	}
	if r.Reason != v1alpha1.ReasonReferenceNotFound {
		r.Reason = reason
	}
}

func loadBalancerKey(name string) string { return "LoadBalancer/" + name }

// Rules returns rules of a spec in normal form, without those that wait.
func (r References) Rules(declared []v1alpha1.SecurityGroupRule) []Rule {
	var rules []Rule
	for i := range declared {
		var groups []string
		for _, ref := range declared[i].LoadBalancerRefs {
			groups = append(groups, r.groups[loadBalancerKey(ref.Name)]...)
		}
		rules = append(rules, tuplesOf(&declared[i], groups)...)
	}
	return normal(rules)
}
