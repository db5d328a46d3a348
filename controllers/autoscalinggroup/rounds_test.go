package autoscalinggroup

import (
	"math/rand/v2"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("Rounds", func() {
	It("are the same for all groups, whenever they come to rest", func() {
		r := rand.New(rand.NewPCG(uint64(GinkgoRandomSeed()), 9))
		start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
		all := rounds{start: start, period: 287 * time.Second}
		for range 1000 {
			now := start.Add(time.Duration(r.Int64N(int64(time.Hour))))
			wait := all.next(now)
			Expect(wait).To(And(BeNumerically(">", 0), BeNumerically("<=", all.period)))
			Expect(now.Add(wait).Sub(start) % all.period).To(BeZero())
		}
		Expect(all.next(start)).To(Equal(all.period))
	})
})
