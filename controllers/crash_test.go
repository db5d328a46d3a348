package controllers_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// act is something a user does, which the controllers need several calls to carry out. Any of them may be the last.
type act struct {
	name string
	// before brings about what else is there before it.
	before func(ctx context.Context, s *Stage)
	// zone and record are Ready before it, unless it makes them.
	makesZone, makesRecord bool
	do                     func(ctx context.Context, s *Stage)
	// calls of Route 53 and writes to the API server, about the object that the act is about, that carry it out.
	calls   []string
	writes  []Step
	subject func(*Stage) lifecycle.Object
	// comment, records and zones are what AWS holds in the end; zones is 1 unless the act says otherwise.
	comment string
	records []string
	gone    []func(*Stage) lifecycle.Object
	zones   int
}

// Stage is a story's world with the objects that the act is about.
type Stage struct {
	*Story
	zone   *v1alpha1.HostedZone
	record *v1alpha1.RecordSet
	other  *v1alpha1.HostedZone
	// heir declares the same record as record.
	heir *v1alpha1.RecordSet
}

func theZone(s *Stage) lifecycle.Object   { return s.zone }
func theRecord(s *Stage) lifecycle.Object { return s.record }
func theHeir(s *Stage) lifecycle.Object   { return s.heir }

const wwwA = "www.example.com. A 60 192.0.2.1"

var acts = []act{
	{
		name: "creating a zone", makesZone: true, makesRecord: true, subject: theZone, comment: "first", zones: 1,
		do:    func(ctx context.Context, s *Stage) { s.Create(ctx, s.zone) },
		calls: []string{"CreateHostedZone", "ChangeTagsForResource"}, writes: []Step{AddsFinalizer, WritesIntent, WritesReady},
	}, {
		name: "changing a zone", subject: theZone, comment: "second", records: []string{wwwA}, zones: 1,
		do: func(ctx context.Context, s *Stage) {
			Edit(ctx, s.Story, s.zone, func(z *v1alpha1.HostedZone) {
				WithComment("second")(z)
				WithTag("stage", "live")(z)
				delete(z.Spec.Tags, "team")
			})
		},
		calls: []string{"UpdateHostedZoneComment", "ChangeTagsForResource"}, writes: []Step{WritesIntent, WritesReady},
	}, {
		name: "deleting a zone and its record", subject: theZone, gone: []func(*Stage) lifecycle.Object{theZone, theRecord},
		do:    func(ctx context.Context, s *Stage) { s.Delete(ctx, s.zone, s.record) },
		calls: []string{"ChangeResourceRecordSets", "DeleteHostedZone"}, writes: []Step{DropsFinalizer},
	}, {
		name: "creating a record", makesRecord: true, subject: theRecord, comment: "first", records: []string{wwwA}, zones: 1,
		do:    func(ctx context.Context, s *Stage) { s.Create(ctx, s.record) },
		calls: []string{"ChangeResourceRecordSets"}, writes: []Step{AddsFinalizer, WritesIntent, WritesReady},
	}, {
		name: "changing a record", subject: theRecord, comment: "first", records: []string{"www.example.com. A 60 192.0.2.2"}, zones: 1,
		do:    func(ctx context.Context, s *Stage) { Edit(ctx, s.Story, s.record, WithValues("192.0.2.2")) },
		calls: []string{"ChangeResourceRecordSets"}, writes: []Step{WritesIntent, WritesReady},
	}, {
		name: "changing the type of a record", subject: theRecord, comment: "first", records: []string{"www.example.com. CNAME 60 example.org."}, zones: 1,
		do:    func(ctx context.Context, s *Stage) { Edit(ctx, s.Story, s.record, WithType("CNAME", "example.org.")) },
		calls: []string{"ChangeResourceRecordSets"}, writes: []Step{WritesIntent, WritesReady},
	}, {
		name: "renaming a record", subject: theRecord, comment: "first", records: []string{"web.example.com. A 60 192.0.2.1"}, zones: 1,
		do: func(ctx context.Context, s *Stage) {
			Edit(ctx, s.Story, s.record, func(r *v1alpha1.RecordSet) { r.Spec.Name = "web" })
		},
		calls: []string{"ChangeResourceRecordSets"}, writes: []Step{WritesIntent, WritesReady},
	}, {
		name: "moving a record to another zone", subject: theRecord, comment: "first", zones: 2,
		do:    func(ctx context.Context, s *Stage) { Edit(ctx, s.Story, s.record, InZoneOf("other")) },
		calls: []string{"ChangeResourceRecordSets"}, writes: []Step{WritesIntent, WritesReady},
	}, {
		name: "taking over what somebody else made", makesRecord: true, subject: theRecord, comment: "first", records: []string{wwwA}, zones: 1,
		before: func(ctx context.Context, s *Stage) { s.putForeign(ctx, "203.0.113.1") },
		do: func(ctx context.Context, s *Stage) {
			s.record.Spec.AdoptionPolicy = v1alpha1.AdoptionAlways
			s.Create(ctx, s.record)
		},
		calls: []string{"ChangeResourceRecordSets"}, writes: []Step{AddsFinalizer, WritesIntent, WritesReady},
	}, {
		name: "taking over what somebody else made just so", makesRecord: true, subject: theRecord, comment: "first", records: []string{wwwA}, zones: 1,
		before: func(ctx context.Context, s *Stage) { s.putForeign(ctx, "192.0.2.1") },
		do:     func(ctx context.Context, s *Stage) { s.Create(ctx, s.record) },
		writes: []Step{AddsFinalizer, WritesReady},
	}, {
		name: "inheriting a record", subject: theHeir, comment: "first", records: []string{"www.example.com. A 60 192.0.2.2"}, zones: 1,
		before: func(ctx context.Context, s *Stage) { s.addHeir(ctx) },
		do:     func(ctx context.Context, s *Stage) { s.Delete(ctx, s.record) },
		calls:  []string{"ChangeResourceRecordSets"}, writes: []Step{AddsFinalizer, WritesIntent, WritesReady},
		gone: []func(*Stage) lifecycle.Object{theRecord},
	}, {
		name: "leaving a record to an heir", subject: theRecord, comment: "first", records: []string{"www.example.com. A 60 192.0.2.2"}, zones: 1,
		before: func(ctx context.Context, s *Stage) { s.addHeir(ctx) },
		do:     func(ctx context.Context, s *Stage) { s.Delete(ctx, s.record) },
		writes: []Step{DropsFinalizer}, gone: []func(*Stage) lifecycle.Object{theRecord},
	}, {
		name: "deleting a record", subject: theRecord, comment: "first", zones: 1, gone: []func(*Stage) lifecycle.Object{theRecord},
		do:    func(ctx context.Context, s *Stage) { s.Delete(ctx, s.record) },
		calls: []string{"ChangeResourceRecordSets"}, writes: []Step{DropsFinalizer},
	},
}

