package hostedzone

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

func TestHostedZone(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "hostedzone")
}

var kind = &Kind{clusterID: "here"}

// declared is a HostedZone that declares example.com.
func declared(with ...func(*v1alpha1.HostedZone)) *v1alpha1.HostedZone {
	obj := &v1alpha1.HostedZone{ObjectMeta: metav1.ObjectMeta{Namespace: "dns", Name: "zone", UID: "uid"}, Spec: v1alpha1.HostedZoneSpec{Name: "Example.com"}}
	for _, f := range with {
		f(obj)
	}
	return obj
}

func withComment(comment string) func(*v1alpha1.HostedZone) {
	return func(obj *v1alpha1.HostedZone) { obj.Spec.Comment = &comment }
}

func withTags(tags ...string) func(*v1alpha1.HostedZone) {
	return func(obj *v1alpha1.HostedZone) {
		obj.Spec.Tags = map[string]v1alpha1.TagValue{}
		for _, tag := range tags {
			key, value, _ := strings.Cut(tag, "=")
			obj.Spec.Tags[key] = v1alpha1.TagValue(value)
		}
	}
}

func managing(fields ...string) func(*v1alpha1.HostedZone) {
	return func(obj *v1alpha1.HostedZone) { obj.Status.ManagedFields = fields }
}

func adopting(policy v1alpha1.AdoptionPolicy) func(*v1alpha1.HostedZone) {
	return func(obj *v1alpha1.HostedZone) { obj.Spec.AdoptionPolicy = policy }
}

func byID(obj *v1alpha1.HostedZone) { obj.Spec.Adopt = &v1alpha1.HostedZoneAdoption{ID: "Z1"} }

// there is a zone in Route 53, with tags given as "key=value".
func there(id, comment string, tags ...string) *zone {
	z := &zone{id: id, name: "example.com.", comment: comment, recordCount: ownRecords, tags: map[string]string{}}
	for _, tag := range tags {
		key, value, _ := strings.Cut(tag, "=")
		z.tags[key] = value
	}
	return z
}

var marks = []string{"evenkeel.io/cluster=here", "evenkeel.io/object=HostedZone/dns/zone"}

// marked is a zone with our ownership tags and others.
func marked(comment string, tags ...string) *zone {
	return there("Z1", comment, append(tags, marks...)...)
}

func steps(plan []v1alpha1.PlannedChange) []string {
	var lines []string
	for _, c := range plan {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %s→%s", c.Verb, c.Field, c.From, c.To)))
	}
	return lines
}

var _ = Describe("Diff", func() {
	marking := func(verb string) []string {
		return []string{verb + " tags.evenkeel.io/cluster →here", verb + " tags.evenkeel.io/object →HostedZone/dns/zone"}
	}

	DescribeTable("lists the changes", func(obj *v1alpha1.HostedZone, o *observed, want []string) {
		changes, err := kind.Diff(obj, o)
		Expect(err).NotTo(HaveOccurred())
		Expect(steps(lifecycle.PlanOf(changes))).To(Equal(want))
	},
		Entry("nothing is there", declared(), &observed{}, append([]string{"Create  →"}, marking("Create")...)),
		Entry("all is as declared", declared(withComment("c"), withTags("team=a")), &observed{ours: true, zone: marked("c", "team=a")}, nil),
		Entry("others have set what is not declared", declared(), &observed{ours: true, zone: marked("theirs", "cost=1")}, nil),
		Entry("the comment differs", declared(withComment("new")), &observed{ours: true, zone: marked("old")}, []string{"Update comment old→new"}),
		Entry("the comment is to be empty", declared(withComment("")), &observed{ours: true, zone: marked("old")}, []string{"Update comment old→"}),
		Entry("the comment is no longer declared", declared(managing(fieldComment)), &observed{ours: true, zone: marked("old")}, []string{"Update comment old→"}),
		Entry("a tag differs", declared(withTags("team=b")), &observed{ours: true, zone: marked("", "team=a")}, []string{"Update tags.team a→b"}),
		Entry("a tag is no longer declared", declared(withTags("team=a"), managing("tags.team", "tags.stage")),
			&observed{ours: true, zone: marked("", "team=a", "stage=x", "cost=1")}, []string{"Update tags.stage x→"}),
		Entry("a tag that is no longer declared is gone already", declared(managing("tags.stage")), &observed{ours: true, zone: marked("")}, nil),
		Entry("the ownership tags are missing after a crash", declared(), &observed{ours: true, zone: there("Z1", "")}, marking("Update")),
		Entry("it is to be taken over by its id", declared(byID), &observed{zone: there("Z1", "")}, append([]string{"Adopt  →"}, marking("Update")...)),
		Entry("it may be taken over by its name", declared(adopting(v1alpha1.AdoptionAlways), withComment("new")), &observed{rivals: []*zone{there("Z1", "old")}},
			slices.Concat([]string{"Adopt  →"}, marking("Update"), []string{"Update comment old→new"})),
	)

	DescribeTable("refuses", func(obj *v1alpha1.HostedZone, o *observed, reason string, texts ...string) {
		_, err := kind.Diff(obj, o)
		var decided *lifecycle.Error
		Expect(errors.As(err, &decided)).To(BeTrue(), "%v", err)
		Expect(decided.Outcome.State).To(Equal(lifecycle.Stalled))
		Expect(decided.Outcome.Reason).To(Equal(reason))
		for _, text := range texts {
			Expect(decided.Outcome.Message).To(ContainSubstring(text))
		}
	},
		Entry("a namesake", declared(), &observed{rivals: []*zone{there("Z1", "")}}, v1alpha1.ReasonConflict, "Z1", "spec.adopt.id"),
		Entry("several namesakes", declared(adopting(v1alpha1.AdoptionAlways)), &observed{rivals: []*zone{there("Z1", ""), there("Z2", "")}},
			v1alpha1.ReasonConflict, "2 hosted zones", "Z1, Z2"),
		Entry("a namesake that differs", declared(adopting(v1alpha1.AdoptionIfIdentical), withComment("new")), &observed{rivals: []*zone{there("Z1", "old")}},
			v1alpha1.ReasonConflict, "differs"),
		Entry("a namesake of another object", declared(adopting(v1alpha1.AdoptionAlways)),
			&observed{rivals: []*zone{there("Z1", "", "evenkeel.io/cluster=there", "evenkeel.io/object=HostedZone/a/b")}},
			v1alpha1.ReasonConflict, "HostedZone/a/b", "cluster there"),
		Entry("an id to adopt that is not there", declared(byID), &observed{rivals: []*zone{there("Z2", "")}}, v1alpha1.ReasonInvalidSpec, "Z1", "does not exist"),
		Entry("a zone of AWS", declared(byID), &observed{zone: &zone{id: "Z1", name: "example.com.", linkedService: "servicediscovery.amazonaws.com"}},
			v1alpha1.ReasonConflict, "servicediscovery.amazonaws.com"),
		Entry("a zone of another name", declared(byID), &observed{zone: &zone{id: "Z1", name: "example.org."}}, v1alpha1.ReasonInvalidSpec, "example.org."),
		Entry("a private zone", declared(byID), &observed{zone: &zone{id: "Z1", name: "example.com.", private: true}}, v1alpha1.ReasonInvalidSpec, "private"),
	)

	It("never deletes a zone that others own, nor one that is in use", func() {
		obj := declared()
		obj.DeletionTimestamp = new(metav1.Now())
		for _, o := range []*observed{
			{},
			{zone: there("Z1", "")},
			{ours: true, zone: marked(""), leftovers: make([]types.ResourceRecordSet, 1)},
			{ours: true, zone: marked(""), dependents: make([]v1alpha1.RecordSet, 1)},
		} {
			Expect(kind.Diff(obj, o)).To(BeEmpty())
		}
		changes, err := kind.Diff(obj, &observed{ours: true, zone: marked("")})
		Expect(err).NotTo(HaveOccurred())
		Expect(steps(lifecycle.PlanOf(changes))).To(Equal([]string{"Delete  →"}))
	})
})

