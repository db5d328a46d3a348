package sequences

import (
	"flag"
	"math/rand/v2"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

var (
	sequences    = flag.Int("sequences", 200, "how many random sequences to play")
	sequenceSeed = flag.Uint64("sequence-seed", 0, "play only the sequence of this seed")
)

func newPlayer(ctx SpecContext, seed uint64) *player {
	p := &player{world: newWorld(ctx, seed), books: newBooks(), random: rand.New(rand.NewPCG(seed, 2))}
	for _, id := range vpcs[1:] {
		p.Sim.AddVPC(frame.VPC{ID: id, Region: "us-east-1", Account: frame.DefaultAccount})
	}
	p.Sim.AddVPC(frame.VPC{ID: "vpc-0partner", Region: "us-east-1", Account: "999999999999"})
	return p
}

// play plays the sequence of a seed.
func play(ctx SpecContext, seed uint64) {
	p := newPlayer(ctx, seed)
	defer func() { Expect(p.Close()).To(Succeed()) }()
	if *sequenceSeed != 0 {
		p.Trace = func(what string) { p.note("%s", what) }
	}
	for range 8 + p.random.IntN(20) {
		p.step()
		for range p.random.IntN(4) {
			p.turn(p.chance(5), func() bool { return p.chance(4) })
			p.observe()
		}
		if p.IsDead() {
			p.restart()
		}
	}
	p.expectConverged(seed)
	if p.chance(3) {
		p.deleteAll()
		p.expectConverged(seed)
		Expect(p.hostedZones()).To(BeEmpty(), "seed %d", seed)
		Expect(p.recordSets()).To(BeEmpty(), "seed %d", seed)
	}
}

// expectConverged waits for the world to come to rest and judges it.
func (p *player) expectConverged(seed uint64) {
	GinkgoHelper()
	Expect(p.settle(p.observe)).To(BeTrue(), "seed %d never comes to rest\n%s\n%s", seed, strings.Join(p.log, "\n"), p.standing())
	Expect(p.judge()).To(BeEmpty(), "seed %d: -sequence-seed=%d plays it again\n%s\n%s", seed, seed, strings.Join(p.log, "\n"), p.standing())
	standing := p.standing()
	writes, calls := p.Counts()
	p.turn(true, never)
	p.turn(true, never)
	nowWrites, nowCalls := p.Counts()
	switch { // what AWS refuses is tried again from time to time
	case strings.Contains(standing, "Route 53 refuses"):
		return
	case strings.Contains(standing, "{Stalled True"):
		nowCalls = calls
	}
	Expect([]int{nowWrites, nowCalls}).To(Equal([]int{writes, calls}),
		"seed %d: writes to the API server, or to AWS, though nothing changed\n%s\n%s\n%s", seed, strings.Join(p.log, "\n"), standing, p.standing())
}

// deleteAll deletes everything, with leave to delete what is not ours in it.
func (p *player) deleteAll() {
	p.note("delete everything")
	for _, zone := range p.hostedZones() {
		zone.Spec.ForceDestroy, zone.Spec.DeletionPolicy, zone.Spec.ManagementPolicy = aws.Bool(true), v1alpha1.DeletionDelete, ""
		Expect(p.Update(zone)).To(Succeed())
		Expect(p.Delete(zone)).To(Succeed())
	}
	for _, record := range p.recordSets() {
		Expect(p.Delete(record)).To(Succeed())
	}
	p.observe()
}

var _ = Describe("Random sequences over zones and records", func() {
	It("end as declared, whatever happens on the way", func(ctx SpecContext) {
		if *sequenceSeed != 0 {
			play(ctx, *sequenceSeed)
			return
		}
		first := uint64(GinkgoRandomSeed())
		for i := range uint64(*sequences) {
			play(ctx, first+i)
		}
	})
})
