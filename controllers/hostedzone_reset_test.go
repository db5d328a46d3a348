package controllers_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
	"github.com/evenkeel/evenkeel/hack/awssim"
)

var _ = Describe("A field removed from a HostedZone", func() {
	s := newStory()

	It("is reset although AWS refuses it at first", func(ctx context.Context) {
		s.StartManager(ctx)
		zone := Zone(WithTag("team", "platform"), WithTag("stage", "test"))
		s.Create(ctx, zone)
		s.ExpectReady(ctx, zone)
		s.Fail("ChangeTagsForResource", awssim.Throttle, 1)
		Edit(ctx, s, zone, func(z *v1alpha1.HostedZone) { delete(z.Spec.Tags, "stage") })
		s.ExpectReady(ctx, zone)
		Expect(s.Tags(ctx, s.OnlyZone())).To(ConsistOf("team=platform"))
	})
})
