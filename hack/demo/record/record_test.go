package record

import (
	"time"
	"unicode/utf8"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("A recorder", func() {
	began := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	at := func(seconds float64) time.Time { return began.Add(time.Duration(seconds * float64(time.Second))) }

	It("counts requests between two moments, by when they were sent", func() {
		r := NewRecorder(began, "", "")
		r.Request(at(1), at(5), "i-a", "")
		r.Request(at(2), at(2.1), "i-a", "")
		r.Request(at(2.5), at(4), "", "timeout")
		r.Request(at(3), at(3.1), "i-b", "")
		found := r.Between(2*time.Second, 3*time.Second)
		Expect(found).To(HaveLen(2), "until the second moment, without it")
		Expect(found.Failed()).To(Equal(1))
		Expect(found.Failures()).To(Equal(map[string]int{"timeout": 1}))
		Expect(found.ByInstance()).To(Equal(map[string]int{"i-a": 1}))
	})

	It("hands out a copy", func() {
		r := NewRecorder(began, "a machine", "a command")
		r.Act(Result{Name: "first"})
		taken := r.Recording(at(9))
		r.Act(Result{Name: "second"})
		r.Converged(time.Second)
		Expect(taken.Acts).To(HaveLen(1))
		Expect(taken.Lasted).To(Equal(9 * time.Second))
		Expect(r.Recording(at(10)).Converged).To(Equal(time.Second))
	})

	It("keeps samples as they were", func() {
		r := NewRecorder(began, "", "")
		states := map[string]int{"healthy": 1}
		r.Sample(at(1), states, nil)
		states["healthy"] = 2
		Expect(r.Recording(at(2)).Samples[0]).To(Equal(Sample{At: time.Second, Instances: map[string]int{"healthy": 1}}))
	})
})

var _ = Describe("Bounds", func() {
	DescribeTable("of a share that fails", func(sent int, share float64, most int) {
		Expect(ShareFails(sent, share, "").Most).To(Equal(most))
	},
		Entry("half of 100, and three times a deviation of 5", 100, 0.5, 65),
		Entry("a quarter", 400, 0.25, 126),
		Entry("never more than were sent", 4, 0.5, 4),
		Entry("nothing sent, nothing failed", 0, 0.5, 0),
		Entry("all of it", 30, 1.0, 30),
	)

	healed := Result{Struck: time.Second, Healed: 3 * time.Second, Sent: 100}
	DescribeTable("judge", func(change func(*Result), problem string) {
		r := healed
		change(&r)
		if problem == "" {
			Expect(r.Judge()).To(BeEmpty())
			return
		}
		Expect(r.Judge()).To(Equal(problem))
	},
		Entry("none fails", func(r *Result) { r.Bound = NoneFail("it drains") }, ""),
		Entry("one too many", func(r *Result) { r.Failed, r.Bound = 1, NoneFail("it drains") },
			"1 of 100 requests failed, and the act explains 0 (it drains)"),
		Entry("as many as explained", func(r *Result) { r.Failed, r.Bound = 10, AllFail(10, "") }, ""),
		Entry("more than explained", func(r *Result) { r.Failed, r.Bound = 11, AllFail(10, "cut off") },
			"11 of 100 requests failed, and the act explains 10 (cut off)"),
		Entry("not healed", func(r *Result) { r.Healed = 0 }, "it did not heal"),
	)

	DescribeTable("of an even spread", func(counts map[string]int, even bool) {
		_, _, is := Spread(counts)
		Expect(is).To(Equal(even))
	},
		Entry("exact", map[string]int{"a": 50, "b": 50}, true),
		Entry("as chance has it", map[string]int{"a": 60, "b": 45, "c": 45}, true),
		Entry("one is left out", map[string]int{"a": 100, "b": 100, "c": 0}, false),
		Entry("one gets far more", map[string]int{"a": 150, "b": 50}, false),
		Entry("nothing was sent", map[string]int{}, false),
	)
})

var _ = Describe("The table", func() {
	results := []Result{
		{Name: "An instance dies", Struck: time.Second, Noticed: 3500 * time.Millisecond, Healed: 5 * time.Second, Sent: 120, Failed: 30, Bound: Bound{Most: 41}},
		{Name: "Somebody deletes a record, edits a listener and detaches a target group", Struck: time.Second, Sent: 7, Problem: "it did not heal"},
	}

	It("aligns, cuts long names to the width and marks what did not pass", func() {
		Expect(Table(results, 72)).To(HaveExactElements(
			"ACT                           NOTICED  HEALED  SENT  FAILED  ALLOWED",
			"An instance dies                2.5 s   4.0 s   120      30       41  ✓",
			"Somebody deletes a record, …        –       –     7       0        0  ✗",
		))
		for _, line := range Table(results, 79) {
			Expect(utf8.RuneCountInString(line)).To(BeNumerically("<=", 79))
		}
	})

	It("is Markdown for a page", func() {
		Expect(Markdown(results[:1])).To(HaveSuffix("|\n| An instance dies | 2.5 s | 4.0 s | 120 | 30 | 41 |\n"))
	})
})
