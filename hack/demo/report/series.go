package report

import (
	"maps"
	"slices"
	"time"

	"github.com/evenkeel/evenkeel/hack/demo/record"
	"github.com/evenkeel/evenkeel/hack/demo/scene"
)

// series is one thing counted in each second of a recording.
type series struct {
	// Name is what people read, Class how the page colours it.
	Name, Class string
	Values      []int
}

// total adds all values up.
func (s series) Total() int {
	total := 0
	for _, value := range s.Values {
		total += value
	}
	return total
}

// seconds is how many whole or begun seconds a recording has.
func seconds(r record.Recording) int {
	return max(1, int((r.Lasted+time.Second-1)/time.Second))
}

// second is the index of a moment among the seconds of a recording.
func second(at time.Duration, count int) int { return max(0, min(count-1, int(at/time.Second))) }

// requests are those answered and those that failed, by the second in which they were sent.
func requests(r record.Recording) []series {
	count := seconds(r)
	failed := series{"failed", "bad", make([]int, count)}
	answered := series{"answered", "good", make([]int, count)}
	for _, request := range r.Requests {
		if at := second(request.Sent, count); request.Failure != "" {
			failed.Values[at]++
		} else {
			answered.Values[at]++
		}
	}
	return []series{failed, answered}
}

// fine is how many times a second instances are charted: some of their states are short.
const fine = 4

// instances are the instances by state, as the last look in each quarter of a second saw them.
func instances(r record.Recording) []series {
	last := lastOfEach(r, fine)
	var all []series
	for _, state := range scene.States {
		s := series{state, "is-" + state, make([]int, len(last))}
		for at, sample := range last {
			s.Values[at] = sample.Instances[state]
		}
		if s.Total() > 0 {
			all = append(all, s)
		}
	}
	// Those that serve are the ground that the others stand on.
	slices.SortStableFunc(all, func(a, b series) int { return rank(a) - rank(b) })
	return all
}

func rank(s series) int {
	if s.Name == scene.Healthy {
		return 0
	}
	return 1
}

// calls are the calls of AWS in each second by service, the busiest service first. What was called before the
// recording began does not count.
func calls(r record.Recording) []series {
	last := lastOfEach(r, 1)
	services := map[string]bool{}
	for _, sample := range last {
		for service := range sample.Calls {
			services[service] = true
		}
	}
	var all []series
	for _, service := range slices.Sorted(maps.Keys(services)) {
		s := series{Name: service, Values: make([]int, len(last))}
		before := r.Samples[0].Calls[service]
		for at, sample := range last {
			s.Values[at] = max(0, sample.Calls[service]-before)
			before = max(before, sample.Calls[service])
		}
		all = append(all, s)
	}
	slices.SortStableFunc(all, func(a, b series) int { return b.Total() - a.Total() })
	for i := range all {
		all[i].Class = "service" + string(rune('0'+min(i, 7)))
	}
	return all
}

// lastOfEach is the last sample of each part of a second; parts without one show the one before.
func lastOfEach(r record.Recording, parts int) []record.Sample {
	count := seconds(r) * parts
	last := make([]record.Sample, count)
	seen := make([]bool, count)
	for _, sample := range r.Samples {
		at := second(sample.At*time.Duration(parts), count)
		last[at], seen[at] = sample, true
	}
	for at := 1; at < count; at++ {
		if !seen[at] {
			last[at] = last[at-1]
		}
	}
	return last
}
