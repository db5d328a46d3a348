package loadbalancer

import (
	"cmp"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// Tags that tell an object's target groups, and the rules of its listeners, apart.
const (
	tagTargetGroup = "evenkeel.io/target-group"
	tagRule        = "evenkeel.io/rule"
)

// pageSize is the largest page of a listing.
const pageSize = 400

// traffic is what was observed of where requests go: target groups, listeners and rules. Changes keep it up to date.
type traffic struct {
	// groups are all target groups that are the object's, in use or being replaced.
	groups []*targetGroup
	// listeners are all listeners of the load balancer, those of others too.
	listeners []*listener
	// secrets are the client secrets that actions need, by how they are referred to; those that cannot be had are left out.
	secrets map[v1alpha1.SecretKeyReference]string
	// sentSecrets are keyed hashes of the client secrets that AWS has, by the place of the actions that use them.
	sentSecrets map[string]string
	// changed is set when something has been changed since.
	changed bool
}

// lbType is the load balancer's type as the API names it.
func lbType(obj *v1alpha1.LoadBalancer) types.LoadBalancerTypeEnum {
	return types.LoadBalancerTypeEnum(obj.Spec.Type)
}

// vpcID is the VPC of the load balancer; empty while there is none.
func vpcID(obj *v1alpha1.LoadBalancer, o *observed) string {
	if o.lb != nil {
		return aws.ToString(o.lb.sdk.VpcId)
	}
	return cmp.Or(o.vpcID, obj.Status.VPCID)
}

// line is one line of a plan.
func line(verb, resource, field, from, to string) v1alpha1.PlannedChange {
	return v1alpha1.PlannedChange{Verb: verb, Resource: resource, Field: field, From: lifecycle.Shorten(from), To: lifecycle.Shorten(to)}
}

// plannedSettings are the lines of settings that change under a field, sorted.
func plannedSettings(verb, resource, prefix string, observed, set settings) []v1alpha1.PlannedChange {
	var plan []v1alpha1.PlannedChange
	for _, key := range slices.Sorted(maps.Keys(set)) {
		plan = append(plan, line(verb, resource, prefix+key, observed[key], set[key]))
	}
	return plan
}

// plannedTags are the lines of tags that change.
func plannedTags(verb, resource string, observed, set map[string]string, remove []string) []v1alpha1.PlannedChange {
	plan := plannedSettings(verb, resource, "tags.", observed, set)
	for _, key := range remove {
		plan = append(plan, line(verb, resource, "tags."+key, observed[key], ""))
	}
	return plan
}

// ownTags are the tags of something that belongs to the object: the declared ones and, unless it is only watched, those
// that mark it.
func (k *Kind) ownTags(obj *v1alpha1.LoadBalancer, declared map[string]v1alpha1.TagValue) map[string]string {
	tags := map[string]string{}
	for key, value := range declared {
		tags[key] = string(value)
	}
	if !lifecycle.Observes(obj) {
		maps.Copy(tags, k.owner(obj).Tags())
	}
	return tags
}

// owns reports whether tags mark something as the object's.
func (k *Kind) owns(obj *v1alpha1.LoadBalancer, tags map[string]string) bool {
	owner, owned := awsclient.OwnerOf(tags)
	return owned && owner == k.owner(obj)
}
