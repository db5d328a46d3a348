package sequences

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// deaths are at every call and write of a zone's first turns.
func deaths(story func(ctx SpecContext, p *player, die func())) func(SpecContext) {
	return func(ctx SpecContext) {
		for step := range 16 {
			for _, after := range []bool{false, true} {
				By(fmt.Sprintf("dying at step %d, after it took effect: %t", step, after))
				p := newPlayer(ctx, 1)
				story(ctx, p, func() {
					p.Arm(step, after)
					p.turn(true, never)
					p.turn(true, never)
					p.restart()
					p.observe()
				})
				p.expectConverged(1)
				Expect(p.Close()).To(Succeed())
			}
		}
	}
}

func exampleZone() *v1alpha1.HostedZone {
	return &v1alpha1.HostedZone{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "one"}, Spec: v1alpha1.HostedZoneSpec{Name: "example.com", Comment: aws.String("mine")}}
}

var _ = Describe("A zone whose controller dies", func() {
	It("is made again when somebody deletes it before it is known", deaths(func(ctx SpecContext, p *player, die func()) {
		Expect(p.Create(exampleZone())).To(Succeed())
		die()
		for _, zone := range p.Sim.Zones() {
			p.ByHand(func() {
				_, err := p.Hand.DeleteHostedZone(ctx, &route53.DeleteHostedZoneInput{Id: &zone.ID})
				Expect(err).NotTo(HaveOccurred())
			})
		}
		Expect(p.settle(p.observe)).To(BeTrue())
		Expect(p.Sim.Zones()).To(HaveLen(1))
	}))

	It("is known, while its spec is refused", deaths(func(_ SpecContext, p *player, die func()) {
		zone := exampleZone()
		zone.Spec.DelegateFrom = &v1alpha1.Delegation{HostedZoneReference: v1alpha1.HostedZoneReference{Name: "two"}}
		Expect(p.Create(zone)).To(Succeed())
		die()
		parent := exampleZone() // no zone above it
		parent.Name, parent.Spec.ManagementPolicy = "two", v1alpha1.ManagementObserve
		Expect(p.Create(parent)).To(Succeed())
		Expect(p.settle(p.observe)).To(BeTrue())
		Expect(p.judge()).To(BeEmpty())
	}))

	It("is either taken over or left as it was", deaths(func(_ SpecContext, p *player, die func()) {
		p.makeForeignZone("example.com")
		zone := exampleZone()
		zone.Spec.AdoptionPolicy = v1alpha1.AdoptionAlways
		Expect(p.Create(zone)).To(Succeed())
		die()
		zone = p.hostedZones()[0]
		zone.Spec.AdoptionPolicy, zone.Spec.Comment = v1alpha1.AdoptionNever, nil
		Expect(p.Update(zone)).To(Succeed())
		Expect(p.settle(p.observe)).To(BeTrue())
		Expect(p.judge()).To(BeEmpty())
		Expect(p.Delete(zone)).To(Succeed())
	}))
})
