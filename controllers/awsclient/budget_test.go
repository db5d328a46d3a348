package awsclient

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

const (
	read  = "ListHostedZones"
	write = "UpdateHostedZoneComment"
)

// newTestLimiter never really waits: a wait in place moves the clock.
func newTestLimiter(clock *fakeClock, budget Budget, share float64) *limiter {
	GinkgoHelper()
	m, err := newMetrics(nil)
	Expect(err).NotTo(HaveOccurred())
	l := newLimiter("test", budget, Options{Clock: clock, Share: share, Patience: DefaultPatience}, m)
	l.sleep = func(_ context.Context, d time.Duration) error {
		clock.Advance(d)
		return nil
	}
	return l
}

// drain takes tokens until the next attempt would have to wait, and counts.
func drain(l *limiter, operation string) int {
	GinkgoHelper()
	defer func(patience time.Duration) { l.patience = patience }(l.patience)
	l.patience = math.MaxInt64 // nobody is refused, so nobody stands in line
	for n := 0; ; n++ {
		charges, wait, err := l.reserve(operation, nil)
		Expect(err).NotTo(HaveOccurred())
		if wait > 0 {
			l.abandon(charges)
			return n
		}
	}
}

func refusedFor(l *limiter, operation string) time.Duration {
	GinkgoHelper()
	_, _, err := l.reserve(operation, nil)
	var refused *BudgetError
	Expect(errors.As(err, &refused)).To(BeTrue(), "%v", err)
	return refused.RetryAfter
}

func changes(actions ...types.ChangeAction) *route53.ChangeResourceRecordSetsInput {
	batch := &types.ChangeBatch{}
	for _, action := range actions {
		batch.Changes = append(batch.Changes, types.Change{Action: action})
	}
	return &route53.ChangeResourceRecordSetsInput{ChangeBatch: batch}
}

var _ = Describe("the cost of Route 53 calls", func() {
	DescribeTable("is priced by what they change",
		func(input any, cost float64) { Expect(route53Cost(input)).To(Equal(cost)) },
		Entry("CREATE", changes(types.ChangeActionCreate), 1.0),
		Entry("DELETE", changes(types.ChangeActionDelete), 1.0),
		Entry("UPSERT", changes(types.ChangeActionUpsert), 2.0),
		Entry("a batch", changes(types.ChangeActionCreate, types.ChangeActionUpsert, types.ChangeActionDelete), 4.0),
		Entry("no batch", &route53.ChangeResourceRecordSetsInput{}, 0.0),
		Entry("CreateHostedZone", &route53.CreateHostedZoneInput{}, 2.0),
		Entry("DeleteHostedZone", &route53.DeleteHostedZoneInput{}, 2.0),
		Entry("a read", &route53.GetChangeInput{}, 0.0),
	)
})

type paid struct {
	at   float64 // seconds
	cost float64
}

// mostOver is by how much the worst window exceeds capacity + refill·t.
func mostOver(log []paid, rate Rate) float64 {
	worst := math.Inf(-1)
	for i := range log {
		sum := 0.0
		for j := i; j < len(log); j++ {
			sum += log[j].cost
			worst = max(worst, sum-rate.Capacity-rate.Refill*(log[j].at-log[i].at))
		}
	}
	return worst
}

// traffic drives a limiter with random callers, those that wait in place overlapping with others, and
// logs what was paid from each bucket at the moment the attempt went out.
type traffic struct {
	r       *rand.Rand
	clock   *fakeClock
	limiter *limiter
	waiting []promise
	log     map[string][]paid
}

type promise struct {
	due       time.Time
	operation string
	cost      float64
	charges   []charge
}

func (t *traffic) sent(operation string, cost float64) {
	at := t.clock.Now().Sub(newFakeClock().now).Seconds()
	for name, c := range map[string]float64{"account": 1, operation: 1, "throughput": cost} {
		t.log[name] = append(t.log[name], paid{at, c})
	}
}

func (t *traffic) pass(d time.Duration) {
	end := t.clock.Now().Add(d)
	slices.SortFunc(t.waiting, func(a, b promise) int { return a.due.Compare(b.due) })
	for len(t.waiting) > 0 && !t.waiting[0].due.After(end) {
		p := t.waiting[0]
		t.waiting = t.waiting[1:]
		t.clock.Advance(max(p.due.Sub(t.clock.Now()), 0))
		if t.r.IntN(10) == 0 {
			t.limiter.abandon(p.charges)
		} else if t.limiter.start(p.charges, p.operation) == nil {
			t.sent(p.operation, p.cost)
		}
	}
	t.clock.Advance(max(end.Sub(t.clock.Now()), 0))
}

