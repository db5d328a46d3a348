package screen

import (
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
	cyan   color = 36
)

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
	if width <= 0 {
		return ""
	}
	if runes := []rune(text); len(runes) > width {
		return string(runes[:width-1]) + "…"
	}
	return text
}

// pad brings text to the width.
func pad(text string, width int) string {
	text = cut(text, width)
	return text + strings.Repeat(" ", max(0, width-utf8.RuneCountInString(text)))
}

// bars are the heights of a character of a chart.
var bars = []rune(" ▁▂▃▄▅▆▇█")

// spark draws numbers as heights, the highest as high as most says.
func spark(values []int, most int) string {
	var drawn strings.Builder
	for _, value := range values {
		height := 0
		if most > 0 && value > 0 {
			height = max(1, min(len(bars)-1, (value*(len(bars)-1)+most-1)/most))
		}
		drawn.WriteRune(bars[height])
	}
	return drawn.String()
}