var _ = Describe("Any line may be the last", func() {
	s := &Stage{Story: newStory()}
	BeforeEach(func() {
		s.zone, s.record = Zone(WithComment("first"), WithTag("team", "platform")), RecordSet("www", "www")
		s.other, s.heir = HostedZone("other", "example.net"), RecordSet("heir", "www", WithValues("192.0.2.2"))
	})

	for _, a := range acts {
		Context("when "+a.name, func() {
			do := func(ctx context.Context) { a.do(ctx, s) }
			expectDone := func(ctx context.Context) { a.expectDone(ctx, s) }
			for _, call := range a.calls {
				It("the controllers die before and right after "+call, func(ctx context.Context) {
					dieTwice(ctx, s.Story, a.prepare(ctx, s), atCall(s.Story, call), do)
					expectDone(ctx)
				})
				for _, faults := range failures {
					It(fmt.Sprintf("%s fails by %s, then by %s", call, faults[0], faults[1]), func(ctx context.Context) {
						a.prepare(ctx, s)
						failTwice(ctx, s.Story, call, faults, do, expectDone)
					})
				}
			}
			for _, step := range a.writes {
				It(fmt.Sprintf("the controllers die before and right after one %s", step), func(ctx context.Context) {
					dieTwice(ctx, s.Story, a.prepare(ctx, s), atWrite(step, a.subject(s).GetName()), do)
					expectDone(ctx)
				})
			}
		})
	}
})

// prepare brings the world to where the act begins.
func (a act) prepare(ctx context.Context, s *Stage) *Manager {
	GinkgoHelper()
	m := s.StartManager(ctx)
	var objects []lifecycle.Object
	if !a.makesZone {
		objects = append(objects, s.zone)
	}
	if a.zones == 2 {
		objects = append(objects, s.other)
	}
	if !a.makesRecord {
		objects = append(objects, s.record)
	}
	for _, obj := range objects {
		s.Create(ctx, obj)
	}
	s.ExpectReady(ctx, objects...)
	if a.before != nil {
		a.before(ctx, s)
	}
	s.ExpectSettled(ctx)
	return m
}

// putForeign makes the record that the stage's object declares by somebody else's hand.
func (s *Stage) putForeign(ctx context.Context, value string) {
	GinkgoHelper()
	s.Put(ctx, s.OnlyZone(), Record("www.example.com.", types.RRTypeA, value))
	s.Look(ctx, s.zone)
}

// addHeir adds an object that waits for the record of the first.
func (s *Stage) addHeir(ctx context.Context) {
	GinkgoHelper()
	s.Create(ctx, s.heir)
	Eventually(Live(ctx, s.Story, s.heir)).Should(BeStalled(v1alpha1.ReasonConflict))
}

// expectDone waits until the act is carried out, with nothing doubled and nothing left over.
func (a act) expectDone(ctx context.Context, s *Stage) {
	GinkgoHelper()
	for _, gone := range a.gone {
		s.ExpectGone(ctx, gone(s))
	}
	for _, obj := range s.Objects(ctx) {
		s.ExpectReady(ctx, obj)
	}
	if a.zones == 2 {
		other := Get(ctx, s.Story, s.other)
		Eventually(s.Records).WithArguments(other.Status.ID).Should(ConsistOf("www.example.net. A 60 192.0.2.1"))
		Eventually(func() int { return len(Get(ctx, s.Story, s.record).Status.Records) }).Should(Equal(1))
	}
	Expect(s.Zones()).To(HaveLen(a.zones), "hosted zones")
	if a.zones > 0 {
		zone := Get(ctx, s.Story, s.zone)
		Expect(s.Zones()).To(ContainElement(zone.Status.ID))
		Expect(s.Comment(ctx, zone.Status.ID)).To(Equal(a.comment))
		Expect(s.AllTags(ctx, zone.Status.ID)).To(HaveLen(3))
		Eventually(s.Records).WithArguments(zone.Status.ID).Should(ConsistOf(a.records))
	}
	s.ExpectQuiet(ctx)
}