var _ = Describe("Claim", func() {
	It("adds what is about to be written to what was before", func() {
		obj := declared(withComment("c"), withTags("team=a"), managing("comment", "tags.stage"))
		kind.Claim(obj, nil, nil)
		Expect(obj.Status.ManagedFields).To(Equal([]string{"comment", "tags.stage", "tags.team"}))
	})
})

var _ = Describe("A caller reference", func() {
	It("is the object's own, and another one for each zone that was lost", func() {
		obj := declared()
		Expect(callerReference(obj)).To(Equal("uid"))
		obj.Status.ID = "Z1"
		Expect(callerReference(obj)).To(Equal("uid/Z1"))
		obj.UID, obj.Status.ID = "01234567-89ab-cdef-0123-456789abcdef", "Z"+strings.Repeat("X", 31)
		Expect(len(callerReference(obj))).To(BeNumerically("<=", 128))
	})
})

var _ = Describe("An owner", func() {
	It("is read from the tags that mark it", func() {
		owner, owned := awsclient.OwnerOf(marked("").tags)
		Expect(owned).To(BeTrue())
		Expect(owner).To(Equal(kind.owner(declared())))
	})
})

var _ = Describe("Key signing keys that are no longer declared", func() {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	// exchanged is a zone whose two keys have given way to a third, and that no parent vouches for any more.
	exchanged := func(obj *v1alpha1.HostedZone) {
		obj.Spec.DNSSEC = &v1alpha1.DNSSEC{KeySigningKeys: []v1alpha1.KeySigningKey{{Name: "new", KMSKeyARN: "k3"}}}
		obj.Status.ManagedFields = []string{fieldDNSSEC, fieldSigningKey + "one", fieldSigningKey + "two"}
		long := metav1.NewTime(now.Add(-100 * time.Hour))
		obj.Status.DNSSEC = &v1alpha1.DNSSECStatus{KeySigningKeys: []v1alpha1.KeySigningKeyStatus{{Name: "one", OutOfParentSince: &long}, {Name: "two", OutOfParentSince: &long}}}
	}
	key := func(name, kms, status string) types.KeySigningKey {
		return types.KeySigningKey{Name: &name, KmsArn: &kms, Status: &status}
	}

	// Route 53 keeps the last active key of a signed zone, so that the one that makes room for the new one must be another.
	DescribeTable("go, the one first that does not sign", func(first, second, begin string) {
		z := marked("")
		z.dnssec = &dnssec{state: signing, keys: []types.KeySigningKey{key("one", "k1", first), key("two", "k2", second)}}
		changes, err := kind.Diff(declared(exchanged), &observed{ours: true, zone: z, now: now})
		Expect(err).NotTo(HaveOccurred())
		Expect(steps(lifecycle.PlanOf(changes))[0]).To(Equal(begin))
	},
		Entry("the second", active, inactive, "Update dnssec.keySigningKeys.two k2→"),
		Entry("the first", inactive, active, "Update dnssec.keySigningKeys.one k1→"),
		Entry("either, when both sign", active, active, "Update dnssec.keySigningKeys.one.status ACTIVE→INACTIVE"),
	)
})
