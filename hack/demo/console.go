package main

import (
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// console writes for people: on a terminal with colours and a table redrawn in place, else lines only.
type console struct {
	out         *os.File
	live, color bool
	// above are the lines written so far, to be written again when the screen changes its size; drawn are the lines
	// of the table below them, at the size of the screen.
	above         []string
	drawn         int
	width, height int
	// pending is the step that was begun last and has not ended.
	pending string
}

func newConsole(out *os.File) *console {
	c := &console{out: out}
	c.live = term.IsTerminal(int(out.Fd())) && os.Getenv("TERM") != "dumb" && os.Getenv("CI") == ""
	c.color = c.live && os.Getenv("NO_COLOR") == ""
	return c
}

func (c *console) paint(code color, text string) string {
	if !c.color || code == plain {
		return text
	}
	return fmt.Sprintf("\x1b[%dm%s\x1b[0m", code, text)
}

// say writes lines below what is there, which stays.
func (c *console) say(text string) {
	c.drawn = 0
	for line := range strings.SplitSeq(text, "\n") {
		c.above = append(c.above, line)
		fmt.Fprintln(c.out, line)
	}
}

func (c *console) sayf(format string, args ...any) { c.say(fmt.Sprintf(format, args...)) }

// begin tells, on a terminal, that something takes a moment; the function it returns tells that it is done.
func (c *console) begin(what string) (end func(detail string)) {
	started := time.Now()
	c.pending = what
	if c.live {
		fmt.Fprintf(c.out, "  %-15s %s", what, c.paint(faint, "starting …"))
	}
	return func(detail string) {
		c.abandon()
		c.sayf("  %-15s %-50s %4.1f s", what, detail, time.Since(started).Seconds())
	}
}

// abandon clears a step that was begun and will not end.
func (c *console) abandon() {
	if c.pending != "" && c.live {
		fmt.Fprint(c.out, "\r\x1b[K")
	}
	c.pending = ""
}

// draw shows the lines of a table in place of those that it drew last.
func (c *console) draw(render func(width, height int) []string) {
	width, height, err := term.GetSize(int(c.out.Fd()))
	if err != nil || width <= 0 || height <= 0 {
		width, height = 80, 24
	}
	lines := render(width, height)
	var frame strings.Builder
	switch {
	case c.drawn > 0 && (width != c.width || height != c.height):
		// Nobody knows where a terminal puts lines when its size changes: begin anew.
		frame.WriteString("\x1b[H\x1b[2J")
		room := max(0, height-1-len(lines))
		for _, line := range c.above[max(0, len(c.above)-room):] {
			frame.WriteString(line + "\n")
		}
	case c.drawn > 0:
		fmt.Fprintf(&frame, "\x1b[%dA\r", c.drawn)
	}
	for _, line := range lines {
		frame.WriteString(line + "\x1b[K\n")
	}
	frame.WriteString("\x1b[J")
	fmt.Fprint(c.out, frame.String())
	c.drawn, c.width, c.height = len(lines), width, height
}
