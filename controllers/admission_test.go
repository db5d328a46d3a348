package controllers_test

import (
	"context"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

// manifest is an object as a user writes it: what the Go types leave out is there too.
func manifest(kind, spec string) *unstructured.Unstructured {
	GinkgoHelper()
	obj := &unstructured.Unstructured{Object: map[string]any{"metadata": map[string]any{"name": "object", "namespace": "default"}}}
	obj.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(kind))
	var content map[string]any
	Expect(yaml.Unmarshal([]byte(spec), &content)).To(Succeed())
	obj.Object["spec"] = content
	return obj
}

// admit tries a manifest out, as `kubectl apply --dry-run=server` does.
func admit(ctx context.Context, kind, spec string) error {
	GinkgoHelper()
	return client.NewDryRunClient(env.Client).Create(ctx, manifest(kind, spec), &client.CreateOptions{
		Raw: &metav1.CreateOptions{FieldValidation: metav1.FieldValidationStrict, DryRun: []string{metav1.DryRunAll}},
	})
}

const (
	inZone = "hostedZoneRef: {name: zone}, "
	simple = inZone + "name: www, type: A, ttl: 60, resourceRecords: [192.0.2.1]"
)

// refuses is the body of a table whose manifests are refused, with advice.
func refuses(kind string) func(context.Context, string, string) {
	return func(ctx context.Context, spec, advice string) {
		err := admit(ctx, kind, "{"+spec+"}")
		Expect(apierrors.IsInvalid(err)).To(BeTrue(), "admitted: %v", err)
		Expect(err).To(MatchError(ContainSubstring(advice)))
	}
}

// accepts is the body of a table whose manifests are admitted.
func accepts(kind string) func(context.Context, string) {
	return func(ctx context.Context, spec string) { Expect(admit(ctx, kind, "{"+spec+"}")).To(Succeed()) }
}

