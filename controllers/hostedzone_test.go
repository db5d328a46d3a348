package controllers_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

var _ = Describe("HostedZone", func() {
	s := newStory()

	It("is created from a name alone", func(ctx context.Context) {
		s.StartManager(ctx)
		zone := Zone()
		s.Create(ctx, zone)
		s.ExpectReady(ctx, zone)

		id := s.OnlyZone()
		live := Get(ctx, s, zone)
		Expect(live.Status.ID).To(Equal(id))
		Expect(live.Status.NameServers).To(HaveLen(4))
		Expect(live.Status.ChangeID).To(BeEmpty())
		Expect(live.Status.ManagedFields).To(BeEmpty())
		Expect(live.Finalizers).To(ConsistOf(v1alpha1.Finalizer))
		Expect(s.AllTags(ctx, id)).To(ConsistOf("evenkeel.io/cluster="+ClusterID, "evenkeel.io/object=HostedZone/"+s.Namespace+"/zone"))
		Expect(s.Comment(ctx, id)).To(BeEmpty())
		Eventually(s.EventsOf(ctx, live)).Should(ContainElement("Created: Created hosted zone example.com."))
		s.ExpectQuiet(ctx)
	})
})
