package main

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// color is a colour of the terminal, by its ANSI number.
type color int

const (
	plain  color = 0
	bold   color = 1
	faint  color = 2
	red    color = 31
	green  color = 32
	yellow color = 33
)

// painter colours text; without a terminal it leaves it as it is.
type painter func(color, string) string

var columns = []string{"KIND/NAME", "RECORD", "TYPE", "READY", "REASON"}

const (
	recordColumn = 1
	reasonColumn = 4
	// reasonWidth holds the reasons that are seen on the way, so that columns do not jump.
	reasonWidth = len("ReferenceNotReady")
	// noteLines are kept for messages when there are more rows than lines.
	noteLines = 3
)

func (r row) cells() []string { return []string{r.name, r.record, r.recordType, r.ready, r.reason} }

func (r row) color() color {
	switch {
	case r.gone:
		return faint
	case r.isReady():
		return green
	case r.stalled:
		return red
	}
	return yellow
}

// renderTable draws rows, and the messages of those that are not Ready, within a screen's width and height, one line
// and one column of which stay free for the cursor.
func renderTable(rows []row, width, height int, paint painter) []string {
	width, height = max(width-1, 20), max(height-1, 4)
	notes := notesOf(rows, width)
	shown, more := fit(rows, height-1-min(len(notes), noteLines))
	widths, gap := columnWidths(shown, width)
	lines := []string{paint(bold, cut(alignCells(columns, widths, gap), width))}
	for _, r := range shown {
		lines = append(lines, paint(r.color(), cut(alignCells(r.cells(), widths, gap), width)))
	}
	if more > 0 {
		lines = append(lines, cut(fmt.Sprintf("… and %d more", more), width))
	}
	for _, note := range notes[:min(len(notes), height-len(lines))] {
		lines = append(lines, paint(faint, note))
	}
	return lines
}

// fit chooses the rows for a number of lines: all, or those that are not Ready first, and says how many are left out.
func fit(rows []row, lines int) (shown []row, more int) {
	if len(rows) <= lines {
		return rows, 0
	}
	room := max(lines-1, 1) // the last line tells of the rest
	var rest []row
	for _, r := range rows {
		if r.isReady() {
			rest = append(rest, r)
		} else {
			shown = append(shown, r)
		}
	}
	shown = slices.Concat(shown, rest)[:room]
	return shown, len(rows) - room
}

// columnWidths fits the columns into the width: names of records give way first, then names of objects.
func columnWidths(rows []row, width int) (widths []int, gap int) {
	const least = 10
	widths = make([]int, len(columns))
	for i, title := range columns {
		widths[i] = len(title)
	}
	widths[reasonColumn] = reasonWidth
	for _, r := range rows {
		for i, cell := range r.cells() {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	excess := func() int {
		total := gap * (len(widths) - 1)
		for _, w := range widths {
			total += w
		}
		return total - width
	}
	if gap = 2; excess() > 0 {
		gap = 1
	}
	for _, i := range []int{recordColumn, 0} {
		if over := excess(); over > 0 {
			widths[i] = min(widths[i], max(widths[i]-over, least))
		}
	}
	return widths, gap
}

func alignCells(cells []string, widths []int, gap int) string {
	var line strings.Builder
	for i, cell := range cells {
		text := cut(cell, widths[i])
		line.WriteString(text)
		if i < len(cells)-1 {
			line.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(text)+gap))
		}
	}
	return line.String()
}

// notesOf tells why rows are not Ready, in lines of the width: each message on which a person must act, and of those
// that only wait one for each reason, since they are alike.
func notesOf(rows []row, width int) []string {
	type note struct {
		first row
		alike int
	}
	var notes []*note
	byCause := map[string]*note{}
	for _, r := range rows {
		if r.isReady() || r.message == "" {
			continue
		}
		cause := r.reason
		if r.stalled {
			cause = r.name
		}
		if known := byCause[cause]; known != nil {
			known.alike++
			continue
		}
		byCause[cause] = &note{first: r}
		notes = append(notes, byCause[cause])
	}
	slices.SortStableFunc(notes, func(a, b *note) int {
		if a.first.stalled == b.first.stalled {
			return 0
		} else if a.first.stalled {
			return -1
		}
		return 1
	})
	var lines []string
	for _, n := range notes {
		text := n.first.name + ": " + n.first.message
		if n.alike > 0 {
			text += fmt.Sprintf(" (%d more alike)", n.alike)
		}
		lines = append(lines, wrap(text, width)...)
	}
	return lines
}

// wrap breaks text at spaces into lines of the width; those that follow are indented.
func wrap(text string, width int) []string {
	var lines []string
	line := ""
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == "":
			line = word
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) <= width:
			line += " " + word
		default:
			lines = append(lines, cut(line, width))
			line = "  " + word
		}
	}
	return append(lines, cut(line, width))
}

// cut shortens text to the width.
func cut(text string, width int) string {
	if runes := []rune(text); len(runes) > width {
		return string(runes[:width-1]) + "…"
	}
	return text
}