func (t *traffic) call(operation string, input any) {
	charges, wait, err := t.limiter.reserve(operation, input)
	switch cost := route53Cost(input); {
	case err != nil:
	case wait == 0:
		t.sent(operation, cost)
	default:
		t.waiting = append(t.waiting, promise{t.clock.Now().Add(wait), operation, cost, charges})
	}
}

var _ = Describe("limiter", func() {
	var clock *fakeClock
	BeforeEach(func() { clock = newFakeClock() })

	It("never lets more through than capacity + refill·t, in any window, of any bucket", func() {
		for round := range 20 {
			r := rand.New(rand.NewPCG(uint64(GinkgoRandomSeed()), uint64(round)))
			budget := Route53Budget()
			budget.Throughput = Rate{60, 20}
			t := &traffic{r: r, clock: newFakeClock(), log: map[string][]paid{}}
			t.limiter = newTestLimiter(t.clock, budget, 0.5+r.Float64()/2)
			operations := []string{read, write, "GetHealthCheckStatus", "CreateHealthCheck", "ChangeResourceRecordSets"}
			for range 500 {
				operation := operations[r.IntN(len(operations))]
				var input any
				if operation == "ChangeResourceRecordSets" {
					input = changes(make([]types.ChangeAction, 1+r.IntN(20))...)
				}
				t.call(operation, input)
				switch r.IntN(40) {
				case 0:
					t.pass(time.Duration(r.IntN(8000)) * time.Millisecond)
				case 1:
					t.limiter.throttled(t.clock.Now(), operation, input, slowDown)
				default:
					t.pass(time.Duration(r.IntN(150)) * time.Millisecond)
				}
			}
			scaled := t.limiter.budget
			for name, log := range t.log {
				rate, listed := scaled.Operations[name]
				switch {
				case listed:
				case name == "account":
					rate = scaled.Account
				case name == "throughput":
					rate = scaled.Throughput
				default:
					rate = scaled.EachOperation
				}
				Expect(mostOver(log, rate)).To(BeNumerically("<=", 1e-6), "%s in round %d", name, round)
			}
		}
	})

	It("uses its share of AWS's limits and no more", func() {
		l := newTestLimiter(clock, Budget{Account: Rate{50, 10}}, 0.5)
		Expect(drain(l, write)).To(Equal(25))
		clock.Advance(time.Second)
		Expect(drain(l, write)).To(Equal(5))
		clock.Advance(time.Hour)
		Expect(drain(l, write)).To(Equal(25))
	})

	It("makes reads yield to writes", func() {
		l := newTestLimiter(clock, Budget{Account: Rate{50, 10}, WriteReserve: 0.2}, 1)
		Expect(drain(l, read)).To(Equal(40))
		Expect(drain(l, write)).To(Equal(10))
		clock.Advance(500 * time.Millisecond)
		Expect(drain(l, read)).To(BeZero())
		Expect(drain(l, write)).To(Equal(5))
	})

	It("gives single operations their own bucket", func() {
		l := newTestLimiter(clock, Route53Budget(), 1)
		Expect(drain(l, "GetHealthCheckStatus")).To(Equal(4))
		Expect(refusedFor(l, "GetHealthCheckStatus")).To(Equal(time.Second))
		Expect(drain(l, read)).To(Equal(36))
	})

	It("waits in place for tokens that come soon, and refuses at once otherwise", func(ctx SpecContext) {
		l := newTestLimiter(clock, Budget{Account: Rate{10, 4}}, 1)
		Expect(drain(l, write)).To(Equal(10))
		before := clock.Now()
		Expect(l.acquire(ctx, write, nil)).To(Succeed())
		Expect(clock.Now().Sub(before)).To(Equal(250 * time.Millisecond))

		l.patience = 249 * time.Millisecond
		before = clock.Now()
		err := l.acquire(ctx, write, nil)
		Expect(RetryAfter(err)).To(Equal(250 * time.Millisecond))
		Expect(clock.Now()).To(Equal(before))
	})

	It("reserves nothing for those it refuses", func() {
		refusing := newTestLimiter(clock, Budget{Account: Rate{10, 1}}, 1)
		Expect(drain(refusing, write)).To(Equal(10))
		for range 1000 {
			refusedFor(refusing, write)
		}
		clock.Advance(3 * time.Second)
		Expect(drain(refusing, write)).To(Equal(3))
	})

	It("tells those it refuses to come back one after the other", func() {
		l := newTestLimiter(clock, Budget{Account: Rate{10, 2}}, 1)
		drain(l, write)
		for n := range 5 {
			Expect(refusedFor(l, write)).To(Equal(time.Duration(n+1) * 500 * time.Millisecond))
		}
		for range 1000 {
			Expect(refusedFor(l, write)).To(BeNumerically("<=", longestLine+time.Second))
		}
	})

	It("does not have a small change wait for large ones", func() {
		l := newTestLimiter(clock, Route53Budget(), 1)
		large, small := changes(make([]types.ChangeAction, 400)...), changes(types.ChangeActionCreate)
		for range 3 {
			_, _, err := l.reserve(write, large)
			Expect(err).NotTo(HaveOccurred())
		}
		for n := range 5 {
			_, _, err := l.reserve(write, large)
			Expect(RetryAfter(err)).To(BeNumerically("~", 1*time.Second+time.Duration(n)*4*time.Second, 10*time.Millisecond))
		}
		_, _, err := l.reserve(write, changes(make([]types.ChangeAction, 300)...))
		Expect(err).NotTo(HaveOccurred())
		_, wait, err := l.reserve(write, small)
		Expect(err).NotTo(HaveOccurred())
		Expect(wait).To(Equal(10 * time.Millisecond))
	})

	It("sets changes aside for a call", func(ctx SpecContext) {
		l := newTestLimiter(clock, Route53Budget(), 1)
		large := changes(make([]types.ChangeAction, 1000)...)
		first, err := l.reserveThroughput(ctx, large)
		Expect(err).NotTo(HaveOccurred())
		_, err = l.reserveThroughput(ctx, large)
		Expect(RetryAfter(err)).To(Equal(5 * time.Second))

		By("not refilling on top of it")
		clock.Advance(time.Hour)
		Expect(l.throughput(large)[0].bucket.tokens).To(BeNumerically("==", 500))
		advanced := func() float64 {
			l.mu.Lock()
			defer l.mu.Unlock()
			l.advance()
			return l.throughput(large)[0].bucket.tokens
		}
		Expect(advanced()).To(BeNumerically("==", 500))

		By("spending it once, with the call")
		call := context.WithValue(ctx, reservationKey{}, first)
		Expect(l.acquire(call, "ChangeResourceRecordSets", large)).To(Succeed())
		Expect(advanced()).To(BeNumerically("==", 500))
		Expect(RetryAfter(l.acquire(call, "ChangeResourceRecordSets", large))).To(Equal(5 * time.Second))
		first.release()
		Expect(advanced()).To(BeNumerically("==", 500))

		By("giving it back when no call is made")
		clock.Advance(time.Hour)
		Expect(advanced()).To(BeNumerically("==", 1500))
		second, err := l.reserveThroughput(ctx, large)
		Expect(err).NotTo(HaveOccurred())
		Expect(advanced()).To(BeNumerically("==", 500))
		second.release()
		second.release()
		Expect(advanced()).To(BeNumerically("==", 1500))
	})

	It("does not refill on top of what a waiting attempt holds", func() {
		l := newTestLimiter(clock, Budget{Account: Rate{10, 100}, Operations: map[string]Rate{"CreateHealthCheck": {1, 5}}}, 1)
		_, wait, err := l.reserve("CreateHealthCheck", nil)
		Expect(err).NotTo(HaveOccurred())
		Expect(wait).To(BeZero())
		charges, wait, err := l.reserve("CreateHealthCheck", nil)
		Expect(err).NotTo(HaveOccurred())
		Expect(wait).To(Equal(200 * time.Millisecond))
		clock.Advance(wait)
		Expect(drain(l, write)).To(Equal(9))
		Expect(l.start(charges, write)).To(Succeed())
	})

	It("gives tokens back when the caller gives up waiting", func(ctx SpecContext) {
		l := newTestLimiter(clock, Budget{Account: Rate{10, 10}}, 1)
		drain(l, write)
		l.sleep = sleep
		canceled, cancel := context.WithCancel(ctx)
		cancel()
		Expect(l.acquire(canceled, write, nil)).To(MatchError(context.Canceled))
		clock.Advance(100 * time.Millisecond)
		Expect(drain(l, write)).To(Equal(1))
	})

	It("waits on a timer and holds no lock meanwhile", func(ctx SpecContext) {
		l := newTestLimiter(clock, Budget{Account: Rate{10, 20}}, 1)
		drain(l, write)
		l.sleep = func(ctx context.Context, d time.Duration) error {
			if _, _, err := l.reserve(read, nil); err != nil {
				return err
			}
			return sleep(ctx, d)
		}
		Expect(l.acquire(ctx, write, nil)).To(Succeed())
	})

	It("lets a call that costs more than the bucket go when it is full, and makes up for it", func() {
		l := newTestLimiter(clock, Budget{Throughput: Rate{10, 1}, Cost: route53Cost}, 1)
		big := changes(make([]types.ChangeAction, 25)...)
		_, wait, err := l.reserve(write, big)
		Expect(err).NotTo(HaveOccurred())
		Expect(wait).To(BeZero())
		_, _, err = l.reserve(write, big)
		Expect(RetryAfter(err)).To(Equal(25 * time.Second))
	})

	It("has flat 5 requests a second for old accounts", func() {
		l := newTestLimiter(clock, Route53LegacyBudget(), 1)
		Expect(drain(l, "CreateHostedZone")).To(Equal(5))
		clock.Advance(time.Second)
		Expect(drain(l, read)).To(Equal(4))
	})

	It("does not trust a clock that was set back", func() {
		l := newTestLimiter(clock, Budget{Account: Rate{10, 1}}, 1)
		drain(l, write)
		clock.Advance(-time.Hour)
		Expect(drain(l, write)).To(BeZero())
	})
})

