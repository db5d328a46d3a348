package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/miekg/dns"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

const zoneManifest = `
apiVersion: aws.evenkeel.io/v1alpha1
kind: HostedZone
metadata: {name: zone}
spec: {name: Example.com}
`

// manifests puts specs of RecordSets, named r0, r1, …, beside a zone.
func manifests(specs ...string) []object {
	GinkgoHelper()
	stream := zoneManifest
	for i, spec := range specs {
		stream += "---\napiVersion: aws.evenkeel.io/v1alpha1\nkind: RecordSet\nmetadata: {name: r" + string(rune('0'+i)) +
			"}\nspec: {hostedZoneRef: {name: zone}, " + spec + "}\n"
	}
	objects, err := decodeManifests(stream)
	Expect(err).NotTo(HaveOccurred())
	return objects
}

func questions(specs ...string) []question {
	GinkgoHelper()
	found, err := questionsOf(manifests(specs...))
	Expect(err).NotTo(HaveOccurred())
	return found
}

var _ = Describe("Questions of manifests", func() {
	DescribeTable("ask for a name and expect what is declared",
		func(spec, name string, values ...string) {
			Expect(questions(spec)).To(HaveExactElements(question{
				name: name, qtype: questions(spec)[0].qtype, choices: []choice{{ttl: 60, values: values, weight: 1}},
			}))
		},
		Entry("relative", `name: www, type: A, ttl: 60, resourceRecords: [192.0.2.2, 192.0.2.1]`, "www.example.com.", "192.0.2.1", "192.0.2.2"),
		Entry("apex", `name: "@", type: MX, ttl: 60, resourceRecords: [10 Mail.example.com.]`, "example.com.", "10 mail.example.com."),
		Entry("absolute", `name: WWW.example.com., type: CNAME, ttl: 60, resourceRecords: [other.example.com]`, "www.example.com.", "other.example.com."),
		Entry("IPv6 in another spelling", `name: six, type: AAAA, ttl: 60, resourceRecords: ["2001:DB8:0::1"]`, "six.example.com.", "2001:db8::1"),
		Entry("plain text", `name: txt, type: TXT, ttl: 60, resourceRecords: ['say "hi"; \o/']`, "txt.example.com.", `say "hi"; \o/`),
		Entry("quoted text in parts", `name: txt, type: TXT, ttl: 60, resourceRecords: ['"one " "two\040\"3\""']`, "txt.example.com.", `one two "3"`),
		Entry("octal escapes in names", `name: a\052b, type: A, ttl: 60, resourceRecords: [192.0.2.1]`, `a\042b.example.com.`, "192.0.2.1"),
		Entry("CAA", `name: "@", type: CAA, ttl: 60, resourceRecords: ['0 issue "Amazon.com"']`, "example.com.", `0 issue "Amazon.com"`),
	)

	It("follows aliases to what they answer with, in any order and over several steps", func() {
		found := questions(
			`name: a, type: A, aliasTarget: {recordSetRef: {name: r1}}`,
			`name: b, type: A, aliasTarget: {dnsName: C.example.com, hostedZoneID: Z1}`,
			`name: c, type: A, ttl: 5, resourceRecords: [192.0.2.3]`)
		for _, q := range found {
			Expect(q.choices).To(HaveExactElements(choice{ttl: 5, values: []string{"192.0.2.3"}, weight: 1}), q.name)
		}
	})

	It("says why an answer cannot be known", func() {
		found := questions(
			`name: a, type: A, aliasTarget: {dnsName: lb.amazonaws.com, hostedZoneID: Z1}`,
			`name: b, type: A, aliasTarget: {recordSetRef: {name: r2}}`,
			`name: c, type: A, aliasTarget: {recordSetRef: {name: r1}}`,
			`name: d, type: A, ttl: 5, resourceRecords: [192.0.2.3], managementPolicy: Plan`)
		Expect(found).To(HaveLen(4))
		Expect(found[0].unknown).To(ContainSubstring("lb.amazonaws.com., which is not among the manifests"))
		Expect(found[1].unknown).To(ContainSubstring("alias"), "a circle ends")
		Expect(found[3].unknown).To(ContainSubstring("Plan"))
	})

	It("puts weighted records of a name together", func() {
		found := questions(
			`name: api, type: A, ttl: 60, resourceRecords: [192.0.2.1], setIdentifier: blue, routingPolicy: {weighted: {weight: 30}}`,
			`name: api, type: A, ttl: 60, resourceRecords: [192.0.2.2], setIdentifier: green, routingPolicy: {weighted: {weight: 10}}`)
		Expect(found).To(HaveLen(1))
		Expect(found[0].choices).To(HaveLen(2))
		Expect(found[0].share(found[0].choices[0])).To(Equal(0.75))
	})

	It("asks for a name that only the wildcard has", func() {
		found := questions(
			`name: "*", type: A, ttl: 60, resourceRecords: [192.0.2.1]`,
			`name: anything, type: A, ttl: 60, resourceRecords: [192.0.2.2]`,
			`name: x.anything2, type: A, ttl: 60, resourceRecords: [192.0.2.2]`)
		Expect(found[0].name).To(Equal("anything3.example.com."))
	})

	It("knows every answer of the samples", func() {
		var stream strings.Builder
		for _, name := range []string{"hostedzone.yaml", "recordset.yaml"} {
			raw, err := os.ReadFile(filepath.Join("..", "..", "config", "samples", name))
			Expect(err).NotTo(HaveOccurred())
			stream.WriteString(string(raw) + "\n---\n")
		}
		objects, err := decodeManifests(stream.String())
		Expect(err).NotTo(HaveOccurred())
		found, err := questionsOf(objects)
		Expect(err).NotTo(HaveOccurred())
		Expect(len(found)).To(BeNumerically(">", 5))
		for _, q := range found {
			Expect(q.unknown).To(BeEmpty(), q.name)
			Expect(q.choices[0].values).NotTo(BeEmpty(), q.name)
		}
	})
})

var _ = Describe("Answers", func() {
	q := question{name: "www.example.com.", qtype: dns.TypeA, choices: []choice{{ttl: 60, values: []string{"192.0.2.1"}, weight: 1}}}

	It("must have the declared values and TTL", func() {
		Expect(compare(q, answer{ttl: 60, values: []string{"192.0.2.1"}})).To(BeEmpty())
		Expect(compare(q, answer{ttl: 61, values: []string{"192.0.2.1"}})).To(Equal("the TTL is 61, declared is 60"))
		Expect(compare(q, answer{ttl: 60, values: []string{"192.0.2.9"}})).To(Equal("declared is 192.0.2.1"))
		Expect(compare(q, answer{})).To(Equal("declared is 192.0.2.1"))
	})

	It("may stray from their weights only as chance does", func() {
		weighted := question{choices: []choice{{values: []string{"a"}, weight: 90}, {values: []string{"b"}, weight: 10}, {values: []string{"c"}}}}
		_, problem := judgeShares(weighted, []int{280, 20, 0})
		Expect(problem).To(BeEmpty())
		_, problem = judgeShares(weighted, []int{150, 150, 0})
		Expect(problem).To(ContainSubstring("a came 150 times of 300 instead of about 270"))
		_, problem = judgeShares(weighted, []int{270, 29, 1})
		Expect(problem).To(ContainSubstring("c came 1 times"), "weight 0 is never the answer")
	})

	It("counts records with the same content together", func() {
		twins := question{choices: []choice{{values: []string{"a"}, weight: 1}, {values: []string{"a"}, weight: 1}}}
		_, problem := judgeShares(twins, []int{300, 0})
		Expect(problem).To(BeEmpty())
	})
})
