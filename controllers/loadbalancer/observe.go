package loadbalancer

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/judge"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
	"github.com/evenkeel/evenkeel/controllers/securitygroup"
)

// observed is what AWS holds for a LoadBalancer. Changes keep it up to date.
type observed struct {
	// lb is the object's own load balancer, or the one that it may take over; nil when there is none.
	lb *loadBalancer
	// ours is set when lb is known to belong to the object.
	ours bool
	// rival is another load balancer that has the object's name, and that it may not take over.
	rival *loadBalancer
	// zones are the Availability Zones of subnets that are declared, and vpcID is their VPC, where that is to be known.
	zones map[string]string
	vpcID string
	// group is the managed security group; formerGroups are those that are to go. Of either there was one if hadGroup is set.
	group        securitygroup.State
	formerGroups []*securitygroup.State
	hadGroup     bool
	// references are what its rules name.
	references securitygroup.References
	// defaultGroup is the security group that the VPC gives by itself; known when a load balancer is to go back to it.
	defaultGroup string
	traffic
	certificates certificates
	judge.Waits
	// incomplete is set when a change failed, so that others may not have been made either.
	incomplete bool
	// now is when this was observed.
	now time.Time
}

// loadBalancer is a load balancer in AWS.
type loadBalancer struct {
	sdk types.LoadBalancer
	// tags are nil until they have been read.
	tags map[string]string
	// attributes and capacity are read only when they are the object's business.
	attributes map[string]string
	capacity   *capacity
}

func (l *loadBalancer) arn() string  { return aws.ToString(l.sdk.LoadBalancerArn) }
func (l *loadBalancer) name() string { return aws.ToString(l.sdk.LoadBalancerName) }

func (l *loadBalancer) state() types.LoadBalancerStateEnum {
	if l.sdk.State == nil {
		return ""
	}
	return l.sdk.State.Code
}

// Observe reads the load balancer and what belongs to it.
func (k *Kind) Observe(ctx context.Context, obj *v1alpha1.LoadBalancer) (*observed, error) {
	o := &observed{now: k.Clock.Now()}
	if err := k.find(ctx, obj, o); err != nil {
		return nil, err
	}
	subjects := []func(context.Context, *Kind, *v1alpha1.LoadBalancer, *observed) error{
		observeTargetGroups, observeListeners, observeTags, observeTargets, observeListenerDetails, observeUse,
		observeSettings, observeSecurityGroup, observeSubnets, observeCertificates,
	}
	for _, observe := range subjects {
		if err := observe(ctx, k, obj, o); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// find looks for the object's load balancer: by the ARN in the status, by the one to adopt, or by name.
func (k *Kind) find(ctx context.Context, obj *v1alpha1.LoadBalancer, o *observed) error {
	own := lifecycle.Own(obj, obj.Status.ARN)
	for _, arn := range []string{own, adoptedARN(obj)} {
		if arn == "" {
			continue
		}
		found, err := k.clients.LoadBalancer(ctx, arn)
		if awsclient.Classify(err) == awsclient.NotFound {
			continue
		}
		if err != nil {
			return err
		}
		o.lb, o.ours = &loadBalancer{sdk: found}, arn == own
		return nil
	}
	if adoptedARN(obj) != "" {
		return nil
	}
	if err := k.findByName(ctx, obj, o); err != nil || o.lb != nil || o.rival != nil {
		return err
	}
	return k.awaitVisible(obj)
}

// visibleWithin is how long AWS is given to show a load balancer that it has made.
const visibleWithin = 10 * time.Second

// awaitVisible waits a moment for a load balancer that was made just now, or may have been, and is not to be seen: AWS
// does not show it everywhere at once, and to take it for gone would make it twice, or leave it behind.
func (k *Kind) awaitVisible(obj *v1alpha1.LoadBalancer) error {
	ready := meta.FindStatusCondition(obj.Status.Conditions, v1alpha1.ConditionReady)
	if ready == nil {
		return nil
	}
	made := obj.Status.ARN != "" && obj.Status.State == string(types.LoadBalancerStateEnumProvisioning)
	since := ready.LastTransitionTime
	if lifecycle.Deleting(obj) {
		made = made || obj.Status.ARN == "" && ready.Reason == v1alpha1.ReasonCreating
		since = *obj.GetDeletionTimestamp()
	}
	if !made || k.Clock.Since(since.Time) > visibleWithin {
		return nil
	}
	return lifecycle.AsError(lifecycle.Wait(v1alpha1.ReasonWaitingForAWS, "AWS does not show the load balancer that was made just now.", k.Poll))
}

// findByName looks for the load balancer of the object's name. One that carries our ownership tags is ours: an earlier
// turn made it and did not live to write it down, or another cluster with the same id did.
func (k *Kind) findByName(ctx context.Context, obj *v1alpha1.LoadBalancer, o *observed) error {
	found, err := k.clients.LoadBalancerByName(ctx, k.nameOf(obj))
	if awsclient.Classify(err) == awsclient.NotFound {
		return nil
	}
	if err != nil {
		return err
	}
	lb := &loadBalancer{sdk: found}
	tags, err := k.clients.ELBTags(ctx, lb.arn())
	if err != nil {
		return fmt.Errorf("reading the tags of load balancer %s: %w", lb.name(), err)
	}
	lb.tags = tags[lb.arn()]
	owner, owned := awsclient.OwnerOf(lb.tags)
	switch {
	case owned && owner == k.owner(obj):
		o.lb, o.ours, o.rival = lb, true, nil
	case !owned && (adoptsByName(obj) || lifecycle.Adoption(obj, v1alpha1.AdoptionNever) != v1alpha1.AdoptionNever):
		o.lb, o.ours, o.rival = lb, false, nil
	default:
		o.lb, o.ours, o.rival = nil, false, lb
	}
	return nil
}

// observeTags reads the tags of all that was found, in as few calls as AWS allows, and with them whose it is.
func observeTags(ctx context.Context, k *Kind, obj *v1alpha1.LoadBalancer, o *observed) error {
	var arns []string
	if o.lb != nil && o.lb.tags == nil {
		arns = append(arns, o.lb.arn())
	}
	arns = append(arns, o.untagged()...)
	if len(arns) == 0 {
		return nil
	}
	tags, err := k.clients.ELBTags(ctx, arns...)
	if err != nil {
		return err
	}
	if o.lb != nil && o.lb.tags == nil {
		if o.lb.tags = tags[o.lb.arn()]; o.lb.tags == nil {
			o.lb.tags = map[string]string{}
		}
	}
	o.tag(tags)
	if o.lb == nil {
		return nil
	}
	if owner, owned := awsclient.OwnerOf(o.lb.tags); owned && owner == k.owner(obj) {
		o.ours = true
	}
	return nil
}

func adoptedARN(obj *v1alpha1.LoadBalancer) string {
	if obj.Spec.Adopt == nil {
		return ""
	}
	return obj.Spec.Adopt.ARN
}

func adoptsByName(obj *v1alpha1.LoadBalancer) bool {
	return obj.Spec.Adopt != nil && obj.Spec.Adopt.Name != ""
}
