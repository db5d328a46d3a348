package cloudwatch

import (
	"maps"
	"math"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// mostSamples bounds what is kept of one metric.
const mostSamples = 20000

// metric names a metric of an account and region.
type metric struct{ account, region, namespace, name, dimensions string }

// sample is a value, or several of one moment.
type sample struct {
	at                   time.Time
	sum, least, most, of float64
	// unit is empty for values of the simulated services, which fit every unit.
	unit types.StandardUnit
}

// series holds the values of all metrics. They are not saved.
type series struct {
	mu  sync.Mutex
	all map[metric][]sample
	// dimensions are those of each metric, as they were given.
	dimensions map[metric][]types.Dimension
}

func newSeries() *series {
	return &series{all: map[metric][]sample{}, dimensions: map[metric][]types.Dimension{}}
}

// dimensionKey is the same for the same dimensions in any order.
func dimensionKey(dimensions []types.Dimension) string {
	pairs := map[string]string{}
	for _, d := range dimensions {
		pairs[aws.ToString(d.Name)] = aws.ToString(d.Value)
	}
	var key strings.Builder
	for _, name := range slices.Sorted(maps.Keys(pairs)) {
		key.WriteString(name + "\x00" + pairs[name] + "\x01")
	}
	return key.String()
}

func (s *series) put(of metric, dimensions []types.Dimension, value sample) {
	s.mu.Lock()
	defer s.mu.Unlock()
	samples := s.all[of]
	at := len(samples)
	for at > 0 && samples[at-1].at.After(value.at) {
		at--
	}
	samples = slices.Insert(samples, at, value)
	s.all[of] = samples[max(0, len(samples)-mostSamples):]
	s.dimensions[of] = dimensions
}

func (s *series) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.all)
	clear(s.dimensions)
}

// between are the samples from a moment until before another.
func (s *series) between(of metric, from, until time.Time) []sample {
	s.mu.Lock()
	defer s.mu.Unlock()
	samples := s.all[of]
	before := func(moment time.Time) int {
		at, _ := slices.BinarySearchFunc(samples, moment, func(one sample, t time.Time) int {
			if one.at.Before(t) {
				return -1
			}
			return 1
		})
		return at
	}
	return slices.Clone(samples[before(from):before(until)])
}

// buckets are the values of a statistic for periods that begin at from, the
// oldest first; one without samples is not a number.
func (s *series) buckets(of metric, statistic string, unit types.StandardUnit, from time.Time, period time.Duration, count int) []float64 {
	values := make([]float64, count)
	samples := s.between(of, from, from.Add(time.Duration(count)*period))
	for i := range values {
		start := from.Add(time.Duration(i) * period)
		var inside []sample
		for _, one := range samples {
			if !one.at.Before(start) && one.at.Before(start.Add(period)) && (unit == "" || one.unit == "" || one.unit == unit) {
				inside = append(inside, one)
			}
		}
		values[i] = statisticOf(inside, statistic)
	}
	return values
}

// statisticOf is Average, Sum, Minimum, Maximum, SampleCount or an extended statistic such as p99 or TM(10%:90%).
func statisticOf(samples []sample, statistic string) float64 {
	if len(samples) == 0 {
		return math.NaN()
	}
	total := samples[0]
	for _, one := range samples[1:] {
		total.sum += one.sum
		total.of += one.of
		total.least, total.most = min(total.least, one.least), max(total.most, one.most)
	}
	switch statistic {
	case "Sum":
		return total.sum
	case "Minimum":
		return total.least
	case "Maximum":
		return total.most
	case "SampleCount":
		return total.of
	case "Average":
		return total.sum / total.of
	}
	return extendedOf(samples, statistic)
}
