package record

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

var titles = []string{"ACT", "NOTICED", "HEALED", "SENT", "FAILED", "ALLOWED"}

// cells tell a result in the table's columns.
func (r Result) cells() []string {
	return []string{r.Name, Took(r.ToNotice()), Took(r.ToHeal()), fmt.Sprint(r.Sent), fmt.Sprint(r.Failed), fmt.Sprint(r.Bound.Most)}
}

// Took tells a time in seconds; one that never came as a dash.
func Took(d time.Duration) string {
	if d <= 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// Table tells the acts in lines that fit a width, an act that did not pass marked.
func Table(results []Result, width int) []string {
	rows := [][]string{titles}
	for _, r := range results {
		rows = append(rows, r.cells())
	}
	widths := make([]int, len(titles))
	total := 0
	for i := range titles {
		for _, row := range rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
		}
		total += widths[i] + 2
	}
	const mark = 2
	widths[0] = max(8, min(widths[0], width-(total-widths[0])-mark))
	var lines []string
	for i, row := range rows {
		var line strings.Builder
		for column, cell := range row {
			line.WriteString(pad(cell, widths[column], column > 0) + "  ")
		}
		switch {
		case i == 0:
		case results[i-1].Problem == "":
			line.WriteString("✓")
		default:
			line.WriteString("✗")
		}
		lines = append(lines, strings.TrimRight(line.String(), " "))
	}
	return lines
}

// Markdown is the table for a page.
func Markdown(results []Result) string {
	var page strings.Builder
	page.WriteString("| act | noticed after | healed after | requests sent | failed | at most |\n|---|--:|--:|--:|--:|--:|\n")
	for _, r := range results {
		page.WriteString("| " + strings.Join(r.cells(), " | ") + " |\n")
	}
	return page.String()
}

// pad brings text to a width.
func pad(text string, width int, right bool) string {
	if runes := []rune(text); len(runes) > width {
		text = string(runes[:width-1]) + "…"
	}
	space := strings.Repeat(" ", width-utf8.RuneCountInString(text))
	if right {
		return space + text
	}
	return text + space
}