var _ = Describe("Admission", func() {
	DescribeTable("refuses a RecordSet", refuses("RecordSet"),
		Entry("in no zone", "name: www, type: A, ttl: 60, resourceRecords: [192.0.2.1]", "give exactly one of spec.hostedZoneRef"),
		Entry("in two zones", simple+", hostedZoneID: Z0123456789", "give exactly one of spec.hostedZoneRef"),
		Entry("in a zone of no id", "hostedZoneID: example.com, name: www, type: A, ttl: 60, resourceRecords: [192.0.2.1]", "spec.hostedZoneID in body should match"),
		Entry("with values and an alias", simple+", aliasTarget: {recordSetRef: {name: other}}", "not both"),
		Entry("without content", inZone+"name: www, type: A", "give spec.resourceRecords (with spec.ttl) or spec.aliasTarget"),
		Entry("without values", inZone+"name: www, type: A, ttl: 60, resourceRecords: []", "at least 1 items"),
		Entry("without a TTL", inZone+"name: www, type: A, resourceRecords: [192.0.2.1]", "spec.ttl is required"),
		Entry("with a negative TTL", inZone+"name: www, type: A, ttl: -1, resourceRecords: [192.0.2.1]", "spec.ttl in body should be greater than or equal to 0"),
		Entry("with too long a TTL", inZone+"name: www, type: A, ttl: 2147483648, resourceRecords: [192.0.2.1]", "spec.ttl in body should be less than or equal to 2147483647"),
		Entry("with a TTL and an alias", inZone+"name: www, type: A, ttl: 60, aliasTarget: {recordSetRef: {name: other}}", "remove spec.ttl"),
		Entry("of type CNAME at the apex", inZone+`name: "@", type: CNAME, ttl: 60, resourceRecords: [example.org.]`, "use type A or AAAA with spec.aliasTarget"),
		Entry("of type CNAME with two values", inZone+"name: www, type: CNAME, ttl: 60, resourceRecords: [a., b.]", "keep one of spec.resourceRecords"),
		Entry("with an IPv4 address out of range", inZone+"name: www, type: A, ttl: 60, resourceRecords: [192.0.2.256]", "must be an IPv4 address in dotted form"),
		Entry("with an IPv4 address with leading zeros", inZone+"name: www, type: A, ttl: 60, resourceRecords: [192.0.2.01]", "must be an IPv4 address in dotted form"),
		Entry("with an IPv4 address of three parts", inZone+"name: www, type: A, ttl: 60, resourceRecords: [192.0.2]", "must be an IPv4 address in dotted form"),
		Entry("with an IPv4 address of five parts", inZone+"name: www, type: A, ttl: 60, resourceRecords: [192.0.2.1.1]", "must be an IPv4 address in dotted form"),
		Entry("with an IPv4 address that ends in a dot", inZone+"name: www, type: A, ttl: 60, resourceRecords: [192.0.2.1.]", "must be an IPv4 address in dotted form"),
		Entry("of type A with a host name", inZone+"name: www, type: A, ttl: 60, resourceRecords: [example.org]", "must be an IPv4 address in dotted form"),
		Entry("of type A with an IPv6 address", inZone+`name: www, type: A, ttl: 60, resourceRecords: ["2001:db8::1"]`, "must be an IPv4 address in dotted form"),
		Entry("of type AAAA with an IPv4 address", inZone+"name: www, type: AAAA, ttl: 60, resourceRecords: [192.0.2.1]", "must be an IPv6 address"),
		Entry("with a value twice", inZone+"name: www, type: A, ttl: 60, resourceRecords: [192.0.2.1, 192.0.2.1]", "Duplicate value"),
		Entry("of an unknown type", inZone+"name: www, type: ANAME, ttl: 60, resourceRecords: [a.]", "supported values"),
		Entry("with a wildcard in the middle of a name", inZone+`name: "a.*.b", type: A, ttl: 60, resourceRecords: [192.0.2.1]`, `write \052 if that is meant`),
		Entry("with a wildcard in a label", inZone+`name: "a*", type: A, ttl: 60, resourceRecords: [192.0.2.1]`, `write \052 if that is meant`),
		Entry("with two wildcards", inZone+`name: "*.*", type: A, ttl: 60, resourceRecords: [192.0.2.1]`, `write \052 if that is meant`),
		Entry("with a space in its name", inZone+`name: "a b", type: A, ttl: 60, resourceRecords: [192.0.2.1]`, "spec.name has a space"),
		Entry("with an umlaut in its name", inZone+`name: "grün", type: A, ttl: 60, resourceRecords: [192.0.2.1]`, "Punycode"),
		Entry("with an empty label", inZone+"name: a..b, type: A, ttl: 60, resourceRecords: [192.0.2.1]", "remove the extra dot"),
		Entry("without a name", inZone+`name: "", type: A, ttl: 60, resourceRecords: [192.0.2.1]`, "spec.name in body should be at least 1 chars long"),
		Entry("with a set identifier and no policy", simple+", setIdentifier: blue", "spec.setIdentifier and spec.routingPolicy go together"),
		Entry("with a policy and no set identifier", simple+", routingPolicy: {weighted: {weight: 1}}", "spec.setIdentifier and spec.routingPolicy go together"),
		Entry("with an empty policy", simple+", setIdentifier: blue, routingPolicy: {}", "give exactly one routing policy"),
		Entry("with too much weight", simple+", setIdentifier: blue, routingPolicy: {weighted: {weight: 256}}", "should be less than or equal to 255"),
		Entry("with a negative weight", simple+", setIdentifier: blue, routingPolicy: {weighted: {weight: -1}}", "should be greater than or equal to 0"),
		Entry("without a weight", simple+", setIdentifier: blue, routingPolicy: {weighted: {}}", "weight: Required value"),
		Entry("of type NS with a policy", inZone+"name: sub, type: NS, ttl: 60, resourceRecords: [a.], setIdentifier: blue, routingPolicy: {weighted: {weight: 1}}", "remove spec.routingPolicy and spec.setIdentifier"),
		Entry("of type NS at a wildcard", inZone+`name: "*.sub", type: NS, ttl: 60, resourceRecords: [a.]`, "name the delegated zone"),
		Entry("of type NS that is an alias", inZone+"name: sub, type: NS, aliasTarget: {recordSetRef: {name: other}}", "no aliases of type NS or SOA"),
		Entry("with an alias of nothing", inZone+"name: www, type: A, aliasTarget: {}", "give exactly one of aliasTarget.recordSetRef, aliasTarget.loadBalancerRef and aliasTarget.dnsName"),
		Entry("with an alias of a name without its zone", inZone+"name: www, type: A, aliasTarget: {dnsName: lb.example.org}", "give the hosted zone id of the target"),
		Entry("with an alias of two", inZone+"name: www, type: A, aliasTarget: {dnsName: lb.example.org, hostedZoneID: Z1, recordSetRef: {name: other}}", "give exactly one of aliasTarget.recordSetRef"),
		Entry("with an unknown policy", simple+", managementPolicy: Dream", "supported values"),
	)

	DescribeTable("accepts a RecordSet", accepts("RecordSet"),
		Entry("at the apex", inZone+`name: "@", type: A, ttl: 0, resourceRecords: [0.0.0.0, 255.255.255.255]`),
		Entry("with the longest TTL", inZone+"name: www, type: A, ttl: 2147483647, resourceRecords: [192.0.2.1]"),
		Entry("with a wildcard", inZone+`name: "*", type: A, ttl: 60, resourceRecords: [192.0.2.1]`),
		Entry("with a wildcard and a full name", inZone+`name: "*.dev.example.com.", type: A, ttl: 60, resourceRecords: [192.0.2.1]`),
		Entry("with an escaped asterisk", inZone+`name: 'a.\052.b', type: A, ttl: 60, resourceRecords: [192.0.2.1]`),
		Entry("with underscores", inZone+"name: _sip._tcp, type: SRV, ttl: 60, resourceRecords: [0 0 5060 sip]"),
		Entry("with a mapped IPv6 address", inZone+`name: www, type: AAAA, ttl: 60, resourceRecords: ["::ffff:192.0.2.1", "::"]`),
		Entry("with a long text", inZone+"name: www, type: TXT, ttl: 60, resourceRecords: ["+strings.Repeat("x", 4000)+"]"),
		Entry("with a text of quotes", inZone+`name: www, type: TXT, ttl: 60, resourceRecords: ['"one" "two"', 'say "hi"', 'a;b, c: d']`),
		Entry("with no weight at all", simple+", setIdentifier: blue, routingPolicy: {weighted: {weight: 0}}"),
		Entry("with an alias at the apex", inZone+`name: "@", type: AAAA, aliasTarget: {dnsName: dualstack.lb.example.org., hostedZoneID: Z1, evaluateTargetHealth: false}`),
		Entry("of type CNAME that is an alias", inZone+"name: www, type: CNAME, aliasTarget: {recordSetRef: {name: other}}"),
		Entry("in a zone by its id, with all policies", "hostedZoneID: Z0123456789ABCDEFGHIJ, name: www, type: A, ttl: 60, resourceRecords: [192.0.2.1], managementPolicy: Plan, adoptionPolicy: Always, deletionPolicy: Retain"),
	)

	DescribeTable("refuses a HostedZone", refuses("HostedZone"),
		Entry("of a top-level domain", "name: com", "at least two labels"),
		Entry("of a wildcard", `name: "*.example.com"`, "without spaces or '*'"),
		Entry("with a space in its name", `name: "exam ple.com"`, "without spaces or '*'"),
		Entry("with an empty label", "name: example..com", "at least two labels of 1 to 63 characters"),
		Entry("with too long a label", "name: "+strings.Repeat("a", 64)+".com", "at least two labels of 1 to 63 characters"),
		Entry("with too long a comment", "name: example.com, comment: "+strings.Repeat("x", 257), "may not be more than 256"),
		Entry("with a tag of AWS", `name: example.com, tags: {"aws:team": a}`, "choose another key"),
		Entry("with a tag of ours", `name: example.com, tags: {"evenkeel.io/cluster": a}`, "choose another key"),
		Entry("with an empty tag key", `name: example.com, tags: {"": a}`, "tag keys must have 1 to 128 characters"),
		Entry("with too long a tag key", "name: example.com, tags: {"+strings.Repeat("k", 129)+": a}", "tag keys must have 1 to 128 characters"),
		Entry("adopting a name", "name: example.com, adopt: {id: example.com}", "spec.adopt.id in body should match"),
		Entry("with an unknown policy", "name: example.com, deletionPolicy: Forget", "supported values"),
	)

	DescribeTable("accepts a HostedZone", accepts("HostedZone"),
		Entry("with a trailing dot and capitals", "name: Example.COM."),
		Entry("in Punycode", "name: xn--mnchen-3ya.example.com"),
		Entry("of reverse addresses", "name: 2.0.192.in-addr.arpa"),
		Entry("with an empty comment and a tag without a value", `name: example.com, comment: "", tags: {"a b/c:d": ""}`),
		Entry("with the longest comment", "name: example.com, comment: "+strings.Repeat("x", 256)),
	)

	Context("of a change", func() {
		s := newStory()

		It("refuses another name for a zone, and says what to do instead", func(ctx context.Context) {
			zone := Zone()
			s.Create(ctx, zone)
			err := s.Client.Patch(ctx, zone.DeepCopy(), client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"name":"example.org"}}`)))
			Expect(err).To(MatchError(ContainSubstring("Create another HostedZone with the new name")))
			Edit(ctx, s, zone, func(z *v1alpha1.HostedZone) { z.Spec.Name = "EXAMPLE.com." })
		})

		It("refuses another zone to adopt, and says what to do instead", func(ctx context.Context) {
			zone := Zone(Adopting("Z0123456789"))
			s.Create(ctx, zone)
			err := s.Client.Patch(ctx, zone.DeepCopy(), client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"adopt":{"id":"Z9876543210"}}}`)))
			Expect(err).To(MatchError(ContainSubstring("delete this HostedZone with deletionPolicy Retain and create a new one")))
		})

		It("begins with a status that says nothing has been looked at", func(ctx context.Context) {
			zone, record := Zone(), RecordSet("www", "www")
			s.Create(ctx, zone, record)
			Expect(Get(ctx, s, zone).Status.ObservedGeneration).To(BeEquivalentTo(-1))
			Expect(Get(ctx, s, record).Status.ObservedGeneration).To(BeEquivalentTo(-1))
		})
	})
})
