package controllers_test

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/route53"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

// delegatedFrom keeps the delegation of a zone in a parent of its own namespace, for a TTL.
func delegatedFrom(parent string, ttl ...int64) func(*v1alpha1.HostedZone) {
	return func(obj *v1alpha1.HostedZone) {
		obj.Spec.DelegateFrom = &v1alpha1.Delegation{HostedZoneReference: v1alpha1.HostedZoneReference{Name: parent}}
		if len(ttl) > 0 {
			obj.Spec.DelegateFrom.TTL = &ttl[0]
		}
	}
}

var _ = Describe("A delegated HostedZone", func() {
	s := newStory()
	var parent, lab *v1alpha1.HostedZone
	BeforeEach(func() {
		parent, lab = HostedZone("corp", "corp.example"), HostedZone("lab", "lab.corp.example", delegatedFrom("corp"))
	})
	// delegation is the NS record that the parent should hold.
	delegation := func(ctx context.Context, ttl int64) string {
		GinkgoHelper()
		servers := slices.Clone(Get(ctx, s, lab).Status.NameServers)
		for i := range servers {
			servers[i] = strings.TrimSuffix(servers[i], ".")
		}
		return fmt.Sprintf("lab.corp.example. NS %d %s", ttl, strings.Join(servers, " "))
	}
	inParent := func(ctx context.Context) func() []string {
		return func() []string {
			var records []string
			for _, record := range s.Records(Get(ctx, s, parent).Status.ID) {
				words := strings.Fields(record)
				for i := range words[3:] {
					words[3+i] = strings.TrimSuffix(words[3+i], ".")
				}
				records = append(records, strings.Join(words, " "))
			}
			return records
		}
	}
	child := func() *v1alpha1.RecordSet {
		return &v1alpha1.RecordSet{ObjectMeta: metav1.ObjectMeta{Namespace: s.Namespace, Name: "lab-delegation-ns"}}
	}

	It("keeps its name servers in the parent, whichever comes first", func(ctx context.Context) {
		s.StartManager(ctx)
		s.Create(ctx, lab)
		Eventually(Live(ctx, s, lab)).Should(BeWaiting(v1alpha1.ReasonReferenceNotFound, "HostedZone corp"))
		Expect(Get(ctx, s, lab)).To(HaveReason("Delegated", v1alpha1.ReasonReferenceNotFound))
		s.Create(ctx, parent)
		s.ExpectReady(ctx, parent, lab)
		Expect(Get(ctx, s, lab)).To(HaveCondition("Delegated", metav1.ConditionTrue))
		Expect(inParent(ctx)()).To(ConsistOf(delegation(ctx, 3600)))
		Expect(metav1.IsControlledBy(Get(ctx, s, child()), Get(ctx, s, lab))).To(BeTrue())
		s.ExpectQuiet(ctx)

		By("following the TTL")
		Edit(ctx, s, lab, delegatedFrom("corp", 60))
		Eventually(inParent(ctx)).Should(ConsistOf(delegation(ctx, 60)))
		s.ExpectReady(ctx, lab)

		By("ending it")
		Edit(ctx, s, lab, func(z *v1alpha1.HostedZone) { z.Spec.DelegateFrom = nil })
		Eventually(inParent(ctx)).Should(BeEmpty())
		s.ExpectGone(ctx, child())
		s.ExpectReady(ctx, lab)
		Expect(Get(ctx, s, lab)).NotTo(HaveCondition("Delegated", metav1.ConditionTrue))
		s.ExpectQuiet(ctx)
	})

	It("is made and delegated again when somebody deletes it", func(ctx context.Context) {
		s.StartManager(ctx, ManagerOptions{Resync: soon})
		s.Create(ctx, parent, lab)
		s.ExpectReady(ctx, parent, lab)
		old := Get(ctx, s, lab).Status.ID
		_, err := s.Route53.DeleteHostedZone(ctx, &route53.DeleteHostedZoneInput{Id: &old})
		Expect(err).NotTo(HaveOccurred())
		Eventually(Live(ctx, s, lab)).ShouldNot(HaveField("Status.ID", old))
		s.ExpectReady(ctx, lab)
		Eventually(inParent(ctx)).Should(ConsistOf(delegation(ctx, 3600)))
		s.ExpectQuiet(ctx)
	})

	It("is repaired when somebody edits or deletes what it keeps", func(ctx context.Context) {
		s.StartManager(ctx)
		s.Create(ctx, parent, lab)
		s.ExpectReady(ctx, parent, lab)
		Edit(ctx, s, child(), WithValues("ns.example.org."))
		Eventually(s.EventsOf(ctx, Get(ctx, s, lab))).Should(ContainElement(ContainSubstring("RecordSet lab-delegation-ns (spec.resourceRecords: ns.example.org. → ")))
		s.ExpectReady(ctx, lab)
		Eventually(inParent(ctx)).Should(ConsistOf(delegation(ctx, 3600)))
		old := Get(ctx, s, child()).UID
		s.Delete(ctx, child())
		Eventually(Live(ctx, s, child())).ShouldNot(HaveField("UID", old))
		s.ExpectReady(ctx, lab)
		Eventually(inParent(ctx)).Should(ConsistOf(delegation(ctx, 3600)))
		s.ExpectQuiet(ctx)
	})

	It("leaves its parent before it is deleted, in whichever order", func(ctx context.Context) {
		s.StartManager(ctx)
		s.Create(ctx, parent, lab)
		s.ExpectReady(ctx, parent, lab)
		s.Delete(ctx, parent)
		Eventually(Live(ctx, s, parent)).Should(BeWaiting(v1alpha1.ReasonDeletionBlocked, "lab-delegation-ns"))
		s.Delete(ctx, lab)
		s.ExpectGone(ctx, lab, parent, child())
		Expect(s.Zones()).To(BeEmpty())
	})

	It("stays delegated when it is retained", func(ctx context.Context) {
		s.StartManager(ctx)
		s.Create(ctx, parent, lab)
		s.ExpectReady(ctx, parent, lab)
		Edit(ctx, s, lab, Managed[*v1alpha1.HostedZone](v1alpha1.ManagementObserve))
		s.ExpectSettled(ctx)
		records := inParent(ctx)()
		s.Delete(ctx, lab)
		s.ExpectGone(ctx, lab)
		Expect(Get(ctx, s, child()).Spec.DeletionPolicy).To(Equal(v1alpha1.DeletionRetain))
		s.Delete(ctx, child()) // as the garbage collector does
		s.ExpectGone(ctx, child())
		Expect(inParent(ctx)()).To(Equal(records))
	})

	It("needs the permission of a parent in another namespace", func(ctx context.Context) {
		parent.Namespace = s.NewNamespace(ctx)
		s.StartManager(ctx)
		lab.Spec.DelegateFrom.Namespace = parent.Namespace
		s.Create(ctx, parent, lab)
		Eventually(Live(ctx, s, lab)).Should(BeWaiting(v1alpha1.ReasonReferenceNotPermitted, "spec.allowedRecordSets"))
		Edit(ctx, s, parent, func(z *v1alpha1.HostedZone) {
			z.Spec.AllowedRecordSets = []v1alpha1.AllowedRecordSets{{Namespaces: metav1.LabelSelector{}, Names: []v1alpha1.NamePattern{"lab"}}}
		})
		s.ExpectReady(ctx, lab)
		Expect(inParent(ctx)()).To(ConsistOf(delegation(ctx, 3600)))
	})

	It("does not overwrite the delegation of somebody else, nor an object of theirs", func(ctx context.Context) {
		s.StartManager(ctx)
		theirs := RecordSet("theirs", "lab", InZoneOf("corp"), WithType("NS", "ns.example.org."))
		s.Create(ctx, parent, theirs)
		s.ExpectReady(ctx, parent, theirs)
		s.Create(ctx, lab)
		Eventually(Live(ctx, s, lab)).Should(BeStalled(v1alpha1.ReasonConflict, "lab-delegation-ns", "theirs"))
		Expect(inParent(ctx)()).To(ConsistOf("lab.corp.example. NS 60 ns.example.org"))
		s.Delete(ctx, theirs)
		s.ExpectReady(ctx, lab)

		named := RecordSet("dev-delegation-ns", "dev", InZoneOf("corp"))
		dev := HostedZone("dev", "dev.corp.example", delegatedFrom("corp"))
		s.Create(ctx, named, dev)
		Eventually(Live(ctx, s, dev)).Should(And(BeStalled(v1alpha1.ReasonConflict, s.Namespace+"/dev-delegation-ns"),
			HaveReason("Delegated", v1alpha1.ReasonConflict, s.Namespace+"/dev-delegation-ns")))
	})

	DescribeTable("says what is wrong with its parent, until it has another one", func(ctx context.Context, wrong *v1alpha1.HostedZone, text string) {
		wrong = wrong.DeepCopy()
		s.StartManager(ctx)
		s.Create(ctx, lab)
		Eventually(Live(ctx, s, lab)).Should(BeWaiting(v1alpha1.ReasonReferenceNotFound, "HostedZone corp"))
		s.Create(ctx, wrong)
		Eventually(Live(ctx, s, lab)).Should(And(BeStalled(v1alpha1.ReasonInvalidSpec, "spec.delegateFrom", s.Namespace+"/corp", text),
			HaveReason("Delegated", v1alpha1.ReasonInvalidSpec, text)))
		parent.Name = "good"
		s.Create(ctx, parent)
		Edit(ctx, s, lab, delegatedFrom("good"))
		s.ExpectReady(ctx, parent, lab)
		Expect(Get(ctx, s, lab)).To(HaveCondition("Delegated", metav1.ConditionTrue))
		Expect(inParent(ctx)()).To(ConsistOf(delegation(ctx, 3600)))
	},
		Entry("which is private", HostedZone("corp", "corp.example", WithVPCs(VPC1)), "is private"),
		Entry("which has its own name", HostedZone("corp", "Lab.corp.example.", Managed[*v1alpha1.HostedZone](v1alpha1.ManagementPlan)), "the same name as this zone"),
		Entry("which is elsewhere in DNS", HostedZone("corp", "example.net"), "of the name example.net., and lab.corp.example. is not below that"),
		Entry("which only ends alike", HostedZone("corp", "p.example"), "is not below that"),
	)

	It("plans its delegation and makes nothing", func(ctx context.Context) {
		s.StartManager(ctx)
		Managed[*v1alpha1.HostedZone](v1alpha1.ManagementPlan)(lab)
		s.Create(ctx, lab)
		Eventually(Live(ctx, s, lab)).Should(HaveField("Status.Plan", ContainElement(
			v1alpha1.PlannedChange{Verb: "Create", Resource: "RecordSet lab-delegation-ns"})))
		Expect(s.Objects(ctx)).To(HaveLen(1))
		Expect(s.Zones()).To(BeEmpty())
	})

	DescribeTable("is refused at admission", func(ctx context.Context, zone *v1alpha1.HostedZone, text string) {
		zone.Namespace = s.Namespace
		Expect(s.Client.Create(ctx, zone)).To(MatchError(ContainSubstring(text)))
	},
		Entry("from itself", HostedZone("corp", "corp.example", delegatedFrom("corp")), "names this object itself"),
		Entry("when private", HostedZone("corp", "corp.example", delegatedFrom("x"), WithVPCs(VPC1)), "a private zone is not delegated"),
		Entry("under a name that leaves no room", HostedZone(strings.Repeat("a", 237), "corp.example", delegatedFrom("x")), "at most 236 characters"),
	)

	for _, at := range []Moment{Before, After} {
		It(fmt.Sprintf("survives that the controller dies %s it %s", at, ChangesChild), func(ctx context.Context) {
			m := s.StartManager(ctx)
			s.Create(ctx, parent, lab)
			s.ExpectReady(ctx, parent, lab)
			m.KillAtWrite(ChangesChild, at, child().Name)
			Edit(ctx, s, lab, delegatedFrom("corp", 60))
			m.ExpectKilled()
			s.StartManager(ctx)
			Eventually(inParent(ctx)).Should(ConsistOf(delegation(ctx, 60)))
			s.ExpectReady(ctx, lab)
			s.ExpectQuiet(ctx)
		})
		for _, step := range []Step{CreatesChild, DeletesChild} {
			It(fmt.Sprintf("survives that the controller dies %s it %s", at, step), func(ctx context.Context) {
				m := s.StartManager(ctx)
				s.Create(ctx, parent)
				s.ExpectReady(ctx, parent)
				if step == DeletesChild {
					s.Create(ctx, lab)
					s.ExpectReady(ctx, lab)
				}
				m.KillAtWrite(step, at, child().Name)
				if step == DeletesChild {
					s.Delete(ctx, lab)
				} else {
					s.Create(ctx, lab)
				}
				m.ExpectKilled()
				s.StartManager(ctx)
				if step == DeletesChild {
					s.ExpectGone(ctx, lab, child())
					Expect(s.OnlyZone()).To(Equal(Get(ctx, s, parent).Status.ID))
					Expect(inParent(ctx)()).To(BeEmpty())
					return
				}
				s.ExpectReady(ctx, lab)
				Expect(inParent(ctx)()).To(ConsistOf(delegation(ctx, 3600)))
				s.ExpectQuiet(ctx)
			})
		}
	}
})
