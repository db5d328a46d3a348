package loadbalancer

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
	"github.com/evenkeel/evenkeel/controllers/securitygroup"
)

var _ = Describe("Report", func() {
	inState := func(code types.LoadBalancerStateEnum, reason string) func(*observed) {
		return func(o *observed) {
			o.lb.sdk.State = &types.LoadBalancerState{Code: code, Reason: aws.String(reason)}
			o.lb.sdk.CreatedTime = aws.Time(midnight.Add(-time.Minute))
		}
	}
	waiting := func(outcomes ...lifecycle.Outcome) func(*observed) {
		return func(o *observed) {
			for _, outcome := range outcomes {
				o.Wait(outcome)
			}
		}
	}

	DescribeTable("says how the load balancer stands", func(with []func(*observed), state lifecycle.State, reason, text string, provisioned metav1.ConditionStatus) {
		obj := application()
		outcome := kind.Report(obj, there(obj, with...))
		Expect(outcome.State).To(Equal(state))
		Expect(outcome.Reason).To(Equal(reason))
		Expect(outcome.Message).To(ContainSubstring(text))
		Expect(meta.IsStatusConditionPresentAndEqual(obj.Status.Conditions, v1alpha1.ConditionProvisioned, provisioned)).To(BeTrue())
	},
		Entry("active", nil, lifecycle.Converged, v1alpha1.ReasonConverged, "as declared", metav1.ConditionTrue),
		Entry("provisioning", []func(*observed){inState("provisioning", "")}, lifecycle.Waiting, v1alpha1.ReasonWaitingForAWS, "setting up", metav1.ConditionFalse),
		Entry("impaired", []func(*observed){inState("active_impaired", "No addresses.")}, lifecycle.Waiting, v1alpha1.ReasonWaitingForAWS, "No addresses.", metav1.ConditionFalse),
		Entry("failed", []func(*observed){inState("failed", "Too bad.")}, lifecycle.Stalled, v1alpha1.ReasonAWSError, "Too bad.", metav1.ConditionFalse),
		Entry("waiting for a reference", []func(*observed){waiting(lifecycle.Wait(v1alpha1.ReasonReferenceNotFound, "Gone.", 0))}, lifecycle.Waiting, v1alpha1.ReasonReferenceNotFound, "Gone.", metav1.ConditionFalse),
		Entry("something that a person must set right weighs most", []func(*observed){inState("provisioning", ""), waiting(
			lifecycle.Wait(v1alpha1.ReasonReferenceNotFound, "Gone.", 0), lifecycle.Stall(v1alpha1.ReasonInvalidSpec, "Wrong."))},
			lifecycle.Stalled, v1alpha1.ReasonInvalidSpec, "Wrong.", metav1.ConditionFalse),
		Entry("capacity under way", []func(*observed){func(o *observed) { o.lb.capacity = &capacity{units: 100, pending: true} }}, lifecycle.Converged, v1alpha1.ReasonConverged, "", metav1.ConditionTrue),
	)

	It("writes down what others need", func() {
		obj := application()
		o := there(obj, hasGroups("sg-2", "sg-1"), func(o *observed) {
			o.group.Group = &securitygroup.Group{ID: "sg-1", Name: "own", Tags: kind.owner(obj).Tags()}
		})
		kind.Report(obj, o)
		Expect(obj.Status).To(And(
			HaveField("ARN", theARN), HaveField("Name", kind.nameOf(obj)), HaveField("DNSName", "web.elb.example"), HaveField("CanonicalHostedZoneID", "Z1"),
			HaveField("State", "active"), HaveField("VPCID", "vpc-1"), HaveField("SecurityGroupIDs", []string{"sg-1", "sg-2"}),
			HaveField("SecurityGroup", &v1alpha1.SecurityGroupStatus{ID: "sg-1", Name: "own"})))
	})

	It("tells that reserved capacity waits, or could not be had", func() {
		obj := application(func(obj *v1alpha1.LoadBalancer) { obj.Spec.MinimumCapacityUnits = aws.Int32(100) })
		outcome := kind.Report(obj, there(obj, func(o *observed) { o.lb.capacity = &capacity{units: 100, pending: true} }))
		Expect(outcome.State).To(Equal(lifecycle.Waiting))
		outcome = kind.Report(obj, there(obj, func(o *observed) { o.lb.capacity = &capacity{units: 100, failed: "Sold out."} }))
		Expect(outcome.State).To(Equal(lifecycle.Stalled))
		Expect(outcome.Message).To(ContainSubstring("Sold out."))
	})

	It("remembers what was declared until it has been reset", func() {
		obj := application(withTag("team", "a"), managing("tags.stage"))
		kind.Claim(obj, &observed{}, nil)
		Expect(obj.Status.ManagedFields).To(Equal([]string{"tags.stage", "tags.team"}))
		o := there(obj)
		o.incomplete = true
		kind.Report(obj, o)
		Expect(obj.Status.ManagedFields).To(ContainElement("tags.stage"))
		o.incomplete = false
		kind.Report(obj, o)
		Expect(obj.Status.ManagedFields).To(Equal([]string{"tags.team"}))
	})
})

