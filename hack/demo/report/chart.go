package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/evenkeel/evenkeel/hack/demo/record"
)

// chart is series stacked upon each other, second by second. Its shapes are drawn in a box as wide as there are
// columns and as high as Top, which the page stretches; what is written stands beside it, so that it stays readable at
// any width.
type chart struct {
	Title, Note string
	// Columns is how many there are side by side.
	Columns int
	Top     int
	Layers  []layer
}

// layer is a series as a path.
type layer struct {
	series
	Path string
}

// newChart stacks series, the first at the bottom.
func newChart(title, note string, all []series, count int) chart {
	c := chart{Title: title, Note: note, Columns: count, Top: 1}
	below := make([]int, count)
	for _, s := range all {
		for at, value := range s.Values {
			below[at] += value
			c.Top = max(c.Top, below[at])
		}
	}
	c.Top = roundUp(c.Top)
	clear(below)
	for _, s := range all {
		c.Layers = append(c.Layers, layer{s, stack(s.Values, below, c.Top)})
	}
	return c
}

// stack draws the columns of a series on what is below, which grows by them. Neighbours of one height are one column.
func stack(values, below []int, top int) string {
	var path strings.Builder
	for at := 0; at < len(values); {
		run := 1
		for at+run < len(values) && values[at+run] == values[at] && below[at+run] == below[at] {
			run++
		}
		if values[at] > 0 {
			fmt.Fprintf(&path, "M%d %dh%dv%dh-%dz", at, top-below[at]-values[at], run, values[at], run)
		}
		for i := range run {
			below[at+i] += values[at+i]
		}
		at += run
	}
	return path.String()
}

// roundUp is the next number that reads well on an axis and can be halved.
func roundUp(n int) int {
	for step := 1; ; step *= 10 {
		for _, nice := range []int{2, 4, 6, 8, 10} {
			if nice*step >= n {
				return nice * step
			}
		}
	}
}

// band is an act on the axis of time, in percent of its length.
type band struct {
	Number      int
	Left, Width float64
	record.Result
}

// bands places the acts.
func bands(r record.Recording) []band {
	length := float64(seconds(r)) * float64(time.Second)
	percent := func(d time.Duration) float64 { return 100 * float64(d) / length }
	var placed []band
	for i, act := range r.Acts {
		end := act.Ended
		if act.Healed > 0 {
			end = act.Healed
		}
		placed = append(placed, band{
			Number: i + 1, Left: percent(act.Struck), Width: percent(max(0, end-act.Struck)), Result: act,
		})
	}
	return placed
}

// mark is a time on the axis.
type mark struct {
	Text string
	Left float64
}

// marks are the times written on the axis: every half minute, or as often as leaves room for ten.
func marks(count int) []mark {
	step := 30
	for count/step > 10 {
		step *= 2
	}
	var all []mark
	for at := 0; at < count; at += step {
		all = append(all, mark{fmt.Sprintf("%d:%02d", at/60, at%60), 100 * float64(at) / float64(count)})
	}
	return all
}
