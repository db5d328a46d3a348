package autoscalinggroup

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

var _ = Describe("Target groups", func() {
	const attached, adding, removing = v1alpha1.TargetGroupAttached, v1alpha1.TargetGroupAdding, v1alpha1.TargetGroupRemoving
	missing := []lifecycle.Outcome{lifecycle.Wait(v1alpha1.ReasonReferenceNotFound, "It does not exist.", 0)}

	DescribeTable("are attached before others are detached", func(declared targets, states map[string]string, attach, detach []string) {
		a := attachments{targets: declared, states: states}
		toAttach, toDetach := a.differences()
		Expect(toAttach).To(Equal(attach))
		Expect(toDetach).To(Equal(detach))
	},
		Entry("all as declared", targets{wanted: []string{"a"}}, map[string]string{"a": attached}, nil, nil),
		Entry("one to attach, and one to detach once that is attached", targets{wanted: []string{"b"}}, map[string]string{"a": attached}, []string{"b"}, nil),
		Entry("the new one is being attached", targets{wanted: []string{"b"}}, map[string]string{"a": attached, "b": adding}, nil, nil),
		Entry("the new one is attached", targets{wanted: []string{"b"}}, map[string]string{"a": attached, "b": attached}, nil, []string{"a"}),
		Entry("the old one is being removed already", targets{wanted: []string{"b"}}, map[string]string{"a": removing, "b": attached}, nil, nil),
		Entry("one that is wanted again waits until it has been removed", targets{wanted: []string{"a"}}, map[string]string{"a": removing}, nil, nil),
		Entry("none", targets{}, map[string]string{"b": attached, "a": adding}, nil, []string{"a", "b"}),
		Entry("nothing is detached while one is missing", targets{missing: missing}, map[string]string{"a": attached}, nil, nil),
		Entry("but what is gone", targets{missing: missing, leaving: []string{"a"}}, map[string]string{"a": attached, "b": attached}, nil, []string{"a"}),
		Entry("one that may still get requests is kept", targets{wanted: []string{"b"}, kept: []string{"a"}}, map[string]string{"a": attached, "b": attached}, nil, nil),
		Entry("one that may still get requests is not attached anew", targets{wanted: []string{"b"}, kept: []string{"a"}}, map[string]string{"b": attached}, nil, nil),
	)

	balancer := func(with func(*v1alpha1.LoadBalancer)) *v1alpha1.LoadBalancer {
		obj := &v1alpha1.LoadBalancer{Spec: v1alpha1.LoadBalancerSpec{TargetGroups: []v1alpha1.TargetGroup{{Name: "http"}}}}
		obj.Status.TargetGroups = []v1alpha1.TargetGroupStatus{{Name: "http", ARN: "now"}}
		with(obj)
		return obj
	}
	status := func(obj *v1alpha1.LoadBalancer) *v1alpha1.TargetGroupStatus { return &obj.Status.TargetGroups[0] }
	deleted := func(obj *v1alpha1.LoadBalancer) {
		gone := metav1.Now()
		obj.DeletionTimestamp = &gone
	}

	DescribeTable("are what the LoadBalancer tells", func(with func(*v1alpha1.LoadBalancer), wanted, kept, leaving []string, obstacle string) {
		var found targets
		found.resolve("web", "http", balancer(with))
		Expect(found.wanted).To(Equal(wanted))
		Expect(found.kept).To(Equal(kept))
		Expect(found.leaving).To(Equal(leaving))
		if outcome, waits := found.outcome(); waits || obstacle != "" {
			Expect(outcome.Message).To(ContainSubstring(obstacle))
		}
		Expect(found.waits()).To(Equal(obstacle != ""))
	},
		Entry("as it stands", func(*v1alpha1.LoadBalancer) {}, []string{"now"}, nil, nil, ""),
		Entry("with one that takes its place", func(obj *v1alpha1.LoadBalancer) { status(obj).ReplacementARN = "next" }, []string{"now", "next"}, nil, nil, ""),
		Entry("with former ones, of which one still gets requests", func(obj *v1alpha1.LoadBalancer) {
			status(obj).PreviousARNs, status(obj).ReleasedARNs = []string{"old", "older"}, []string{"older"}
		}, []string{"now"}, []string{"old"}, nil, ""),
		Entry("before it is made", func(obj *v1alpha1.LoadBalancer) { obj.Status.TargetGroups = nil }, nil, nil, nil, "has not made its target group http yet"),
		Entry("once it is not declared", func(obj *v1alpha1.LoadBalancer) {
			obj.Spec.TargetGroups, obj.Status.TargetGroups[0] = nil, v1alpha1.TargetGroupStatus{Name: "http", PreviousARNs: []string{"now"}}
		}, nil, nil, nil, "declares no target group http"),
		Entry("once nobody gets requests there", func(obj *v1alpha1.LoadBalancer) {
			obj.Spec.TargetGroups, obj.Status.TargetGroups[0] = nil, v1alpha1.TargetGroupStatus{Name: "http", PreviousARNs: []string{"now"}, ReleasedARNs: []string{"now"}}
		}, nil, nil, []string{"now"}, "declares no target group http"),
		Entry("while it is deleted", deleted, nil, nil, []string{"now", ""}, "is being deleted"),
		Entry("while it is deleted and leaves all there", func(obj *v1alpha1.LoadBalancer) {
			deleted(obj)
			obj.Spec.DeletionPolicy = v1alpha1.DeletionRetain
		}, nil, nil, nil, "is being deleted"),
		Entry("of another type", func(obj *v1alpha1.LoadBalancer) { obj.Spec.TargetGroups[0].TargetType = v1alpha1.TargetTypeIP }, nil, nil, nil, "targetType instance"),
	)

	const arna, arnb = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/a", "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/b"
	DescribeTable("are told as drift only when somebody else has attached or detached them", func(known []string, declared targets, states map[string]string, want ...string) {
		obj := aGroup()
		for _, arn := range known {
			obj.Status.TargetGroups = append(obj.Status.TargetGroups, v1alpha1.AttachedTargetGroupStatus{ARN: arn, State: attached})
		}
		changes, err := (&Kind{}).targetGroupChanges(obj, &observed{attachments: attachments{targets: declared, states: states}})
		Expect(err).NotTo(HaveOccurred())
		var told []string
		for _, event := range lifecycle.EventsOf(changes, true) {
			told = append(told, event.Reason+event.Note[strings.Index(event.Note, " ("):])
		}
		Expect(told).To(Equal(want))
	},
		Entry("a replacement begins", []string{arna}, targets{wanted: []string{arna, arnb}}, map[string]string{arna: attached}, "Updated (targetGroups: (none) → b)"),
		Entry("a replacement ends", []string{arna, arnb}, targets{wanted: []string{arnb}}, map[string]string{arna: attached, arnb: attached}, "Updated (targetGroups: a → (none))"),
		Entry("somebody has detached one", []string{arna}, targets{wanted: []string{arna}}, map[string]string{}, "DriftRepaired (targetGroups: (none) → a)"),
		Entry("somebody has attached one", []string{arna}, targets{wanted: []string{arna}}, map[string]string{arna: attached, arnb: attached}, "DriftRepaired (targetGroups: b → (none))"),
		Entry("both at once", []string{arna}, targets{wanted: []string{arna, arnb}}, map[string]string{}, "DriftRepaired (targetGroups: (none) → a)", "Updated (targetGroups: (none) → b)"),
	)

	It("are looked at more closely unless all is as it was", func() {
		known := []v1alpha1.AttachedTargetGroupStatus{{ARN: "a", State: attached}}
		settled := attachments{targets: targets{wanted: []string{"a"}}, states: map[string]string{"a": attached}}
		Expect(settled.settledAs(known)).To(BeTrue())
		Expect(settled.settledAs(nil)).To(BeFalse(), "it was attached just now")
		Expect(settled.settledAs([]v1alpha1.AttachedTargetGroupStatus{{ARN: "a", State: adding}})).To(BeFalse())
		Expect(settled.settledAs(append(known, v1alpha1.AttachedTargetGroupStatus{ARN: "b", State: removing}))).To(BeFalse())
	})
})

