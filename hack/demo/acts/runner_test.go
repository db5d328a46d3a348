package acts

import (
	"context"
	"errors"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/demo/record"
)

var _ = Describe("The runner", func() {
	var world *World
	var heard []string
	var runner Runner
	BeforeEach(func() {
		world, heard = &World{Recorder: record.NewRecorder(time.Now(), "", "")}, nil
		runner = Runner{World: world, Tell: func(text string) { heard = append(heard, text) },
			Patience: 50 * time.Millisecond, Look: time.Millisecond, Calm: 5 * time.Millisecond}
	})
	// fail sends a request that fails.
	fail := func(context.Context, *Play) error {
		world.Recorder.Request(time.Now(), time.Now(), "", "HTTP 503")
		return nil
	}
	soon := func() Condition {
		tried := 0
		return func(context.Context, *Play) error {
			if tried++; tried < 3 {
				return errNotYet
			}
			return nil
		}
	}
	never := func(context.Context, *Play) error { return errors.New("nobody looked") }
	none := func(*Play) record.Bound { return record.NoneFail("it is drained") }

	It("waits until the act is noticed and healed, and counts what was sent since", func(ctx SpecContext) {
		then := false
		Expect(fail(ctx, nil)).To(Succeed()) // before the act
		result, err := runner.Run(ctx, Act{
			Name: "An act", NoticedBy: "somebody", Do: fail, Noticed: soon(), Healed: soon(),
			Then:    func(context.Context, *Play) error { then = true; return nil },
			Outcome: func(context.Context, *Play) (string, error) { return "All is well.", nil },
			Bound:   func(p *Play) record.Bound { return record.AllFail(len(p.sent(p.Struck)), "cut off") },
		})
		Expect(err).NotTo(HaveOccurred())
		Expect(then).To(BeTrue())
		Expect(result).To(And(HaveField("Problem", ""), HaveField("Sent", 1), HaveField("Failed", 1),
			HaveField("Bound.Most", 1), HaveField("Outcome", "All is well.")))
		Expect(result.Struck).To(BeNumerically("<", result.Noticed))
		Expect(result.Noticed).To(BeNumerically("<", result.Healed))
		Expect(result.Healed).To(BeNumerically("<", result.Ended))
		Expect(heard).To(HaveExactElements(MatchRegexp(`^noticed after 0\.\d s: somebody$`)))
		Expect(world.Recorder.Recording(time.Now()).Acts).To(HaveExactElements(result))
	})

	DescribeTable("says why an act did not pass", func(ctx SpecContext, change func(*Act), problem string) {
		act := Act{Do: fail, Noticed: soon(), Healed: soon(), Bound: func(*Play) record.Bound { return record.AllFail(1, "") }}
		change(&act)
		result, err := runner.Run(ctx, act)
		Expect(err).NotTo(HaveOccurred())
		Expect(result.Problem).To(Equal(problem))
		Expect(world.Recorder.Recording(time.Now()).Acts).To(HaveLen(1), "it is in the table all the same")
	},
		Entry("it cannot be done", func(a *Act) { a.Do = never }, "it could not be done: nobody looked"),
		Entry("nobody notices", func(a *Act) { a.Noticed = never }, "nobody noticed within 50ms: nobody looked"),
		Entry("it does not heal", func(a *Act) { a.Healed = all(soon(), never) }, "it did not heal within 50ms: nobody looked"),
		Entry("what comes after fails", func(a *Act) { a.Then = never }, "nobody looked"),
		Entry("the outcome is wrong", func(a *Act) {
			a.Outcome = func(context.Context, *Play) (string, error) { return "", errors.New("two load balancers") }
		}, "two load balancers"),
		Entry("too many requests fail", func(a *Act) { a.Bound = none }, "1 of 1 requests failed, and the act explains 0 (it is drained)"),
	)

	It("ends when it is told to", func(ctx SpecContext) {
		ending, end := context.WithCancelCause(ctx)
		_, err := runner.Run(ending, Act{Do: func(context.Context, *Play) error { end(errNotYet); return nil }, Noticed: never, Bound: none})
		Expect(err).To(MatchError(errNotYet))
	})
})

var _ = Describe("The acts", func() {
	It("each tell what happens, and have all that they need", func() {
		names := map[string]bool{}
		for _, act := range All() {
			Expect(names).NotTo(HaveKey(act.Name))
			names[act.Name] = true
			Expect(act.Told).To(HaveSuffix("."), act.Name)
			Expect(act.NoticedBy).NotTo(BeEmpty(), act.Name)
			for _, part := range []any{act.Do, act.Noticed, act.Healed, act.Outcome, act.Bound} {
				Expect(part).NotTo(BeNil(), act.Name)
			}
		}
	})
})

var _ = Describe("Work", func() {
	DescribeTable("is shared by all instances", func(work, instances int, want float64) {
		Expect(cpu(int64(work), instances)).To(BeNumerically("~", want, 0.1))
	},
		Entry("two at 95 %", 190, 2, 95.0), Entry("a third takes its part", 190, 3, 63.3), Entry("no more than all of it", 190, 1, 100.0))
})

var _ = Describe("Shares", func() {
	It("are what instances answered of the last seconds' requests", func() {
		world := &World{Recorder: record.NewRecorder(time.Now().Add(-time.Minute), "", "")}
		Expect(world.shareOf([]string{"i-a"})).To(Equal(1.0), "nothing is known: it may be all")
		at := time.Now().Add(-2 * time.Second)
		for _, id := range []string{"i-a", "i-b", "i-b", "i-c"} {
			world.Recorder.Request(at, at, id, "")
		}
		old := time.Now().Add(-20 * time.Second)
		world.Recorder.Request(old, old, "i-a", "")
		Expect(world.shareOf([]string{"i-a", "i-b"})).To(Equal(0.75))
	})
})
