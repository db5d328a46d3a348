package frame_test

import (
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

func TestFrame(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Frame")
}

var _ = Describe("The manual clock", func() {
	It("calls what falls due in the order of its time, and not what was stopped", func() {
		clock := frame.NewManualClock(time.Unix(0, 0))
		var called []string
		note := func(what string) func() {
			return func() { called = append(called, what+clock.Now().UTC().Format("@05")) }
		}
		clock.AfterFunc(2*time.Second, note("b"))
		clock.AfterFunc(time.Second, func() {
			note("a")()
			clock.AfterFunc(time.Second, note("c"))
		})
		stop := clock.AfterFunc(time.Second, note("never"))
		clock.AfterFunc(time.Minute, note("later"))
		stop()
		clock.Advance(3 * time.Second)
		Expect(called).To(Equal([]string{"a@01", "b@02", "c@02"}))
		Expect(clock.Now()).To(Equal(time.Unix(3, 0)))
	})
})

var _ = Describe("A limiter", func() {
	It("takes from every bucket or from none", func() {
		clock := frame.NewManualClock(time.Unix(0, 0))
		limiter := frame.NewLimiter(clock, frame.Rates{
			Account: &frame.Bucket{Capacity: 3, Refill: 1},
			Shared:  map[string]frame.Bucket{"changes": {Capacity: 10, Refill: 2}},
		})
		Expect(limiter.Take("1", "Op", []frame.Charge{{Bucket: "changes", Tokens: 11}})).To(BeFalse())
		Expect(limiter.Take("1", "Op", []frame.Charge{{Bucket: "changes", Tokens: 10}})).To(BeTrue())
		Expect(limiter.Take("1", "Op", []frame.Charge{{Bucket: "changes", Tokens: 1}})).To(BeFalse())
		Expect(limiter.Take("1", "Op", nil)).To(BeTrue())
		Expect(limiter.Take("1", "Op", nil)).To(BeTrue())
		Expect(limiter.Take("1", "Op", nil)).To(BeFalse())
		Expect(limiter.Take("2", "Op", nil)).To(BeTrue())
		clock.Advance(time.Second)
		Expect(limiter.Take("1", "Op", []frame.Charge{{Bucket: "changes", Tokens: 2}})).To(BeTrue())
	})
})

var _ = DescribeTable("A span", func(text string, span frame.Span, ok bool) {
	parsed, err := frame.ParseSpan(text)
	Expect(err == nil).To(Equal(ok))
	Expect(parsed).To(Equal(span))
},
	Entry(nil, "50ms", frame.Exactly(50*time.Millisecond), true),
	Entry(nil, "0", frame.Span{}, true),
	Entry(nil, "15s-1m", frame.Span{Min: 15 * time.Second, Max: time.Minute}, true),
	Entry(nil, "1m-15s", frame.Span{}, false),
	Entry(nil, "-5s", frame.Span{}, false),
	Entry(nil, "soon", frame.Span{}, false),
)

var _ = Describe("Latency", func() {
	It("has the median and the 99th percentile asked for", func() {
		random := frame.NewRandom(7)
		slow, most := 0, time.Duration(0)
		for range 10_000 {
			drawn := random.DrawLatency(frame.Latency{P50: 60 * time.Millisecond, P99: 400 * time.Millisecond})
			if drawn > 60*time.Millisecond {
				slow++
			}
			most = max(most, drawn)
		}
		Expect(slow).To(BeNumerically("~", 5000, 250))
		Expect(most).To(BeNumerically("~", 400*time.Millisecond, time.Millisecond))
		Expect(random.DrawLatency(frame.Latency{})).To(BeZero())
	})
})

var _ = Describe("JSON", func() {
	It("is sorted and leaves out what is not there", func() {
		type inner struct{ B, A *int }
		one := 1
		Expect(frame.StableJSON(map[string]any{"z": inner{A: &one}, "a": []any{}, "n": nil, "e": ""})).
			To(BeEquivalentTo("{\n  \"a\": [],\n  \"z\": {\n    \"A\": 1\n  }\n}"))
	})
})
