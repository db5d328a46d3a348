package recordset

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

var _ = Describe("An alias of a LoadBalancer", func() {
	// balancer is as its controller leaves it when the load balancer is active.
	balancer := func(with ...func(*v1alpha1.LoadBalancer)) *v1alpha1.LoadBalancer {
		obj := &v1alpha1.LoadBalancer{Spec: v1alpha1.LoadBalancerSpec{Type: v1alpha1.LoadBalancerApplication}}
		obj.Status.DNSName, obj.Status.CanonicalHostedZoneID = "web-1.us-east-1.elb.amazonaws.com", "Z35SXDOTRQ7X7K"
		obj.Status.State, obj.Status.IPAddressType = "active", "ipv4"
		for _, f := range with {
			f(obj)
		}
		return obj
	}
	alias := func(found *v1alpha1.LoadBalancer) (*types.ResourceRecordSet, error) {
		evaluate := true
		obj := &v1alpha1.RecordSet{Spec: v1alpha1.RecordSetSpec{
			Name: "@", Type: "A", AliasTarget: &v1alpha1.AliasTarget{LoadBalancerRef: &v1alpha1.LoadBalancerReference{Name: "web"}, EvaluateTargetHealth: &evaluate},
		}}
		obj.Namespace = "shop"
		return desiredRecord(obj, zoneView{id: testZone, name: "example.com.", loadBalancer: func(namespace, name string) *v1alpha1.LoadBalancer {
			Expect([]string{namespace, name}).To(Equal([]string{"shop", "web"}))
			return found
		}})
	}

	DescribeTable("points at its name", func(with func(*v1alpha1.LoadBalancer), name string) {
		record, err := alias(balancer(with))
		Expect(err).NotTo(HaveOccurred())
		Expect(*record.AliasTarget.DNSName).To(Equal(name))
		Expect(*record.AliasTarget.HostedZoneId).To(Equal("Z35SXDOTRQ7X7K"))
		Expect(record.AliasTarget.EvaluateTargetHealth).To(BeTrue())
	},
		Entry("once it is active", func(*v1alpha1.LoadBalancer) {}, "web-1.us-east-1.elb.amazonaws.com"),
		Entry("while it is impaired", func(l *v1alpha1.LoadBalancer) { l.Status.State = "active_impaired" }, "web-1.us-east-1.elb.amazonaws.com"),
		Entry("while a person must act on something else of it", stalledLB, "web-1.us-east-1.elb.amazonaws.com"),
		Entry("for both kinds of addresses, when it has both", func(l *v1alpha1.LoadBalancer) { l.Status.IPAddressType = "dualstack" }, "dualstack.web-1.us-east-1.elb.amazonaws.com"),
		Entry("for both kinds of addresses, when the IPv4 ones are private", func(l *v1alpha1.LoadBalancer) { l.Status.IPAddressType = "dualstack-without-public-ipv4" }, "dualstack.web-1.us-east-1.elb.amazonaws.com"),
		Entry("as it is, for a network load balancer", func(l *v1alpha1.LoadBalancer) {
			l.Spec.Type, l.Status.IPAddressType = v1alpha1.LoadBalancerNetwork, "dualstack"
		}, "web-1.us-east-1.elb.amazonaws.com"),
	)

	DescribeTable("waits", func(found *v1alpha1.LoadBalancer, reason, message string) {
		_, err := alias(found)
		var outcome *lifecycle.Error
		Expect(err).To(BeAssignableToTypeOf(outcome))
		outcome = err.(*lifecycle.Error) //nolint:errorlint // desiredRecord returns nothing else
		Expect(outcome.Outcome.State).To(Equal(lifecycle.Waiting))
		Expect(outcome.Outcome.Reason).To(Equal(reason))
		Expect(outcome.Outcome.Message).To(Equal("LoadBalancer web, which the alias refers to, " + message))
	},
		Entry("until it exists", nil, v1alpha1.ReasonReferenceNotFound, "does not exist."),
		Entry("until it is made", balancer(func(l *v1alpha1.LoadBalancer) { l.Status = v1alpha1.LoadBalancerStatus{} }), v1alpha1.ReasonReferenceNotReady, "has no load balancer in AWS yet."),
		Entry("until a person has acted", balancer(func(l *v1alpha1.LoadBalancer) { l.Status = v1alpha1.LoadBalancerStatus{} }, stalledLB), v1alpha1.ReasonReferenceNotReady, "is stalled: No such subnet."),
		Entry("until it is active", balancer(func(l *v1alpha1.LoadBalancer) { l.Status.State = "provisioning" }), v1alpha1.ReasonReferenceNotReady, `is not active yet: its state is "provisioning".`),
		Entry("while it is deleted", balancer(func(l *v1alpha1.LoadBalancer) { l.DeletionTimestamp = &metav1.Time{Time: time.Unix(1, 0)} }), v1alpha1.ReasonReferenceNotReady, "is being deleted."),
	)
})

func stalledLB(l *v1alpha1.LoadBalancer) {
	l.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionStalled, Status: metav1.ConditionTrue, Message: "No such subnet."}}
}
