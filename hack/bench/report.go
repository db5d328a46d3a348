package main

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
)

// result is a line of the table.
type result struct {
	Row  string `json:"row"`
	Work string `json:"work"`
	// Calls are calls to Route 53, or what the row is about, by operation, Writes the manager's writes to the API server by verb and resource.
	Calls     map[string]int `json:"calls,omitempty"`
	Throttles int            `json:"throttles"`
	Writes    map[string]int `json:"writes,omitempty"`
	Seconds   float64        `json:"seconds,omitempty"`
	// FloorSeconds is what the bare client took, Ratio how many times that the manager took.
	FloorSeconds float64 `json:"floorSeconds,omitempty"`
	Ratio        float64 `json:"ratio,omitempty"`
	// PeakMiB is the manager's VmHWM; SteadyMiB the highest VmRSS in steady state.
	PeakMiB   float64  `json:"peakMiB,omitempty"`
	SteadyMiB float64  `json:"steadyMiB,omitempty"`
	Notes     []string `json:"notes,omitempty"`
	Met       []string `json:"met,omitempty"`
	Exceeded  []string `json:"exceeded,omitempty"`
}

func (r *result) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

func (r *result) exceed(format string, args ...any) {
	r.Exceeded = append(r.Exceeded, fmt.Sprintf(format, args...))
}

func (r *result) total() int { return sum(r.Calls) }

func (r *result) totalWrites() int { return sum(r.Writes) }

func sum(counts map[string]int) int {
	total := 0
	for _, n := range counts {
		total += n
	}
	return total
}

// judge notes whether a budget is met.
func (r *result) judge(met bool, text string) {
	if met {
		r.Met = append(r.Met, text)
		return
	}
	r.Exceeded = append(r.Exceeded, text)
}

func (r *result) atMost(what string, got, budget int) {
	r.judge(got <= budget, fmt.Sprintf("%d %s (≤ %d)", got, what, budget))
}

func (r *result) exactly(what string, got, budget int) {
	r.judge(got == budget, fmt.Sprintf("%d %s (= %d)", got, what, budget))
}

func (r *result) atMostSeconds(what string, got, budget float64) {
	r.judge(got <= budget, fmt.Sprintf("%.2f %s (≤ %g)", got, what, budget))
}

// printTable prints the results for people.
func printTable(w io.Writer, results []*result) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ROW\tAWS CALLS\tTHROTTLES\tKUBERNETES WRITES\tSECONDS\t× FLOOR\tPEAK RSS\tBUDGETS")
	for _, r := range results {
		cells := [][]string{
			{r.Row}, lines(r.Calls), {fmt.Sprint(r.Throttles)}, lines(r.Writes), {fmt.Sprintf("%.2f", r.Seconds)},
			{dashUnless(r.Ratio > 0, "%.2f of %.2f s", r.Ratio, r.FloorSeconds)},
			{dashUnless(r.PeakMiB > 0, "%.0f MiB", r.PeakMiB)}, r.budgets(),
		}
		height := 0
		for _, cell := range cells {
			height = max(height, len(cell))
		}
		for i := range height {
			line := make([]string, len(cells))
			for j, cell := range cells {
				if i < len(cell) {
					line[j] = cell[i]
				}
			}
			fmt.Fprintln(table, strings.Join(line, "\t"))
		}
	}
	if err := table.Flush(); err != nil {
		return err
	}
	return printNotes(w, results)
}

func printNotes(w io.Writer, results []*result) error {
	var text strings.Builder
	floor := false
	for _, r := range results {
		floor = floor || r.Ratio > 0
		fmt.Fprintf(&text, "\n%s: %s\n", r.Row, r.Work)
		for _, note := range r.Notes {
			fmt.Fprintf(&text, "  %s\n", note)
		}
	}
	if floor {
		fmt.Fprintf(&text, "\n%s\n", floorText)
	}
	for _, r := range results {
		for _, exceeded := range r.Exceeded {
			fmt.Fprintf(&text, "OVER BUDGET: %s: %s\n", r.Row, exceeded)
		}
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// lines are a total and what it consists of, most first.
func lines(counts map[string]int) []string {
	if len(counts) == 0 {
		return []string{"0"}
	}
	text := []string{fmt.Sprint(sum(counts))}
	names := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(counts[b]-counts[a], strings.Compare(a, b))
	})
	for _, name := range names {
		text = append(text, fmt.Sprintf("%d %s", counts[name], name))
	}
	return text
}

func dashUnless(known bool, format string, args ...any) string {
	if !known {
		return "–"
	}
	return fmt.Sprintf(format, args...)
}

func (r *result) budgets() []string {
	var text []string
	for _, met := range r.Met {
		text = append(text, "ok    "+met)
	}
	for _, exceeded := range r.Exceeded {
		text = append(text, "OVER  "+exceeded)
	}
	if len(text) == 0 {
		text = append(text, "–")
	}
	return text
}
