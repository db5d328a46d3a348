package lifecycle_test

import (
	"errors"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// summary is the conditions as "Type=Status Reason", in order.
func summary(obj lifecycle.Object) []string {
	var lines []string
	for _, c := range obj.CommonStatus().Conditions {
		lines = append(lines, c.Type+"="+string(c.Status)+" "+c.Reason)
	}
	return lines
}

// outcomes are one of each state.
var outcomes = []lifecycle.Outcome{
	lifecycle.Done("All is well."), lifecycle.Wait(v1alpha1.ReasonCreating, "It is being made.", 0), lifecycle.Stall(v1alpha1.ReasonConflict, "Somebody has it."),
	lifecycle.Fail(v1alpha1.ReasonAWSError, "AWS failed.", errors.New("broken")),
	{State: lifecycle.Reported, Reason: v1alpha1.ReasonObserveOnly, Message: "AWS differs."},
	{State: lifecycle.Reported, Reason: v1alpha1.ReasonPlanOnly, Message: "AWS is as declared.", Ready: true},
}

var _ = Describe("Summarize", func() {
	DescribeTable("says it in the words of kstatus", func(outcome lifecycle.Outcome, want ...string) {
		obj := object()
		lifecycle.Summarize(obj, outcome)
		Expect(summary(obj)).To(Equal(want))
		Expect(obj.Status.ObservedGeneration).To(BeEquivalentTo(2))
		for _, c := range obj.Status.Conditions {
			Expect(c.ObservedGeneration).To(BeEquivalentTo(2))
			Expect(c.Message).To(Equal(outcome.Message))
		}
	},
		Entry("converged", outcomes[0], "Ready=True Converged"),
		Entry("waiting", outcomes[1], "Ready=False Creating", "Reconciling=True Creating"),
		Entry("stalled", outcomes[2], "Ready=False Conflict", "Stalled=True Conflict"),
		Entry("failing", outcomes[3], "Ready=False AWSError", "Reconciling=True AWSError"),
		Entry("reported, with differences", outcomes[4], "Ready=False ObserveOnly"),
		Entry("reported, without", outcomes[5], "Ready=True PlanOnly"),
	)

	It("leaves no trace of the outcome before, whatever it was", func() {
		for _, first := range outcomes {
			for _, second := range outcomes {
				fresh, obj := object(), object()
				lifecycle.Summarize(obj, first)
				lifecycle.Summarize(obj, second)
				lifecycle.Summarize(fresh, second)
				Expect(summary(obj)).To(Equal(summary(fresh)))
			}
		}
	})

	It("moves a transition time only with its status", func() {
		obj := object()
		lifecycle.Summarize(obj, outcomes[1])
		past := metav1.NewTime(time.Now().Add(-time.Hour).Truncate(time.Second))
		for i := range obj.Status.Conditions {
			obj.Status.Conditions[i].LastTransitionTime = past
		}
		obj.Generation = 3
		lifecycle.Summarize(obj, outcomes[3])
		for _, c := range obj.Status.Conditions {
			Expect(c.LastTransitionTime).To(Equal(past), c.Type)
			Expect(c.ObservedGeneration).To(BeEquivalentTo(3))
		}
		lifecycle.Summarize(obj, outcomes[0])
		Expect(obj.Status.Conditions[0].LastTransitionTime).NotTo(Equal(past))
	})

	It("stamps and lists the kind's own conditions after the summary", func() {
		obj := object()
		lifecycle.SetCondition(obj, "Delegated", true, v1alpha1.ReasonConverged, "The parent names it.")
		obj.Generation = 5
		lifecycle.Summarize(obj, outcomes[2])
		Expect(summary(obj)).To(Equal([]string{"Ready=False Conflict", "Stalled=True Conflict", "Delegated=True Converged"}))
		Expect(meta.FindStatusCondition(obj.Status.Conditions, "Delegated").ObservedGeneration).To(BeEquivalentTo(5))
	})

	It("leaves an object alone that is about to go", func() {
		obj := object()
		lifecycle.Summarize(obj, lifecycle.Released())
		Expect(obj).To(Equal(object()))
	})
})

var _ = Describe("Drifted", func() {
	It("is a difference of what stood as declared, for the same generation", func() {
		obj := object()
		Expect(lifecycle.Drifted(obj)).To(BeFalse())
		lifecycle.Summarize(obj, outcomes[0])
		Expect(lifecycle.Drifted(obj)).To(BeTrue())
		obj.Generation++
		Expect(lifecycle.Drifted(obj)).To(BeFalse())
	})
})

var _ = Describe("Policies", func() {
	DescribeTable("bound what is done", func(set v1alpha1.Policies, manages, retains bool) {
		obj := object()
		obj.Spec.Policies = set
		Expect(lifecycle.Manages(obj)).To(Equal(manages))
		Expect(lifecycle.Retains(obj)).To(Equal(retains))
	},
		Entry("none", v1alpha1.Policies{}, true, false),
		Entry("Manage", v1alpha1.Policies{ManagementPolicy: v1alpha1.ManagementManage, DeletionPolicy: v1alpha1.DeletionDelete}, true, false),
		Entry("Retain", v1alpha1.Policies{DeletionPolicy: v1alpha1.DeletionRetain}, true, true),
		Entry("Plan", v1alpha1.Policies{ManagementPolicy: v1alpha1.ManagementPlan}, false, true),
		Entry("Observe", v1alpha1.Policies{ManagementPolicy: v1alpha1.ManagementObserve, DeletionPolicy: v1alpha1.DeletionDelete}, false, true),
	)

	It("have the kind's default where they are left out", func() {
		obj := object()
		Expect(lifecycle.Adoption(obj, v1alpha1.AdoptionIfIdentical)).To(Equal(v1alpha1.AdoptionIfIdentical))
		obj.Spec.AdoptionPolicy = v1alpha1.AdoptionAlways
		Expect(lifecycle.Adoption(obj, v1alpha1.AdoptionIfIdentical)).To(Equal(v1alpha1.AdoptionAlways))
	})
})
