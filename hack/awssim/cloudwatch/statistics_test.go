package cloudwatch

import (
	"math"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// tens are the values 10, 20, … 100, in no order.
func tens() []sample {
	var samples []sample
	for _, value := range []float64{30, 10, 20, 100, 40, 90, 60, 80, 70, 50} {
		samples = append(samples, sample{sum: value, least: value, most: value, of: 1})
	}
	return samples
}

var _ = Describe("Extended statistics", func() {
	DescribeTable("are computed as CloudWatch defines them", func(statistic string, want float64) {
		Expect(isStatistic(statistic)).To(BeTrue())
		Expect(statisticOf(tens(), statistic)).To(BeNumerically("~", want, 1e-9))
	},
		Entry("a percentile", "p90", 90.0),
		Entry("a percentile with decimals", "p99.9", 100.0),
		Entry("the lowest value", "p0", 10.0),
		Entry("a mean without the highest", "tm90", 50.0),
		Entry("a mean without the highest, in capitals", "TM90", 50.0),
		Entry("a mean between shares", "TM(10%:90%)", 55.0),
		Entry("a mean without the lowest", "TM(10%:)", 60.0),
		Entry("a mean without what is beyond values", "TM(20:60)", 45.0),
		Entry("a mean of a part of a value", "TM(:15%)", (10+0.5*20)/1.5),
		Entry("the mean of the middle half", "IQM", 55.0),
		Entry("a mean with the highest as the 90th percentile", "wm90", 54.0),
		Entry("a mean with both ends drawn in", "WM(10%:90%)", 54.0),
		Entry("a mean with both ends drawn in to values", "WM(20:80)", 53.0),
		Entry("how many are not among the highest", "tc90", 9.0),
		Entry("how many are between values", "TC(20:60)", 4.0),
		Entry("the sum of those that are not among the highest", "ts90", 450.0),
		Entry("the sum of the highest", "TS(80%:)", 190.0),
		Entry("the share up to a value", "PR(:30)", 30.0),
		Entry("the share between values", "PR(30:50)", 20.0),
		Entry("the share above a value", "PR(90:)", 10.0),
	)

	It("count each of several values that came together", func() {
		together := []sample{{sum: 30, least: 10, most: 10, of: 3}, {sum: 90, least: 90, most: 90, of: 1}}
		Expect(statisticOf(together, "tm75")).To(BeNumerically("~", 10, 1e-9))
		Expect(statisticOf(together, "TC(:10)")).To(BeEquivalentTo(3))
		Expect(statisticOf(together, "PR(10:)")).To(BeEquivalentTo(25))
	})

	It("are no number where nothing is left", func() {
		Expect(math.IsNaN(statisticOf(nil, "tm90"))).To(BeTrue())
		Expect(math.IsNaN(statisticOf(tens(), "TM(200:300)"))).To(BeTrue())
		Expect(statisticOf(tens(), "TC(200:300)")).To(BeZero())
	})

	DescribeTable("are refused", func(statistic string) { Expect(isStatistic(statistic)).To(BeFalse()) },
		Entry(nil, ""), Entry(nil, "p"), Entry(nil, "p101"), Entry(nil, "p-1"), Entry(nil, "pNaN"), Entry(nil, "p1e1"), Entry(nil, "median"),
		Entry(nil, "TM()"), Entry(nil, "TM(:)"), Entry(nil, "TM(10%:90)"), Entry(nil, "TM(90%:10%)"), Entry(nil, "TM(:101%)"), Entry(nil, "PR(10%:)"),
		Entry(nil, "pr90"), Entry(nil, "IQM(1:2)"), Entry(nil, "TM(5)"), Entry(nil, "TM(1:2"),
	)
})
