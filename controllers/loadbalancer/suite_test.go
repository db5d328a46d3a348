package loadbalancer

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/go-logr/logr"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clocktesting "k8s.io/utils/clock/testing"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

func TestLoadBalancer(t *testing.T) {
	ctrl.SetLogger(logr.Discard())
	RegisterFailHandler(Fail)
	RunSpecs(t, "loadbalancer")
}

// midnight is when specs play.
var midnight = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

var kind = &Kind{clusterID: "here", Pauses: lifecycle.Pauses{Poll: time.Second, Clock: clocktesting.NewFakePassiveClock(midnight)}}

type edit = func(*v1alpha1.LoadBalancer)

// declared is a LoadBalancer of a type in two subnets.
func declared(kindOf v1alpha1.LoadBalancerType, with ...edit) *v1alpha1.LoadBalancer {
	obj := &v1alpha1.LoadBalancer{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web", UID: "uid"},
		Spec:       v1alpha1.LoadBalancerSpec{Type: kindOf, SubnetIDs: []v1alpha1.SubnetID{"subnet-a", "subnet-b"}},
	}
	for _, f := range with {
		f(obj)
	}
	return obj
}

func application(with ...edit) *v1alpha1.LoadBalancer {
	return declared(v1alpha1.LoadBalancerApplication, with...)
}

func network(with ...edit) *v1alpha1.LoadBalancer {
	return declared(v1alpha1.LoadBalancerNetwork, with...)
}

func managing(fields ...string) edit {
	return func(obj *v1alpha1.LoadBalancer) { obj.Status.ManagedFields = fields }
}

func withTag(key, value string) edit {
	return func(obj *v1alpha1.LoadBalancer) {
		if obj.Spec.Tags == nil {
			obj.Spec.Tags = map[string]v1alpha1.TagValue{}
		}
		obj.Spec.Tags[key] = v1alpha1.TagValue(value)
	}
}

func withAttributes(a v1alpha1.LoadBalancerAttributes) edit {
	return func(obj *v1alpha1.LoadBalancer) { obj.Spec.Attributes = &a }
}

func adopting(policy v1alpha1.AdoptionPolicy) edit {
	return func(obj *v1alpha1.LoadBalancer) { obj.Spec.AdoptionPolicy = policy }
}

const theARN = "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/web/0123456789abcdef"

// there is the load balancer that an object declares, active and as AWS makes it.
func there(obj *v1alpha1.LoadBalancer, with ...func(*observed)) *observed {
	lb := &loadBalancer{attributes: defaultAttributes(obj), tags: kind.owner(obj).Tags(), sdk: types.LoadBalancer{
		LoadBalancerArn: aws.String(theARN), LoadBalancerName: aws.String(kind.nameOf(obj)), Type: types.LoadBalancerTypeEnum(obj.Spec.Type),
		Scheme: scheme(obj), VpcId: aws.String("vpc-1"), IpAddressType: types.IpAddressTypeIpv4,
		DNSName: aws.String("web.elb.example"), CanonicalHostedZoneId: aws.String("Z1"),
		State: &types.LoadBalancerState{Code: types.LoadBalancerStateEnumActive},
		AvailabilityZones: []types.AvailabilityZone{
			{SubnetId: aws.String("subnet-a"), ZoneName: aws.String("a")}, {SubnetId: aws.String("subnet-b"), ZoneName: aws.String("b")},
		},
	}}
	o := &observed{lb: lb, ours: true, vpcID: "vpc-1", zones: map[string]string{"subnet-a": "a", "subnet-a2": "a", "subnet-b": "b", "subnet-c": "c"}}
	for _, f := range with {
		f(o)
	}
	return o
}

func unmarked(o *observed) { o.lb.tags, o.ours = map[string]string{}, false }

func hasGroups(ids ...string) func(*observed) {
	return func(o *observed) { o.lb.sdk.SecurityGroups = ids }
}

func hasAttribute(key, value string) func(*observed) {
	return func(o *observed) { o.lb.attributes[key] = value }
}

// steps are the lines of a plan without the resources.
func steps(plan []v1alpha1.PlannedChange) []string {
	lines := []string{}
	for _, c := range plan {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %s→%s", c.Verb, c.Field, c.From, c.To)))
	}
	return lines
}
