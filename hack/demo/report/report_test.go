package report

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/demo/record"
)

const s = time.Second

// recorded is a run of ten seconds in which an instance died.
func recorded() record.Recording {
	r := record.Recording{
		Began: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Machine: "a machine", Command: "make demo", Converged: 2 * s, Lasted: 9500 * time.Millisecond,
		Samples: []record.Sample{
			{At: 0, Calls: map[string]int{"route53": 4}},
			{At: 1 * s, Instances: map[string]int{"starting": 1}, Calls: map[string]int{"route53": 4, "ec2": 10}},
			{At: 1500 * time.Millisecond, Instances: map[string]int{"healthy": 1}, Calls: map[string]int{"route53": 6, "ec2": 10}},
			{At: 4 * s, Instances: map[string]int{"unhealthy": 1, "starting": 1}, Calls: map[string]int{"route53": 6, "ec2": 25}},
		},
		Acts: []record.Result{{
			Name: "An <instance> dies", Told: "It dies.", NoticedBy: "the health check", Outcome: "Another came.", Struck: 2 * s, Noticed: 3 * s, Healed: 4 * s, Ended: 5 * s,
			Sent: 3, Failed: 1, Bound: record.Bound{Most: 2, Why: "its share"},
		}},
	}
	for at := range 10 {
		r.Requests = append(r.Requests, record.Request{Sent: time.Duration(at) * s, Instance: "i-a"})
	}
	r.Requests[3].Failure = "HTTP 503"
	return r
}

var _ = Describe("Series", func() {
	It("count requests by the second in which they were sent", func() {
		Expect(requests(recorded())).To(HaveExactElements(
			series{"failed", "bad", []int{0, 0, 0, 1, 0, 0, 0, 0, 0, 0}},
			series{"answered", "good", []int{1, 1, 1, 0, 1, 1, 1, 1, 1, 1}}))
	})

	It("show instances as last seen in each quarter of a second, those that serve at the bottom, and no state that never was", func() {
		all := instances(recorded())
		Expect(all).To(HaveExactElements(HaveField("Name", "healthy"), HaveField("Name", "starting"), HaveField("Name", "unhealthy")))
		Expect(all[0].Values[:18]).To(HaveExactElements(0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0))
		Expect(all[1].Values[:18]).To(HaveExactElements(0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1))
		Expect(all[2].Values).To(HaveLen(40))
		Expect(all[2].Class).To(Equal("is-unhealthy"))
	})

	It("count calls in each second, the busiest service first", func() {
		Expect(calls(recorded())).To(HaveExactElements(
			series{"ec2", "service0", []int{0, 10, 0, 0, 15, 0, 0, 0, 0, 0}},
			series{"route53", "service1", []int{0, 2, 0, 0, 0, 0, 0, 0, 0, 0}}))
	})
})

var _ = Describe("A chart", func() {
	It("stacks columns, and draws equal neighbours as one", func() {
		c := newChart("", "", []series{{Values: []int{1, 1, 0}}, {Values: []int{0, 2, 3}}}, 3)
		Expect(c.Top).To(Equal(4))
		Expect(c.Layers[0].Path).To(Equal("M0 3h2v1h-2z"))
		Expect(c.Layers[1].Path).To(Equal("M1 1h1v2h-1zM2 1h1v3h-1z"))
	})

	DescribeTable("has a top that reads well", func(most, top int) { Expect(roundUp(most)).To(Equal(top)) },
		Entry("one", 1, 2), Entry("exact", 6, 6), Entry("more", 27, 40), Entry("hundreds", 401, 600))

	DescribeTable("has few times on its axis", func(count, marked int, last string) {
		all := marks(count)
		Expect(all).To(HaveLen(marked))
		Expect(all[len(all)-1].Text).To(Equal(last))
	},
		Entry("short", 20, 1, "0:00"), Entry("a demo", 170, 6, "2:30"), Entry("long", 1200, 10, "18:00"))

	It("places acts on the axis, until they healed", func() {
		placed := bands(recorded())[0]
		Expect(placed.Left).To(Equal(20.0))
		Expect(placed.Width).To(Equal(20.0))
	})
})

var _ = Describe("The page", func() {
	It("tells all of it, needs nothing else and escapes what it is given", func() {
		page, err := Render(recorded())
		Expect(err).NotTo(HaveOccurred())
		Expect(string(page)).To(And(
			ContainSubstring("10</b><span>requests sent"), ContainSubstring("1</b><span>failed; the acts explain 2 at most"),
			ContainSubstring("An &lt;instance&gt; dies"), ContainSubstring("2 January 2026, 03:04 UTC"),
			ContainSubstring("Every act healed"), ContainSubstring("prefers-color-scheme: dark"), ContainSubstring("width=device-width")))
		Expect(string(page)).NotTo(ContainSubstring("ZgotmplZ"), "no value was refused by the template")
		Expect(regexp.MustCompile(`(src|href)="[^#]|url\(|@import|<script`).FindString(string(page))).To(BeEmpty(), "no asset from elsewhere")
	})

	It("says when an act did not pass", func() {
		r := recorded()
		r.Acts[0].Problem = "it did not heal"
		page, err := Render(r)
		Expect(err).NotTo(HaveOccurred())
		Expect(string(page)).To(And(ContainSubstring("Not every act passed"), ContainSubstring(`<p class="problem">it did not heal`)))
	})

	It("is written where it says, and what it is made of can be read back", func() {
		dir := GinkgoT().TempDir()
		path, err := Write(filepath.Join(dir, "report.html"), recorded())
		Expect(err).NotTo(HaveOccurred())
		Expect(path).To(BeAnExistingFile())
		Expect(Save(filepath.Join(dir, "recording.json"), recorded())).To(Succeed())
		raw, err := os.ReadFile(filepath.Join(dir, "recording.json"))
		Expect(err).NotTo(HaveOccurred())
		var back record.Recording
		Expect(json.Unmarshal(raw, &back)).To(Succeed())
		Expect(back).To(Equal(recorded()))
	})
})
