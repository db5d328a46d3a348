package autoscalinggroup

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/hack/awssim"
)

var _ = Describe("A controller that dies at any call or write", func() {
	f := newFleet()

	DescribeTable("brings a changed launch template to all instances, once", func(ctx context.Context, phase awssim.Phase) {
		f.create(ctx)
		images := []string{betterOne, goodImage}
		kills := 0
		for n := 1; ; n++ {
			before := len(f.history(ctx))
			f.edit(ctx, image(images[(n+1)%2]))
			died := f.killedUntil(ctx, n, phase, atRest)
			Expect(len(f.history(ctx))-before).To(Equal(1), "killed at step %d", n)
			Expect(f.history(ctx)[0].Status).To(BeEquivalentTo("Successful"))
			version := f.version(ctx)
			Expect(f.serving(ctx)).To(Equal(map[string]int{version: 3}))
			if !died {
				break
			}
			kills++
		}
		Expect(kills).To(BeNumerically(">", 5))
	},
		Entry("before it takes effect", awssim.Before),
		Entry("after it took effect", awssim.After),
	)

	DescribeTable("has a bad one rolled back, once", func(ctx context.Context, phase awssim.Phase) {
		f.create(ctx)
		kills := 0
		for n := 1; ; n++ {
			before := len(f.history(ctx))
			f.edit(ctx, image(missingOne))
			died := f.killedUntil(ctx, n, phase, stands(v1alpha1.ReasonRefreshFailed, "It was rolled back"))
			Expect(len(f.history(ctx))-before).To(Equal(1), "killed at step %d", n)
			Expect(f.history(ctx)[0].Status).To(BeEquivalentTo("RollbackSuccessful"))
			Expect(f.serving(ctx)).To(Equal(map[string]int{"1": 3}))
			f.edit(ctx, image(goodImage))
			f.settle(ctx)
			Expect(f.history(ctx)).To(HaveLen(before + 1))
			Expect(f.version(ctx)).To(Equal("1"))
			if !died {
				break
			}
			kills++
		}
		Expect(kills).To(BeNumerically(">", 5))
	},
		Entry("before it takes effect", awssim.Before),
		Entry("after it took effect", awssim.After),
	)

	DescribeTable("has one that a newer change overtakes cancelled, once", func(ctx context.Context, phase awssim.Phase) {
		f.create(ctx)
		images := []string{betterOne, bestOne, goodImage}
		kills := 0
		for n := 1; ; n++ {
			before := len(f.history(ctx))
			f.edit(ctx, resting(images[(2*n-2)%3]))
			f.until(ctx, stands(v1alpha1.ReasonReplacing, "under way"))
			f.edit(ctx, brisk(images[(2*n-1)%3]))
			died := f.killedUntil(ctx, n, phase, atRest)
			Expect(f.statuses(ctx)[:2]).To(Equal([]string{"Successful", "Cancelled"}), "killed at step %d", n)
			Expect(len(f.history(ctx))-before).To(Equal(2), "killed at step %d", n)
			Expect(f.serving(ctx)).To(Equal(map[string]int{f.version(ctx): 3}))
			if !died {
				break
			}
			kills++
		}
		Expect(kills).To(BeNumerically(">", 8))
	},
		Entry("before it takes effect", awssim.Before),
		Entry("after it took effect", awssim.After),
	)

	DescribeTable("deletes a group in the middle of one", func(ctx context.Context, phase awssim.Phase) {
		kills := 0
		for n := 1; ; n++ {
			f.create(ctx)
			f.edit(ctx, resting(betterOne))
			f.until(ctx, stands(v1alpha1.ReasonReplacing, "under way"))
			Expect(f.store.Delete(ctx, f.live(ctx))).To(Succeed())
			died := f.killedUntil(ctx, n, phase, gone)
			Expect(f.left(ctx)).To(BeEmpty(), "killed at step %d", n)
			if !died {
				break
			}
			kills++
		}
		Expect(kills).To(BeNumerically(">", 5))
	},
		Entry("before it takes effect", awssim.Before),
		Entry("after it took effect", awssim.After),
	)
})
