package controllers_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// manifests are the Evenkeel objects of files, in order, exactly as they stand there.
func manifests(files ...string) []lifecycle.Object {
	GinkgoHelper()
	var objects []lifecycle.Object
	decoder := serializer.NewCodecFactory(env.Client.Scheme(), serializer.EnableStrict).UniversalDeserializer()
	for _, file := range files {
		content, err := os.ReadFile(file)
		Expect(err).NotTo(HaveOccurred())
		documents := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(content)))
		for {
			document, err := documents.Read()
			if errors.Is(err, io.EOF) {
				break
			}
			Expect(err).NotTo(HaveOccurred())
			decoded, _, err := decoder.Decode(document, nil, nil)
			Expect(err).NotTo(HaveOccurred())
			if obj, ok := decoded.(lifecycle.Object); ok {
				objects = append(objects, obj)
			}
		}
	}
	return objects
}

// byName are objects by "namespace/name".
func byName(objects []lifecycle.Object) map[string]lifecycle.Object {
	named := map[string]lifecycle.Object{}
	for _, obj := range objects {
		named[obj.GetNamespace()+"/"+obj.GetName()] = obj
	}
	return named
}

var _ = Describe("An example", func() {
	s := newStory()

	It("of records of every type and routing policy works as it stands", func(ctx context.Context) {
		s.StartManager(ctx)
		objects := manifests("testdata/02-records.yaml")
		for _, obj := range objects {
			s.Create(ctx, obj)
		}
		s.ExpectReady(ctx, objects...)
		id := s.OnlyZone()
		Expect(s.Tags(ctx, id)).To(ConsistOf("team=platform"))
		Expect(s.Records(id)).To(ConsistOf(
			"www.example.com. A 300 192.0.2.10 192.0.2.11",
			`\052.example.com. A 60 192.0.2.99`,
			"www.example.com. AAAA 300 2001:db8::1",
			"example.com. MX 3600 10 mail1.example.com. 20 mail2.example.com.",
			`example.com. TXT 3600 "v=spf1 include:_spf.example.net ~all"`,
			"_sip._tcp.example.com. SRV 300 10 60 5060 sip.example.com.",
			`example.com. CAA 3600 0 issue "amazon.com"`,
			"10.2.0.192.rev.example.com. PTR 300 www.example.com.",
			`www.example.com. HTTPS 300 1 . alpn="h2,h3"`,
			"example.com. A alias "+id+" www.example.com.",
			"api.example.com. A blue 90 60 192.0.2.20",
			"api.example.com. A green 10 60 192.0.2.21",
			"app.example.com. A primary 0 30 192.0.2.30",
			"app.example.com. A secondary 0 30 192.0.2.31",
			"geo.example.com. A eu 0 60 192.0.2.40",
			"geo.example.com. A default 0 60 192.0.2.41",
			"near.example.com. A us 0 60 192.0.2.50",
			"any.example.com. A one 0 60 192.0.2.60",
		))
		Expect(s.Sim.HealthChecks()).To(HaveLen(1))
		s.ExpectQuiet(ctx)
		for _, obj := range objects {
			s.Delete(ctx, obj)
		}
		for _, obj := range objects {
			s.ExpectGone(ctx, obj)
		}
		Expect(s.Zones()).To(BeEmpty())
		Expect(s.Sim.HealthChecks()).To(BeEmpty())
	})

	It("of tenants and delegation does what its comments say", func(ctx context.Context) {
		tenant := s.NewNamespace(ctx)
		label := func(key string) {
			Edit(ctx, s, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: tenant}}, func(n *corev1.Namespace) { n.Labels[key] = "yes" })
		}
		label("dns")
		objects := manifests("testdata/05-tenants-and-delegation.yaml")
		example := byName(objects)
		for _, obj := range objects { // a story has namespaces of its own
			obj.SetNamespace(map[string]string{"platform": s.Namespace, "team-a": tenant}[obj.GetNamespace()])
			if record, ok := obj.(*v1alpha1.RecordSet); ok && record.Spec.HostedZoneRef.Namespace == "platform" {
				record.Spec.HostedZoneRef.Namespace = s.Namespace
			}
		}
		corp, lab := example["platform/corp"].(*v1alpha1.HostedZone), example["platform/lab"].(*v1alpha1.HostedZone)
		web, notAllowed := example["team-a/web"].(*v1alpha1.RecordSet), example["team-a/not-allowed"].(*v1alpha1.RecordSet)
		s.StartManager(ctx)
		s.Create(ctx, corp, web, lab)
		s.ExpectReady(ctx, corp, lab, web)
		id := Get(ctx, s, corp).Status.ID
		Expect(s.Records(id)).To(ConsistOf("web.team-a.corp.example. A 300 192.0.2.80", HavePrefix("lab.corp.example. NS ")))
		Expect(Get(ctx, s, lab)).To(HaveCondition("Delegated", metav1.ConditionTrue))
		s.ExpectSettled(ctx)

		By("not allowing the last record, without a call to AWS")
		s.Sim.ResetMeter()
		s.Create(ctx, notAllowed)
		Eventually(Live(ctx, s, notAllowed)).Should(And(HaveCondition("Ready", metav1.ConditionFalse),
			BeWaiting(v1alpha1.ReasonReferenceNotPermitted, strings.Join([]string{s.Namespace, "corp"}, "/"), "www.corp.example.")))
		Expect(s.Sim.Meter().Calls).To(BeEmpty())

		By("allowing it by a label")
		Edit(ctx, s, corp, func(z *v1alpha1.HostedZone) {
			z.Spec.AllowedRecordSets = append(z.Spec.AllowedRecordSets, v1alpha1.AllowedRecordSets{
				Namespaces: metav1.LabelSelector{MatchLabels: map[string]string{"www": "yes"}}, Names: []v1alpha1.NamePattern{"www"}})
		})
		s.ExpectReady(ctx, corp)
		s.ExpectSettled(ctx)
		Expect(Get(ctx, s, notAllowed)).To(BeWaiting(v1alpha1.ReasonReferenceNotPermitted))
		label("www")
		Eventually(Live(ctx, s, notAllowed)).WithTimeout(time.Second).Should(BeReady())
		s.ExpectQuiet(ctx)
	})
})