var _ = Describe("Addresses of instances", func() {
	instances := map[string]ec2types.Instance{
		"i-1": {PrivateIpAddress: aws.String("10.0.1.2"), PublicIpAddress: aws.String("198.18.0.1")},
		"i-2": {PrivateIpAddress: aws.String("10.0.1.1"), NetworkInterfaces: []ec2types.InstanceNetworkInterface{
			{Ipv6Addresses: []ec2types.InstanceIpv6Address{{Ipv6Address: aws.String("2001:db8::1")}}}}},
	}
	It("are listed by the kinds that are asked for, also when there are none", func() {
		Expect(addressesOf(asked{v1alpha1.AddressPrivateIPv4: true}, []string{"i-1", "i-2", "i-gone"}, instances)).To(Equal(
			&v1alpha1.InstanceAddresses{Instances: 3, PrivateIPv4: []string{"10.0.1.1", "10.0.1.2"}}))
		Expect(addressesOf(asked{v1alpha1.AddressPublicIPv4: true, v1alpha1.AddressIPv6: true}, []string{"i-1", "i-2"}, instances)).To(Equal(
			&v1alpha1.InstanceAddresses{Instances: 2, PublicIPv4: []string{"198.18.0.1"}, IPv6: []string{"2001:db8::1"}}))
		Expect(addressesOf(asked{v1alpha1.AddressIPv6: true}, nil, nil)).To(Equal(&v1alpha1.InstanceAddresses{IPv6: []string{}}))
	})
})