var _ = Describe("A pause", func() {
	It("grows with what it waits for, between bounds", func() {
		Expect(kind.Pause(midnight)).To(Equal(time.Second))
		Expect(kind.Pause(midnight.Add(-40 * time.Second))).To(Equal(10 * time.Second))
		Expect(kind.Pause(midnight.Add(-time.Hour))).To(Equal(lifecycle.LongestPause))
	})

	It("is that of the first that is due", func() {
		outcome, waits := lifecycle.Worst([]lifecycle.Outcome{lifecycle.Stall("a", "a"), lifecycle.Wait("b", "b", time.Minute), lifecycle.Wait("c", "c", time.Second)})
		Expect(waits).To(BeTrue())
		Expect(outcome.Reason).To(Equal("a"))
		Expect(outcome.After).To(Equal(time.Second))
	})
})

var _ = Describe("A load balancer that is not to be seen", func() {
	since := func(age time.Duration) metav1.Time { return metav1.NewTime(midnight.Add(-age)) }
	written := func(arn, state, reason string, age time.Duration) edit {
		return func(obj *v1alpha1.LoadBalancer) {
			obj.Status.ARN, obj.Status.State = arn, state
			obj.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionReady, Status: metav1.ConditionFalse, Reason: reason, LastTransitionTime: since(age)}}
		}
	}
	deletedSince := func(age time.Duration) edit {
		return func(obj *v1alpha1.LoadBalancer) {
			obj.DeletionTimestamp = new(since(age))
		}
	}

	DescribeTable("is waited for only while AWS may not show it yet", func(waits bool, with ...edit) {
		err := kind.awaitVisible(application(with...))
		if waits {
			Expect(err).To(MatchError(ContainSubstring("does not show")))
		} else {
			Expect(err).NotTo(HaveOccurred())
		}
	},
		Entry("never made", false),
		Entry("about to be made", false, written("", "", v1alpha1.ReasonCreating, time.Second)),
		Entry("made just now", true, written(theARN, "provisioning", v1alpha1.ReasonWaitingForAWS, time.Second)),
		Entry("made a while ago", false, written(theARN, "provisioning", v1alpha1.ReasonWaitingForAWS, time.Minute)),
		Entry("seen active, and deleted outside", false, written(theARN, "active", v1alpha1.ReasonConverged, time.Second)),
		Entry("made, and deleted at once", true, written(theARN, "provisioning", v1alpha1.ReasonWaitingForAWS, time.Hour), deletedSince(time.Second)),
		Entry("maybe made, and deleted at once", true, written("", "", v1alpha1.ReasonCreating, time.Hour), deletedSince(time.Second)),
		Entry("maybe made, and deleted a while ago", false, written("", "", v1alpha1.ReasonCreating, time.Hour), deletedSince(time.Minute)),
		Entry("never made, since it was refused", false, written("", "", v1alpha1.ReasonInvalidSpec, time.Hour), deletedSince(time.Second)),
	)
})
