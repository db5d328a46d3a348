package controllers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// slow is the time that alarms and scaling policies are given.
const slow = 90 * time.Second

// applied is an example that has been applied.
type applied struct {
	s    *Story
	file string
	// objects are those of the file, as it has them; kinds are Evenkeel's among them.
	objects []*unstructured.Unstructured
	kinds   []lifecycle.Object
}

// applyExample applies a file as `kubectl apply --server-side` does, and waits until all is Ready.
func applyExample(ctx context.Context, s *Story, file string) *applied {
	GinkgoHelper()
	a := &applied{s: s, file: file}
	content, err := os.ReadFile(filepath.Join("testdata", file))
	Expect(err).NotTo(HaveOccurred())
	for document := range bytes.SplitSeq(content, []byte("\n---\n")) {
		obj := &unstructured.Unstructured{}
		Expect(yaml.Unmarshal(document, &obj.Object)).To(Succeed())
		obj.SetNamespace(s.Namespace)
		a.objects = append(a.objects, obj)
	}
	a.kinds = manifests(filepath.Join("testdata", file))
	for _, obj := range a.kinds {
		obj.SetNamespace(s.Namespace)
	}
	a.apply(ctx)
	s.ExpectReady(ctx, a.kinds...)
	return a
}

func (a *applied) apply(ctx context.Context) {
	GinkgoHelper()
	for _, obj := range a.objects {
		Expect(a.s.Client.Apply(ctx, client.ApplyConfigurationFromUnstructured(obj.DeepCopy()), client.FieldOwner("user"), client.ForceOwnership)).To(Succeed())
	}
}

// kindOf is the first of the file's objects of a kind.
func kindOf[T lifecycle.Object](a *applied) T {
	GinkgoHelper()
	for _, obj := range a.kinds {
		if found, ok := obj.(T); ok {
			return found
		}
	}
	Fail("the example has no such object")
	panic("unreachable")
}

// expectUnmoved applies the file again and expects that nothing changes.
func (a *applied) expectUnmoved(ctx context.Context) {
	GinkgoHelper()
	a.s.ExpectSettled(ctx)
	generations := func() (all []int64) {
		for _, obj := range a.kinds {
			all = append(all, Get(ctx, a.s, obj).GetGeneration())
		}
		return all
	}
	before := generations()
	a.apply(ctx)
	Expect(generations()).To(Equal(before))
	a.s.ExpectQuiet(ctx)
}

// expectLeavesNothing deletes everything at once, and expects that nothing is left in AWS.
func (a *applied) expectLeavesNothing(ctx context.Context) {
	GinkgoHelper()
	for _, obj := range a.objects {
		a.s.Delete(ctx, obj)
	}
	for _, obj := range a.kinds {
		a.s.ExpectGone(ctx, obj)
	}
	s := a.s
	Expect(s.Zones()).To(BeEmpty())
	Expect(s.AutoScalingGroups(ctx)).To(BeEmpty())
	Expect(s.LoadBalancers(ctx)).To(BeEmpty())
	Expect(groupsIn(ctx, s)).To(BeEmpty())
	Expect(s.SecurityGroups(ctx)).To(BeEmpty())
	Expect(s.LaunchTemplates(ctx)).To(BeEmpty())
}

// answeredBy asks for a page and tells which instance answered; "" is none.
func answeredBy(ctx context.Context, s *Story, url string) string {
	answer, err := Ask(ctx, s.Browser(true), url)
	if err != nil {
		return ""
	}
	var said struct{ InstanceID string }
	if text, ok := strings.CutPrefix(answer, "200 "); !ok || json.Unmarshal([]byte(text), &said) != nil {
		return ""
	}
	return said.InstanceID
}

// loaded sets the load of all instances that run.
func loaded(s *Story, percent float64) {
	GinkgoHelper()
	for _, one := range s.Sim.Instances() {
		if one.State == "running" {
			// One that ends at this moment needs no load.
			_ = s.Sim.LoadInstance(one.ID, percent)
		}
	}
}

var _ = Describe("An example with an AutoScalingGroup", func() {
	s := newForwardingStory()

	It("is a website that grows and shrinks with its load", func(ctx context.Context) {
		s.StartManager(ctx, ManagerOptions{Resync: soon})
		example := applyExample(ctx, s, "01-walkthrough.yaml")
		group, balancer := kindOf[*v1alpha1.AutoScalingGroup](example), kindOf[*v1alpha1.LoadBalancer](example)
		healthy := func() int64 { return Get(ctx, s, balancer).Status.TargetGroups[0].Healthy }
		Eventually(healthy).Should(BeEquivalentTo(1))
		example.expectUnmoved(ctx)
		only := s.OnlyAutoScalingGroup(ctx)
		for _, host := range []string{"mywebsite.com", "www.mywebsite.com"} {
			Eventually(answeredBy).WithArguments(ctx, s, "http://"+host+"/").Should(Equal(instancesOf(&only)[0]))
		}
		listening := s.SecurityGroups(ctx)
		Expect(listening).To(HaveLen(2))
		Expect(append(RulesOf(listening[0].IpPermissions), RulesOf(listening[1].IpPermissions)...)).To(ContainElement(MatchRegexp("^tcp 8080-8080 sg-")))

		By("growing under load, within its limits")
		Eventually(func() int64 {
			loaded(s, 95)
			return healthy()
		}).WithTimeout(slow).Should(BeEquivalentTo(5))
		Expect(s.OnlyAutoScalingGroup(ctx).Instances).To(HaveLen(5))
		answers := map[string]bool{}
		Eventually(func() int {
			answers[answeredBy(ctx, s, "http://www.mywebsite.com/")] = true
			return len(answers)
		}).Should(BeNumerically(">=", 3))

		By("shrinking when the load falls")
		Eventually(func() int64 {
			loaded(s, 5)
			return healthy()
		}).WithTimeout(slow).Should(BeEquivalentTo(1))
		s.ExpectReady(ctx, group, balancer)
		example.expectUnmoved(ctx)
		example.expectLeavesNothing(ctx)
	})

	It("is workers with a name that follows them", func(ctx context.Context) {
		s.MakeTopic(ctx, "ops")
		s.StartManager(ctx)
		example := applyExample(ctx, s, "04-auto-scaling-group.yaml")
		workers := kindOf[*v1alpha1.RecordSet](example)
		example.expectUnmoved(ctx)
		follows := func() {
			GinkgoHelper()
			Eventually(func(g Gomega) {
				g.Expect(s.Records(s.OnlyZone())).To(ConsistOf(recordOf(ctx, s, "workers.internal.example.", "15")))
			}).Should(Succeed())
		}
		follows()

		By("following the group as it grows")
		group, before := kindOf[*v1alpha1.AutoScalingGroup](example), len(s.OnlyAutoScalingGroup(ctx).Instances)
		// By its minimum: nothing loads its instances, so its policy takes back at once what only raises the desired capacity.
		Edit(ctx, s, group, func(o *v1alpha1.AutoScalingGroup) { o.Spec.MinSize += 2 })
		Eventually(func() int { return len(Get(ctx, s, group).Status.Addresses.PrivateIPv4) }).Should(BeNumerically(">", before))
		follows()
		s.ExpectReady(ctx, workers)
		example.expectLeavesNothing(ctx)
	})
})
