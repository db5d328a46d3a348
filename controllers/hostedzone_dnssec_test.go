package controllers_test

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	gomegatypes "github.com/onsi/gomega/types"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

func unsigned(z *v1alpha1.HostedZone) { z.Spec.DNSSEC = nil }

var _ = Describe("A signed HostedZone", func() {
	s := newStory()
	// ds are the DS records of a zone, in its parent.
	ds := func(parent, name string) func() []string {
		return func() []string {
			var found []string
			for _, record := range s.Records(parent) {
				if rest, ok := strings.CutPrefix(record, name+" DS "); ok {
					found = append(found, rest)
				}
			}
			return found
		}
	}

	It("is signed, says what the parent must know, and is unsigned in the safe order", func(ctx context.Context) {
		s.StartManager(ctx)
		zone := Zone(WithSigning("first"))
		s.Create(ctx, zone)
		s.ExpectReady(ctx, zone)
		id := s.OnlyZone()
		Expect(s.Signing(ctx, id)).To(ConsistOf("SIGNING", "first ACTIVE"))
		live := Get(ctx, s, zone)
		Expect(live).To(HaveCondition("Signed", metav1.ConditionTrue))
		Expect(live.Status.DNSSEC.DSRecords).To(ConsistOf(MatchRegexp(`^[0-9]+ 13 2 [0-9A-F]{64}$`)))
		Expect(live.Status.DNSSEC.KeySigningKeys).To(ConsistOf(HaveField("KeyTag", BeNumerically(">", 0))))
		Expect(live.Status.ManagedFields).To(ConsistOf("dnssec", "dnssec.keySigningKeys.first"))
		s.ExpectQuiet(ctx)

		Edit(ctx, s, zone, unsigned)
		Eventually(Live(ctx, s, zone)).Should(BeWaiting(v1alpha1.ReasonUpdating, "24 hours", "--resolver"))
		s.Later(ctx, 23*time.Hour, zone)
		s.ExpectSettled(ctx)
		Expect(s.Signing(ctx, id)).To(ConsistOf("SIGNING", "first ACTIVE"), "resolvers may remember the DS record")
		s.Later(ctx, time.Hour+time.Minute, zone)
		Eventually(s.Signing).WithArguments(ctx, id).Should(ConsistOf("NOT_SIGNING"))
		s.ExpectReady(ctx, zone)
		Expect(Get(ctx, s, zone).Status.DNSSEC).To(BeNil())
		Expect(Get(ctx, s, zone).Status.ManagedFields).To(BeEmpty())
		s.ExpectQuiet(ctx)
	})

	It("is signed again when somebody ends it", func(ctx context.Context) {
		s.StartManager(ctx, ManagerOptions{Resync: soon})
		zone := Zone(WithSigning("first"))
		s.Create(ctx, zone)
		s.ExpectReady(ctx, zone)
		id := s.OnlyZone()
		Eventually(func() error {
			_, err := s.Route53.DisableHostedZoneDNSSEC(ctx, &route53.DisableHostedZoneDNSSECInput{HostedZoneId: &id})
			return err
		}).Should(Succeed())
		Eventually(s.Signing).WithArguments(ctx, id).ShouldNot(ContainElement("SIGNING"))
		Eventually(s.Signing).WithArguments(ctx, id).Should(ConsistOf("SIGNING", "first ACTIVE"))
		s.ExpectReady(ctx, zone)
	})

	It("tells in AWS's words what is wrong with a KMS key", func(ctx context.Context) {
		s.StartManager(ctx, ManagerOptions{Resync: soon})
		zone := Zone(WithSigning("first"))
		zone.Spec.DNSSEC.KeySigningKeys[0].KMSKeyARN = strings.ReplaceAll(KMSKey("first"), "us-east-1", "eu-west-1")
		s.Create(ctx, zone)
		Eventually(Live(ctx, s, zone)).Should(BeStalled(v1alpha1.ReasonInvalidSpec, "us-east-1"))
	})

	DescribeTable("tells in AWS's words that a key has ceased to sign, and heals with it", func(ctx context.Context, breaks, mend func(), match func(string, ...string) gomegatypes.GomegaMatcher, reason, text string) {
		s.StartManager(ctx, ManagerOptions{Resync: soon})
		zone := Zone(WithSigning("first"))
		s.Create(ctx, zone)
		s.ExpectReady(ctx, zone)
		breaks()
		Eventually(Live(ctx, s, zone)).Should(And(match(reason, text, KMSKey("first")), HaveReason("Signed", reason, text)))
		mend()
		s.ExpectReady(ctx, zone)
		Expect(Get(ctx, s, zone)).To(HaveCondition("Signed", metav1.ConditionTrue))
		s.ExpectQuiet(ctx)
	},
		Entry("a KMS key that is disabled", func() { Expect(s.Sim.SetKMSKey(KMSKey("first"), "the key is disabled")).To(Succeed()) },
			func() { Expect(s.Sim.SetKMSKey(KMSKey("first"), "")).To(Succeed()) }, BeStalled, v1alpha1.ReasonInvalidSpec, "ACTION_NEEDED"),
		Entry("a failure of Route 53", func() { s.Sim.FailKMSKey(KMSKey("first"), true) },
			func() { s.Sim.FailKMSKey(KMSKey("first"), false) }, BeWaiting, v1alpha1.ReasonAWSError, "INTERNAL_FAILURE"),
	)

	It("is not deleted with keys of somebody else, unless it may be", func(ctx context.Context) {
		s.StartManager(ctx)
		zone := Zone()
		s.Create(ctx, zone)
		s.ExpectReady(ctx, zone)
		id := s.OnlyZone()
		_, err := s.Route53.CreateKeySigningKey(ctx, &route53.CreateKeySigningKeyInput{
			HostedZoneId: &id, Name: aws.String("theirs"), KeyManagementServiceArn: aws.String(KMSKey("theirs")), CallerReference: aws.String("x"), Status: aws.String("ACTIVE")})
		Expect(err).NotTo(HaveOccurred())
		s.Delete(ctx, zone)
		Eventually(Live(ctx, s, zone)).Should(BeStalled(v1alpha1.ReasonDeletionBlocked, "key signing keys"))
		Edit(ctx, s, zone, ForceDestroyed)
		s.ExpectGone(ctx, zone)
		Expect(s.Zones()).To(BeEmpty())
	})

	It("plans its signing and signs nothing", func(ctx context.Context) {
		s.StartManager(ctx)
		zone := Zone()
		s.Create(ctx, zone)
		s.ExpectReady(ctx, zone)
		before := s.State()
		Edit(ctx, s, zone, func(z *v1alpha1.HostedZone) {
			WithSigning("first")(z)
			Managed[*v1alpha1.HostedZone](v1alpha1.ManagementPlan)(z)
		})
		Eventually(Live(ctx, s, zone)).Should(HaveField("Status.Plan", HaveExactElements(
			v1alpha1.PlannedChange{Verb: "Update", Resource: "hosted zone example.com.", Field: "dnssec.keySigningKeys.first", To: KMSKey("first")},
			v1alpha1.PlannedChange{Verb: "Update", Resource: "hosted zone example.com.", Field: "dnssec", From: "NOT_SIGNING", To: "SIGNING"})))
		s.ExpectQuiet(ctx)
		Expect(s.State()).To(Equal(before))
	})

	Context("in a parent that is here too", func() {
		var parent, lab *v1alpha1.HostedZone
		var parentID, id string
		BeforeEach(func(ctx context.Context) {
			parent = HostedZone("corp", "corp.example")
			lab = HostedZone("lab", "lab.corp.example", delegatedFrom("corp", 1), WithSigning("first"))
			s.StartManager(ctx)
			s.Create(ctx, parent, lab)
			s.ExpectReady(ctx, parent, lab)
			parentID, id = Get(ctx, s, parent).Status.ID, Get(ctx, s, lab).Status.ID
		})

		It("has its DS record there", func(ctx context.Context) {
			Expect(ds(parentID, "lab.corp.example.")()).To(ConsistOf("1 " + Get(ctx, s, lab).Status.DNSSEC.DSRecords[0]))
			s.ExpectQuiet(ctx)
		})

		It("exchanges its key without a moment in which nobody can trust it", func(ctx context.Context) {
			old := Get(ctx, s, lab).Status.DNSSEC.DSRecords[0]
			Edit(ctx, s, lab, WithSigning("second"))
			Eventually(s.Signing).WithArguments(ctx, id).Should(ConsistOf("SIGNING", "first ACTIVE", "second ACTIVE"))
			Eventually(ds(parentID, "lab.corp.example.")).Should(ConsistOf(And(ContainSubstring(old), HavePrefix("1 "), WithTransform(strings.Fields, HaveLen(9)))))
			Eventually(Live(ctx, s, lab)).Should(BeWaiting(v1alpha1.ReasonReplacing))
			Eventually(ds(parentID, "lab.corp.example.")).ShouldNot(ContainElement(ContainSubstring(old)))
			Expect(s.Signing(ctx, id)).To(ConsistOf("SIGNING", "first ACTIVE", "second ACTIVE"), "its TTL has not passed")
			Eventually(s.Signing).WithArguments(ctx, id).Should(ConsistOf("SIGNING", "second ACTIVE"))
			s.ExpectReady(ctx, lab)
			s.ExpectQuiet(ctx)
		})

		It("is unsigned after the parent has forgotten it", func(ctx context.Context) {
			Edit(ctx, s, lab, unsigned)
			Eventually(ds(parentID, "lab.corp.example.")).Should(BeEmpty())
			Expect(s.Signing(ctx, id)).To(ContainElement("SIGNING"), "the TTL of the DS record has not passed")
			Eventually(s.Signing).WithArguments(ctx, id).Should(ConsistOf("NOT_SIGNING"))
			s.ExpectReady(ctx, lab)
			s.ExpectQuiet(ctx)
		})

		It("tells in all its conditions that it was taken away, and is itself again when it is given back", func(ctx context.Context) {
			s.SetTags(ctx, id, "evenkeel.io/cluster=other")
			s.Look(ctx, lab)
			Eventually(Live(ctx, s, lab)).Should(And(BeStalled(v1alpha1.ReasonConflict, "cluster other"),
				HaveReason("Signed", v1alpha1.ReasonConflict, "cluster other"), HaveReason("Delegated", v1alpha1.ReasonConflict, "cluster other"),
				HaveCondition("Signed", metav1.ConditionFalse), HaveCondition("Delegated", metav1.ConditionFalse)))
			s.SetTags(ctx, id, "evenkeel.io/cluster="+ClusterID)
			s.Look(ctx, lab)
			s.ExpectReady(ctx, lab)
			Expect(Get(ctx, s, lab)).To(And(HaveCondition("Signed", metav1.ConditionTrue), HaveCondition("Delegated", metav1.ConditionTrue)))

			By("being signed and delegated though its queries are logged by somebody else")
			s.LogQueries(ctx, id, LogGroup("theirs"))
			Edit(ctx, s, lab, WithQueryLogging(LogGroup("mine")))
			Eventually(Live(ctx, s, lab)).Should(And(BeStalled(v1alpha1.ReasonConflict, LogGroup("theirs")),
				HaveReason("Signed", v1alpha1.ReasonConverged), HaveReason("Delegated", v1alpha1.ReasonConverged)))
		})

		It("is deleted together with its parent", func(ctx context.Context) {
			s.Delete(ctx, parent, lab)
			s.ExpectGone(ctx, parent, lab)
			Expect(s.Zones()).To(BeEmpty())
		})
	})

	Context("when its signing begins", func() {
		var zone *v1alpha1.HostedZone
		BeforeEach(func() { zone = Zone() })
		crashAndFail(s, []string{"CreateKeySigningKey", "EnableHostedZoneDNSSEC"}, madeReady(s, &zone),
			func(ctx context.Context) { Edit(ctx, s, zone, WithSigning("first")) },
			func(ctx context.Context) {
				GinkgoHelper()
				s.ExpectReady(ctx, zone)
				Expect(s.Signing(ctx, s.OnlyZone())).To(ConsistOf("SIGNING", "first ACTIVE"))
				s.ExpectQuiet(ctx)
			})
	})

	Context("when somebody deactivates one of its keys", func() {
		var zone *v1alpha1.HostedZone
		BeforeEach(func() { zone = Zone(WithSigning("first", "second")) })
		crashAndFail(s, []string{"ActivateKeySigningKey"}, madeReady(s, &zone),
			func(ctx context.Context) {
				Eventually(func() error {
					_, err := s.Route53.DeactivateKeySigningKey(ctx, &route53.DeactivateKeySigningKeyInput{HostedZoneId: aws.String(s.OnlyZone()), Name: aws.String("second")})
					return err
				}).Should(Succeed())
				s.Look(ctx, zone)
			},
			func(ctx context.Context) {
				GinkgoHelper()
				Eventually(s.Signing).WithArguments(ctx, s.OnlyZone()).Should(ConsistOf("SIGNING", "first ACTIVE", "second ACTIVE"))
				s.ExpectReady(ctx, zone)
				s.ExpectQuiet(ctx)
			})
	})

	Context("when its key is exchanged", func() {
		var parent, lab *v1alpha1.HostedZone
		BeforeEach(func() {
			parent = HostedZone("corp", "corp.example")
			lab = HostedZone("lab", "lab.corp.example", delegatedFrom("corp", 1), WithSigning("first"))
		})
		crashAndFail(s, []string{"CreateKeySigningKey", "DeactivateKeySigningKey", "DeleteKeySigningKey"},
			func(ctx context.Context) {
				s.Create(ctx, parent, lab)
				s.ExpectReady(ctx, parent, lab)
			},
			func(ctx context.Context) { Edit(ctx, s, lab, WithSigning("second")) },
			func(ctx context.Context) {
				GinkgoHelper()
				id, parentID := Get(ctx, s, lab).Status.ID, Get(ctx, s, parent).Status.ID
				Eventually(s.Signing).WithArguments(ctx, id).Should(ConsistOf("SIGNING", "second ACTIVE"))
				s.ExpectReady(ctx, lab)
				Expect(ds(parentID, "lab.corp.example.")()).To(ConsistOf("1 " + Get(ctx, s, lab).Status.DNSSEC.DSRecords[0]))
				s.ExpectQuiet(ctx)
			})
	})

	Context("when its signing ends", func() {
		var zone *v1alpha1.HostedZone
		BeforeEach(func() { zone = Zone(WithSigning("first")) })
		crashAndFail(s, []string{"DisableHostedZoneDNSSEC", "DeactivateKeySigningKey", "DeleteKeySigningKey"}, madeReady(s, &zone),
			func(ctx context.Context) {
				GinkgoHelper()
				Edit(ctx, s, zone, unsigned)
				Eventually(Live(ctx, s, zone)).Should(BeWaiting(v1alpha1.ReasonUpdating, "24 hours"))
				s.Later(ctx, 25*time.Hour, zone)
			},
			func(ctx context.Context) {
				GinkgoHelper()
				s.ExpectReady(ctx, zone)
				Expect(s.Signing(ctx, s.OnlyZone())).To(ConsistOf("NOT_SIGNING"))
				s.ExpectQuiet(ctx)
			})
	})
})
