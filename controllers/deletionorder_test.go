package controllers_test

import (
	"context"
	"math/rand/v2"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// exampleIn reads the objects of an example, into a namespace. The ConfigMap that one of them reads is made at once.
func exampleIn(ctx context.Context, s *Story, file string) []lifecycle.Object {
	GinkgoHelper()
	objects := manifests(filepath.Join("testdata", file))
	for _, obj := range objects {
		obj.SetNamespace(s.Namespace)
		if record, ok := obj.(*v1alpha1.RecordSet); ok && record.Spec.HostedZoneRef != nil {
			record.Spec.HostedZoneRef.Namespace = ""
		}
	}
	if file == "04-auto-scaling-group.yaml" {
		s.MakeTopic(ctx, "ops")
		Expect(s.Client.Create(ctx, &corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{Namespace: s.Namespace, Name: "workers-boot"}, Data: map[string]string{"user-data": "#!/bin/sh\n"},
		})).To(Succeed())
	}
	return objects
}

// As `kubectl delete -f` does it: each object is deleted at once, in whatever order, and nobody waits for another.
var _ = Describe("The objects of an example", func() {
	s := newStory()
	var random *rand.Rand
	BeforeEach(func() { random = rand.New(rand.NewPCG(uint64(GinkgoRandomSeed()), 1)) })

	shuffled := func(objects []lifecycle.Object) []client.Object {
		var all []client.Object
		var order []string
		for _, i := range random.Perm(len(objects)) {
			all = append(all, objects[i])
			order = append(order, objects[i].GetObjectKind().GroupVersionKind().Kind+" "+objects[i].GetName())
		}
		By("in the order " + strings.Join(order, ", "))
		return all
	}
	expectNothingLeft := func(ctx context.Context, deleted []client.Object) {
		GinkgoHelper()
		s.ExpectGone(ctx, deleted...)
		for _, list := range []client.ObjectList{&v1alpha1.HostedZoneList{}, &v1alpha1.RecordSetList{}, &v1alpha1.LoadBalancerList{}, &v1alpha1.AutoScalingGroupList{}} {
			Eventually(func(g Gomega) { // those too that the controllers made
				g.Expect(s.Client.List(ctx, list, client.InNamespace(s.Namespace))).To(Succeed())
				g.Expect(list).To(HaveField("Items", BeEmpty()))
			}).Should(Succeed())
		}
		Expect(s.Zones()).To(BeEmpty())
		Expect(s.Sim.HealthChecks()).To(BeEmpty())
		Expect(s.LoadBalancers(ctx)).To(BeEmpty())
		Expect(groupsIn(ctx, s)).To(BeEmpty())
		Expect(certificatesOf(ctx, s)).To(BeEmpty())
		Expect(s.AutoScalingGroups(ctx)).To(BeEmpty())
		Expect(s.State()).NotTo(ContainSubstring(s.Namespace+"/"), "the ownership tag of every resource names the object's namespace")
	}

	for _, file := range []string{
		"01-walkthrough.yaml", "02-records.yaml", "application-load-balancer.yaml", "network-load-balancer.yaml",
		"04-auto-scaling-group.yaml", "05-tenants-and-delegation.yaml",
	} {
		It("of "+file+" are deleted in any order once they are Ready", func(ctx context.Context) {
			s.StartManager(ctx)
			objects := exampleIn(ctx, s, file)
			s.Create(ctx, shuffled(objects)...)
			s.ExpectReady(ctx, objects...)
			Expect(s.State()).To(ContainSubstring(s.Namespace + "/"))
			deleted := shuffled(objects)
			s.Delete(ctx, deleted...)
			Expect(s.Client.DeleteAllOf(ctx, &corev1.ConfigMap{}, client.InNamespace(s.Namespace))).To(Succeed())
			expectNothingLeft(ctx, deleted)
		})

		It("of "+file+" are deleted in any order while they are being made", func(ctx context.Context) {
			s.StartManager(ctx)
			objects := exampleIn(ctx, s, file)
			s.Create(ctx, shuffled(objects)...)
			half := objects[random.IntN(len(objects))]
			Eventually(Live(ctx, s, half)).Should(HaveField("CommonStatus().Conditions", Not(BeEmpty())))
			deleted := shuffled(objects)
			s.Delete(ctx, deleted...)
			Expect(s.Client.DeleteAllOf(ctx, &corev1.ConfigMap{}, client.InNamespace(s.Namespace))).To(Succeed())
			expectNothingLeft(ctx, deleted)
		})
	}
})
