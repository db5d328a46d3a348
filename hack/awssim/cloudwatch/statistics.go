package cloudwatch

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// Forms of extended statistics: p99 and tm90 have one bound, TM(10%:90%) and PR(:300) up to two.
var (
	shortForm = regexp.MustCompile(`^(?i:(p|tm|wm|tc|ts))(\d+(?:\.\d{1,10})?)$`)
	longForm  = regexp.MustCompile(`^(TM|WM|TC|TS|PR)\((-?\d+(?:\.\d{1,10})?)?(%?):(-?\d+(?:\.\d{1,10})?)?(%?)\)$`)
)

// extended is a statistic of what lies between two bounds: above the lower one, and up to the upper one.
type extended struct {
	// kind is P (percentile), TM (trimmed mean), WM (winsorized mean), TC (trimmed count), TS (trimmed sum) or PR
	// (percentile rank).
	kind       string
	low, high  float64
	percentage bool // the bounds are shares of the values, 0 to 100, and not values
}

func isStatistic(statistic string) bool {
	if slices.Contains(types.Statistic("").Values(), types.Statistic(statistic)) {
		return true
	}
	_, ok := parseExtended(statistic)
	return ok
}

func parseExtended(statistic string) (extended, bool) {
	if statistic == "IQM" {
		return extended{kind: "TM", low: 25, high: 75, percentage: true}, true
	}
	if short := shortForm.FindStringSubmatch(statistic); short != nil {
		e := extended{kind: strings.ToUpper(short[1]), high: number(short[2], 0), percentage: true}
		return e, e.high <= 100
	}
	long := longForm.FindStringSubmatch(statistic)
	if long == nil {
		return extended{}, false
	}
	return parseBounds(long[1], bound{long[2], long[3]}, bound{long[4], long[5]})
}

// bound is how a bound is written; without a number there is none.
type bound struct{ number, percent string }

func (b bound) given() bool { return b.number != "" }

// parseBounds reads the bounds of the long form, which are both shares or both values.
func parseBounds(kind string, low, high bound) (extended, bool) {
	for _, b := range []bound{low, high} {
		if !b.given() && b.percent != "" {
			return extended{}, false
		}
	}
	if !low.given() && !high.given() || low.given() && high.given() && low.percent != high.percent {
		return extended{}, false
	}
	if low.percent+high.percent == "" {
		e := extended{kind: kind, low: number(low.number, math.Inf(-1)), high: number(high.number, math.Inf(1))}
		return e, e.low < e.high
	}
	e := extended{kind: kind, low: number(low.number, 0), high: number(high.number, 100), percentage: true}
	return e, kind != "PR" && e.low >= 0 && e.high <= 100 && e.low < e.high
}

// number reads what one of the forms has matched.
func number(text string, otherwise float64) float64 {
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return otherwise
	}
	return value
}

// value is that of one sample, or the mean of several that came together.
func (s sample) value() float64 { return s.sum / s.of }

// extendedOf is an extended statistic of samples, of which there is one at least.
func extendedOf(samples []sample, statistic string) float64 {
	e, ok := parseExtended(statistic)
	if !ok {
		return math.NaN()
	}
	sorted := slices.SortedFunc(slices.Values(samples), func(a, b sample) int { return cmp.Compare(a.value(), b.value()) })
	switch e.kind {
	case "P":
		return percentile(sorted, e.high)
	case "WM":
		return e.winsorized(sorted)
	}
	sum, count := e.between(sorted)
	switch e.kind {
	case "TS":
		return sum
	case "TC":
		return count
	case "PR":
		return 100 * count / counted(sorted)
	}
	return sum / count // not a number where nothing is left
}

func counted(samples []sample) float64 {
	total := 0.0
	for _, one := range samples {
		total += one.of
	}
	return total
}

// percentile is the least value up to which a share of all values lies.
func percentile(sorted []sample, share float64) float64 {
	seen, wanted := 0.0, counted(sorted)*share/100
	for _, one := range sorted {
		if seen += one.of; seen >= wanted {
			return one.value()
		}
	}
	return sorted[len(sorted)-1].value()
}

// between are the sum and the number of the values between the bounds. Of a value on the bound of a share a part counts.
func (e extended) between(sorted []sample) (sum, count float64) {
	total, seen := counted(sorted), 0.0
	for _, one := range sorted {
		inside := 0.0
		switch value := one.value(); {
		case e.percentage:
			inside = max(0, min(seen+one.of, total*e.high/100)-max(seen, total*e.low/100))
		case value > e.low && value <= e.high:
			inside = one.of
		}
		seen += one.of
		sum += inside * one.value()
		count += inside
	}
	return sum, count
}

// winsorized is the mean of all values, where those beyond the bounds count as if they were there.
func (e extended) winsorized(sorted []sample) float64 {
	low, high := e.low, e.high
	if e.percentage {
		low, high = percentile(sorted, e.low), percentile(sorted, e.high)
	}
	sum := 0.0
	for _, one := range sorted {
		sum += one.of * max(low, min(high, one.value()))
	}
	return sum / counted(sorted)
}
