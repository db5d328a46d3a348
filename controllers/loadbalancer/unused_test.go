package loadbalancer

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

var _ = Describe("A target group that nothing uses", func() {
	It("counts from the first look at which nothing used it, until something does", func() {
		var u unused
		Expect(u.look("a", true, midnight)).To(BeZero())
		Expect(u.look("a", false, midnight.Add(time.Second))).To(Equal(midnight.Add(time.Second)))
		Expect(u.look("a", false, midnight.Add(time.Minute))).To(Equal(midnight.Add(time.Second)))
		Expect(u.look("a", true, midnight.Add(2*time.Minute))).To(BeZero())
		Expect(u.look("a", false, midnight.Add(3*time.Minute))).To(Equal(midnight.Add(3 * time.Minute)))
		u.forget("a")
		Expect(u.look("a", false, midnight.Add(4*time.Minute))).To(Equal(midnight.Add(4 * time.Minute)))
	})

	It("keeps its targets for a while", func(ctx SpecContext) {
		k := &Kind{Pauses: lifecycle.Pauses{Poll: time.Second}}
		o := &observed{now: midnight}
		o.groups = []*targetGroup{{arn: "a"}}
		for _, step := range []struct {
			after    time.Duration
			released bool
		}{{0, false}, {graceInPolls*time.Second - 1, false}, {graceInPolls * time.Second, true}} {
			o.now = midnight.Add(step.after)
			Expect(observeUse(ctx, k, nil, o)).To(Succeed())
			Expect(o.groups[0].released).To(Equal(step.released), step.after.String())
		}
	})
})