// slowDown is what AWS says when it throttles.
const slowDown = "Route 53 GetChange: Rate exceeded"

var _ = Describe("a throttle by AWS", func() {
	var (
		clock *fakeClock
		l     *limiter
	)
	BeforeEach(func() {
		clock = newFakeClock()
		l = newTestLimiter(clock, Budget{Account: Rate{50, 10}}, 1)
	})

	It("empties the bucket and holds everyone back", func() {
		Expect(l.throttled(clock.Now(), read, nil, slowDown)).To(Equal(time.Second))
		Expect(refusedFor(l, write)).To(Equal(time.Second))
		clock.Advance(time.Second)
		Expect(drain(l, write)).To(Equal(5), "at half the refill")
	})

	It("holds back longer each time, and recovers", func() {
		for n, hold := range []time.Duration{1, 2, 4, 8, 16, 16} {
			got := l.throttled(clock.Now(), write, nil, slowDown)
			Expect(got).To(BeNumerically("~", hold*time.Second, hold*time.Second/4+time.Millisecond), "throttle %d", n)
			clock.Advance(time.Millisecond)
		}
		clock.Advance(2 * time.Minute)
		Expect(drain(l, write)).To(Equal(50))
		clock.Advance(time.Second)
		Expect(drain(l, write)).To(Equal(10), "at full refill")
	})

	It("is what those are told who are held back for it, and who have to wait for our own pace are not", func() {
		held := func() string {
			_, _, err := l.reserve(write, nil)
			var refused *BudgetError
			Expect(errors.As(err, &refused)).To(BeTrue())
			Expect(Message(err)).To(Equal(refused.Error()))
			return refused.Throttle
		}
		l.patience = 0
		drain(l, write)
		Expect(held()).To(BeEmpty())
		l.throttled(clock.Now(), read, nil, slowDown)
		Expect(held()).To(Equal(slowDown))
		clock.Advance(2 * time.Second)
		drain(l, write)
		Expect(held()).To(Equal(slowDown), "the budget is smaller for it")
		clock.Advance(time.Minute)
		drain(l, write)
		Expect(held()).To(BeEmpty())
	})

	It("counts attempts that were under way together as one", func() {
		sent := clock.Now()
		clock.Advance(50 * time.Millisecond)
		Expect(l.throttled(sent, write, nil, slowDown)).To(Equal(time.Second))
		for range 10 {
			clock.Advance(time.Millisecond)
			Expect(l.throttled(sent, write, nil, slowDown)).To(BeNumerically("<=", time.Second))
		}
	})

	It("also stops those that were waiting for tokens in place", func(ctx SpecContext) {
		drain(l, write)
		l.sleep = func(_ context.Context, d time.Duration) error {
			clock.Advance(d)
			l.throttled(clock.Now(), read, nil, slowDown)
			return nil
		}
		err := l.acquire(ctx, write, nil)
		Expect(Classify(err)).To(Equal(Throttled))
		Expect(RetryAfter(err)).To(Equal(time.Second))
	})
})

var _ = Describe("budgets from outside", func() {
	DescribeTable("are checked",
		func(b Budget, ok bool) {
			o := Options{Budgets: map[string]Budget{"route53": b}}
			Expect(o.complete() == nil).To(Equal(ok), fmt.Sprint(o.complete()))
		},
		Entry("published", Route53Budget(), true),
		Entry("legacy", Route53LegacyBudget(), true),
		Entry("default", DefaultBudget(), true),
		Entry("no refill", Budget{Account: Rate{Capacity: 5}}, false),
		Entry("negative operation", Budget{Operations: map[string]Rate{"X": {-1, 1}}}, false),
		Entry("everything reserved", Budget{Account: Rate{5, 5}, WriteReserve: 1}, false),
	)

	It("know a share above 0 and up to 1, and no patience", func() {
		for share, ok := range map[float64]bool{-1: false, 0: true, 0.5: true, 1: true, 1.1: false} {
			Expect((&Options{Share: share}).complete() == nil).To(Equal(ok), "%v", share)
		}
		o := Options{Patience: -1}
		Expect(o.complete()).To(Succeed())
		Expect(o.Patience).To(BeZero())
	})
})
