package lifecycle

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// longestShown is how many bytes of a value, or characters of a longer one, are shown in a status.
const longestShown = 128

// Shorten cuts a value that is too long to be shown in a status.
func Shorten(value string) string { return shorten(value, longestShown) }

func shorten(value string, limit int) string {
	if len(value) <= limit {
		return value
	}
	runes := []rune(value)
	if len(runes) <= limit {
		return value
	}
	return fmt.Sprintf("%s… (%d bytes)", string(runes[:limit]), len(value))
}

func orNone(value string) string {
	if value == "" {
		return "(none)"
	}
	return Shorten(value)
}

// Count names a number of things: "1 record", "2 records".
func Count[N int | int64](n N, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// FirstFew names the first of things, and how many more there are of a total.
func FirstFew(names []string, shown, total int) string {
	names = names[:min(len(names), shown)]
	list := strings.Join(names, ", ")
	if rest := total - len(names); rest > 0 {
		list += fmt.Sprintf(" and %d more", rest)
	}
	return list
}

// Sentence makes a text a sentence: it begins with a capital, unless with the name of a field, and ends with one full
// stop.
func Sentence(text string) string {
	text = strings.TrimSuffix(text, ".") + "."
	if strings.HasPrefix(text, "spec.") {
		return text
	}
	first, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(first)) + text[size:]
}
