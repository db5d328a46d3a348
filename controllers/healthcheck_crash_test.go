package controllers_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

// checkAct is something a user does to a record with a health check. Any call that carries it out may be the last.
type checkAct struct {
	name string
	// makes is set when the act makes the record; otherwise it is Ready, with its check, before.
	makes bool
	do    func(ctx context.Context, s *Story, record *v1alpha1.RecordSet)
	calls []string
	// writes are how many statuses of the record are written on the way, at least.
	writes int
	// path and interval of the check in the end; no path for no check.
	path     string
	interval int32
	gone     bool
}

var checkActs = []checkAct{
	{
		name: "a record with a check is created", makes: true, path: "/healthz", interval: 30, writes: 5,
		do:    func(ctx context.Context, s *Story, record *v1alpha1.RecordSet) { s.Create(ctx, record) },
		calls: []string{"CreateHealthCheck", "ChangeTagsForResource", "ChangeResourceRecordSets"},
	}, {
		name: "the check is edited", path: "/ready", interval: 30, writes: 2,
		do: func(ctx context.Context, s *Story, record *v1alpha1.RecordSet) {
			editCheck(ctx, s, record, func(c *v1alpha1.HealthCheck) { c.ResourcePath = "/ready" })
		},
		calls: []string{"UpdateHealthCheck"},
	}, {
		name: "the check is replaced", path: "/ready", interval: 10, writes: 5,
		do: func(ctx context.Context, s *Story, record *v1alpha1.RecordSet) {
			editCheck(ctx, s, record, func(c *v1alpha1.HealthCheck) { c.ResourcePath, c.RequestIntervalSeconds = "/ready", aws.Int32(10) })
		},
		calls: []string{"CreateHealthCheck", "ChangeTagsForResource", "ChangeResourceRecordSets", "DeleteHealthCheck"},
	}, {
		name: "the check is removed", writes: 4,
		do: func(ctx context.Context, s *Story, record *v1alpha1.RecordSet) {
			Edit(ctx, s, record, func(r *v1alpha1.RecordSet) { r.Spec.HealthCheck = nil })
		},
		calls: []string{"ChangeResourceRecordSets", "DeleteHealthCheck"},
	}, {
		name: "the record is deleted", gone: true, writes: 3,
		do:    func(ctx context.Context, s *Story, record *v1alpha1.RecordSet) { s.Delete(ctx, record) },
		calls: []string{"ChangeResourceRecordSets", "DeleteHealthCheck"},
	},
}

var _ = Describe("Any line may be the last of a health check", func() {
	s := newStory()
	var record *v1alpha1.RecordSet
	// prepare brings the world to where the act begins.
	prepare := func(ctx context.Context, a checkAct) *Manager {
		m := s.StartManager(ctx)
		zone := Zone()
		s.Create(ctx, zone)
		s.ExpectReady(ctx, zone)
		record = RecordSet("www", "www", WithWeight("blue", 1), checked())
		if !a.makes {
			s.Create(ctx, record)
			s.ExpectReady(ctx, record)
		}
		s.ExpectSettled(ctx)
		return m
	}
	expectDone := func(ctx context.Context, a checkAct) {
		switch {
		case a.gone:
			s.ExpectGone(ctx, record)
			Expect(s.Records(s.OnlyZone())).To(BeEmpty())
			Expect(s.Sim.HealthChecks()).To(BeEmpty())
			return
		case a.path == "":
			Eventually(s.Sim.HealthChecks).Should(BeEmpty())
			s.ExpectReady(ctx, record)
			Expect(usedChecks(s)).To(ConsistOf(""))
			Eventually(func() any { return Get(ctx, s, record).Status.HealthCheck }).Should(BeNil())
			s.ExpectQuiet(ctx)
			return
		}
		Eventually(s.Sim.HealthChecks).Should(ConsistOf(HaveField("Config", And(
			HaveField("ResourcePath", HaveValue(Equal(a.path))), HaveField("RequestInterval", HaveValue(Equal(a.interval)))))))
		expectChecked(ctx, s, record)
	}

	for _, a := range checkActs {
		Context("when "+a.name, func() {
			do := func(ctx context.Context) { a.do(ctx, s, record) }
			done := func(ctx context.Context) { expectDone(ctx, a) }
			for _, call := range a.calls {
				It("the controllers die before and right after "+call, func(ctx context.Context) {
					dieTwice(ctx, s, prepare(ctx, a), atCall(s, call), do)
					done(ctx)
				})
				for _, faults := range failures {
					It(fmt.Sprintf("%s fails by %s, then by %s", call, faults[0], faults[1]), func(ctx context.Context) {
						prepare(ctx, a)
						failTwice(ctx, s, call, faults, do, done)
					})
				}
			}
			for n := range a.writes {
				It(fmt.Sprintf("the controller dies before write %d of the record, and the next one right after its first", n+1), func(ctx context.Context) {
					dieTwice(ctx, s, prepare(ctx, a), func(m *Manager, at Moment) {
						which := map[Moment]int{Before: n + 1, After: 1}[at]
						m.KillAtNthWrite(which, at, record.Name)
					}, do)
					done(ctx)
				})
			}
		})
	}
})
