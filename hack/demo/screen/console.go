package screen

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
)

// Console writes for people: on a terminal a picture that is redrawn in place, else lines only.
type Console struct {
	out *os.File
	// Live is whether there is a picture.
	Live  bool
	color bool
	// Closed, when set, is called when nobody can read any more what is written.
	Closed func(error)

	mu sync.Mutex
	// restore gives the terminal back as it was; nil while it is ours not.
	restore func() error
	// pending is the step that was begun last and has not ended.
	pending string
}

// New makes a console; plain asks for lines even on a terminal.
func New(out *os.File, plain bool) *Console {
	c := &Console{out: out}
	terminal := term.IsTerminal(int(out.Fd())) && os.Getenv("TERM") != "dumb" && os.Getenv("CI") == ""
	c.Live = terminal && !plain
	c.color = terminal && os.Getenv("NO_COLOR") == ""
	return c
}

func (c *Console) paint(code color, text string) string {
	if !c.color || code == plain {
		return text
	}
	return fmt.Sprintf("\x1b[%dm%s\x1b[0m", code, text)
}

// Bold, Good and Bad paint text where there are colours.
func (c *Console) Bold(text string) string { return c.paint(bold, text) }

// Good paints text as what is well.
func (c *Console) Good(text string) string { return c.paint(green, text) }

// Bad paints text as what is not well.
func (c *Console) Bad(text string) string { return c.paint(red, text) }

// Say writes lines, but not while a picture is shown: that has its own place for what is told.
func (c *Console) Say(text string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.restore != nil {
		return
	}
	if _, err := fmt.Fprintln(c.out, text); err != nil && c.Closed != nil {
		c.Closed(fmt.Errorf("nobody reads what is written: %w", err))
	}
}

// Begin tells that something takes a moment; the function it returns tells that it is done.
func (c *Console) Begin(what string) (end func(detail string)) {
	started := time.Now()
	c.pending = what
	if c.Live {
		fmt.Fprintf(c.out, "  %-15s %s", what, c.paint(faint, "starting …"))
	}
	return func(detail string) {
		c.Abandon()
		c.Say(fmt.Sprintf("  %-15s %-50s %4.1f s", what, detail, time.Since(started).Seconds()))
	}
}

// Abandon clears a step that was begun and will not end.
func (c *Console) Abandon() {
	if c.pending != "" && c.Live {
		fmt.Fprint(c.out, "\r\x1b[K")
	}
	c.pending = ""
}

// Keys of the picture.
const (
	KeyPause = 'p'
	KeyNext  = 'n'
	KeyQuit  = 'q'
	ctrlC    = 3
)

// Open shows the picture in place of what is on the terminal, and hands on the keys that are pressed there; nobody can
// press any when the input is no terminal.
func (c *Console) Open() (keys <-chan rune, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	fmt.Fprint(c.out, "\x1b[?1049h\x1b[?25l\x1b[2J")
	leave := func() { fmt.Fprint(c.out, "\x1b[?25h\x1b[?1049l") }
	input := int(os.Stdin.Fd())
	if !term.IsTerminal(input) {
		c.restore = func() error { leave(); return nil }
		return nil, nil
	}
	before, err := term.MakeRaw(input)
	if err != nil {
		leave()
		return nil, fmt.Errorf("reading keys of the terminal: %w", err)
	}
	c.restore = func() error { leave(); return term.Restore(input, before) }
	pressed := make(chan rune)
	go read(pressed)
	return pressed, nil
}

// read reads keys for as long as the program runs: a read of a terminal cannot be called off.
func read(pressed chan<- rune) {
	var one [1]byte
	for {
		if n, err := os.Stdin.Read(one[:]); err != nil || n == 0 {
			return
		}
		switch key := rune(one[0] | 0x20); {
		case one[0] == ctrlC:
			pressed <- KeyQuit
		case key == KeyPause || key == KeyNext || key == KeyQuit:
			pressed <- key
		case one[0] == ' ':
			pressed <- KeyPause
		}
	}
}

// Draw shows a view in place of the one before.
func (c *Console) Draw(v View) {
	width, height, err := term.GetSize(int(c.out.Fd()))
	if err != nil || width <= 0 || height <= 0 {
		width, height = 80, 24
	}
	var frame strings.Builder
	frame.WriteString("\x1b[H")
	for _, l := range v.arrange(width, height) {
		frame.WriteString(c.paint(l.color, l.text) + "\x1b[K\r\n")
	}
	frame.WriteString("\x1b[J")
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.restore != nil {
		fmt.Fprint(c.out, frame.String())
	}
}

// Close gives the terminal back as it was.
func (c *Console) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.restore == nil {
		return nil
	}
	restore := c.restore
	c.restore = nil
	return restore()
}
