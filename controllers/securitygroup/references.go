package securitygroup

import (
	"context"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

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

// Why no group stands for an object: one is about to be made, or none is declared.
const (
	noGroupYet = "has no security group yet"
	noGroup    = "has no managed security group: declare its spec.securityGroup, or name the groups of its instances in securityGroupIDs of the rule"
)

// Resolve reads the objects that rules name.
func Resolve(ctx context.Context, reader client.Reader, namespace string, rules ...v1alpha1.SecurityGroupRule) (References, error) {
	found := References{groups: map[string][]string{}}
	for i := range rules {
		for _, ref := range rules[i].LoadBalancerRefs {
			var lb v1alpha1.LoadBalancer
			err := found.resolve(ctx, reader, loadBalancerKey(ref.Name), client.ObjectKey{Namespace: namespace, Name: ref.Name}, &lb,
				func() ([]string, string) { return groupsOfLoadBalancer(&lb), noGroupYet })
			if err != nil {
				return found, err
			}
		}
		for _, ref := range rules[i].AutoScalingGroupRefs {
			var asg v1alpha1.AutoScalingGroup
			err := found.resolve(ctx, reader, autoScalingGroupKey(ref.Name), client.ObjectKey{Namespace: namespace, Name: ref.Name}, &asg,
				func() ([]string, string) { return groupsOfAutoScalingGroup(&asg) })
			if err != nil {
				return found, err
			}
		}
	}
	return found, nil
}

// resolve reads an object, and notes the groups that stand for it; when there are none it notes that, and why.
func (r *References) resolve(
	ctx context.Context, reader client.Reader, name string, key client.ObjectKey, obj lifecycle.Object, groupsOf func() (groups []string, obstacle string),
) error {
	if _, known := r.groups[name]; known {
		return nil
	}
	r.groups[name] = nil
	what := fmt.Sprintf("%s %s, which a rule of the security group names,", strings.SplitN(name, "/", 2)[0], key.Name)
	err := reader.Get(ctx, key, obj)
	switch {
	case apierrors.IsNotFound(err):
		r.miss(v1alpha1.ReasonReferenceNotFound, "%s does not exist.", what)
		return nil
	case err != nil:
		return fmt.Errorf("reading %s: %w", name, err)
	case lifecycle.Deleting(obj):
		r.miss(v1alpha1.ReasonReferenceNotFound, "%s is being deleted.", what)
		return nil
	}
	groups, obstacle := groupsOf()
	if len(groups) == 0 {
		r.pending = r.pending || obstacle == noGroupYet
		r.miss(v1alpha1.ReasonReferenceNotReady, "%s %s.", what, obstacle)
	}
	r.groups[name] = groups
	return nil
}

// groupsOfLoadBalancer are the groups that stand for a load balancer: the managed one, or all that it has.
func groupsOfLoadBalancer(lb *v1alpha1.LoadBalancer) []string {
	if group := lb.Status.SecurityGroup; group != nil && slices.Contains(lb.Status.SecurityGroupIDs, group.ID) {
		return []string{group.ID}
	}
	if lb.Spec.SecurityGroup != nil {
		return nil // it is about to be made
	}
	return lb.Status.SecurityGroupIDs
}

// groupsOfAutoScalingGroup are the groups that stand for the instances of an Auto Scaling group: the managed one. It is
// there before the first instance, and a rule that names it early lets in nobody else. Without one, it says so.
func groupsOfAutoScalingGroup(asg *v1alpha1.AutoScalingGroup) (groups []string, obstacle string) {
	switch group := asg.Status.SecurityGroup; {
	case asg.Spec.SecurityGroup == nil:
		return nil, noGroup
	case group == nil || group.ID == "":
		return nil, noGroupYet
	default:
		return []string{group.ID}, ""
	}
}

// Changed lets through what the rules of others depend on: that an object's security groups are others, or go.
func Changed() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool { return Differ(e.ObjectOld, e.ObjectNew) }}
}

// Differ reports whether other groups stand for an object than did before.
func Differ(before, now client.Object) bool {
	groupsOf := func(obj client.Object) []string {
		switch obj := obj.(type) {
		case *v1alpha1.LoadBalancer:
			return groupsOfLoadBalancer(obj)
		case *v1alpha1.AutoScalingGroup:
			groups, obstacle := groupsOfAutoScalingGroup(obj)
			return append(groups, obstacle)
		}
		return nil
	}
	return lifecycle.Deleting(before) != lifecycle.Deleting(now) || !slices.Equal(groupsOf(before), groupsOf(now))
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

func autoScalingGroupKey(name string) string { return "AutoScalingGroup/" + name }

// Sources are the objects that rules name, of both kinds: what an index over those who name them holds.
func Sources(rules []v1alpha1.SecurityGroupRule) (loadBalancers, autoScalingGroups []string) {
	for i := range rules {
		for _, ref := range rules[i].LoadBalancerRefs {
			loadBalancers = append(loadBalancers, ref.Name)
		}
		for _, ref := range rules[i].AutoScalingGroupRefs {
			autoScalingGroups = append(autoScalingGroups, ref.Name)
		}
	}
	return loadBalancers, autoScalingGroups
}

// Rules returns rules of a spec in normal form, without those that wait.
func (r References) Rules(declared []v1alpha1.SecurityGroupRule) []Rule {
	var rules []Rule
	for i := range declared {
		var groups []string
		for _, ref := range declared[i].LoadBalancerRefs {
			groups = append(groups, r.groups[loadBalancerKey(ref.Name)]...)
		}
		for _, ref := range declared[i].AutoScalingGroupRefs {
			groups = append(groups, r.groups[autoScalingGroupKey(ref.Name)]...)
		}
		rules = append(rules, tuplesOf(&declared[i], groups)...)
	}
	return normal(rules)
}
