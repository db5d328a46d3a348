// Package screen shows the demo on a terminal: one picture, redrawn in place, that fits 80 columns and 24 lines.
package screen

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/evenkeel/evenkeel/hack/demo/record"
	"github.com/evenkeel/evenkeel/hack/demo/scene"
)

// View is all that the screen shows.
type View struct {
	// Title is where in the story it is: "act 2 of 11: An instance dies"; Told is the sentence about it, News what has
	// been told since, the newest last.
	Title, Told string
	News        []string
	// Keys tells what can be pressed, nothing when nobody can.
	Keys    string
	Elapsed time.Duration
	Scene   scene.Scene
	// Recent are the requests of the last seconds, the last second of which ends Now.
	Recent record.Requests
	Now    time.Duration
	// Versions and Sent, Failed are of all requests.
	Versions     map[string]int64
	Sent, Failed int
}

// Charted is how many seconds of requests the screen shows.
const Charted = 60

// line is one of the screen's, in one colour.
type line struct {
	color color
	text  string
}

// section is some lines of the screen, of which the last may give way when there are too many for it.
type section struct {
	lines []line
	// least is how many lines stay in any case.
	least int
}

// Layout arranges a view in lines within a width and height.
func (v View) Layout(width, height int) []string {
	lines := v.arrange(width, height)
	texts := make([]string, len(lines))
	for i, l := range lines {
		texts[i] = l.text
	}
	return texts
}

// arrange leaves one column and one line free for the cursor.
func (v View) arrange(width, height int) []line {
	width, height = max(width-1, 20), max(height-1, 6)
	sections := []section{
		{v.heading(width), 1}, {v.telling(width), 1}, {v.news(width), 0}, {[]line{{}}, 0},
		{v.objects(width), 2}, {v.reasons(width), 0}, {[]line{{}}, 0}, {v.instances(width), 2}, {[]line{{}}, 0},
		{v.traffic(width), 3}, {v.events(), 0},
	}
	over := -height
	for _, s := range sections {
		over += len(s.lines)
	}
	// What can be done without gives way first: empty lines, events, why objects are not Ready; then what there is more of.
	for _, i := range []int{8, 6, 10, 3, 5, 2, 7, 4, 1, 9} {
		s := &sections[i]
		spare := min(max(over, 0), len(s.lines)-min(s.least, len(s.lines)))
		if i == newsSection { // the newest stays
			s.lines = s.lines[spare:]
		} else {
			s.lines = s.lines[:len(s.lines)-spare]
		}
		over -= spare
	}
	var lines []line
	for _, s := range sections {
		lines = append(lines, s.lines...)
	}
	lines = lines[:min(len(lines), height)]
	for i := range lines {
		lines[i].text = cut(lines[i].text, width)
	}
	return lines
}

// newsSection is where the news are among the sections.
const newsSection = 2

func (v View) heading(width int) []line {
	right := fmt.Sprintf("%d:%02d", int(v.Elapsed.Minutes()), int(v.Elapsed.Seconds())%60)
	if v.Keys != "" {
		right = v.Keys + "  " + right
	}
	return []line{{bold, pad("Evenkeel · "+v.Title, width-len([]rune(right))-1) + " " + right}}
}

// telling is the sentence about the act.
func (v View) telling(width int) []line {
	var lines []line
	for _, text := range wrap(v.Told, width) {
		lines = append(lines, line{cyan, text})
	}
	return lines
}

// news are the newest of what came of it.
func (v View) news(width int) []line {
	const news = 2
	var lines []line
	for _, text := range v.News[max(0, len(v.News)-news):] {
		for _, part := range wrap("→ "+text, width) {
			lines = append(lines, line{plain, part})
		}
	}
	return lines
}

// reasons are the messages of objects that are not Ready, which the table has no room for.
func (v View) reasons(width int) []line {
	const most = 2
	var lines []line
	for _, o := range v.Scene.NotReady() {
		if o.Message != "" && len(lines) < most {
			lines = append(lines, line{faint, cut(o.Ref+": "+o.Message, 2*width)})
		}
	}
	var wrapped []line
	for _, l := range lines {
		for _, part := range wrap(l.text, width) {
			wrapped = append(wrapped, line{l.color, part})
		}
	}
	return wrapped[:min(len(wrapped), most)]
}

// objects is the table of objects; the message takes the room that is left.
func (v View) objects(width int) []line {
	const ref, ready, reason = 13, 6, 18
	lines := []line{{bold, pad("OBJECT", ref) + pad("READY", ready) + pad("REASON", reason) + "MESSAGE"}}
	for _, o := range v.Scene.Objects {
		text := pad(o.Ref, ref-1) + " " + pad(o.Ready, ready-1) + " " + pad(o.Reason, reason-1) + " " + o.Message
		shade := yellow
		switch {
		case o.IsReady():
			shade = green
		case o.Stalled:
			shade = red
		}
		lines = append(lines, line{shade, cut(text, width)})
	}
	return lines
}

// instances is the table of instances, with the requests that each answered in the last second.
func (v View) instances(width int) []line {
	last := v.second(0)
	counts := last.ByInstance()
	total := max(1, len(last)-last.Failed())
	const id, zone, state, version = 21, 12, 10, 9
	head := pad("INSTANCE", id) + pad("ZONE", zone) + pad("STATE", state) + pad("TEMPLATE", version) + "REQUESTS/S"
	lines := []line{{bold, head}}
	for _, is := range v.Scene.Instances {
		template := "–"
		if n := v.Versions[is.ID]; n > 0 {
			template = fmt.Sprint("v", n)
		}
		n := counts[is.ID]
		share := fmt.Sprintf("%3d %3d %% ", n, 100*n/total)
		room := max(0, width-id-zone-state-version-len(share))
		text := pad(is.ID, id) + pad(is.Zone, zone) + pad(is.State, state) + pad(template, version) + share + strings.Repeat("█", room*n/total)
		lines = append(lines, line{stateColor(is.State), text})
	}
	if len(v.Scene.Instances) == 0 {
		lines = append(lines, line{faint, "none yet"})
	}
	return lines
}

func stateColor(state string) color {
	switch state {
	case scene.Healthy:
		return green
	case scene.Unhealthy:
		return red
	case scene.Ending, scene.Aside:
		return faint
	}
	return yellow
}

// traffic is the requests and failures of the last seconds.
func (v View) traffic(width int) []line {
	const label = 12
	seconds := min(Charted, max(10, width-label-14))
	good, bad := make([]int, seconds), make([]int, seconds)
	most := 1
	for i := range seconds {
		all := v.second(seconds - 1 - i)
		bad[i] = all.Failed()
		good[i] = len(all) - bad[i]
		most = max(most, good[i], bad[i])
	}
	last := v.second(0)
	lines := []line{
		{bold, fmt.Sprintf("%d requests sent, %d failed; the last %d seconds:", v.Sent, v.Failed, seconds)},
		{green, pad("answered/s", label) + spark(good, most) + fmt.Sprintf(" %3d", len(last)-last.Failed())},
	}
	shade, why := faint, ""
	if sum(bad) > 0 {
		shade = red
	}
	if kinds := last.Failures(); len(kinds) > 0 {
		why = " " + slices.Sorted(maps.Keys(kinds))[0]
	}
	return append(lines, line{shade, pad("failed/s", label) + spark(bad, most) + fmt.Sprintf(" %3d", last.Failed()) + why})
}

func sum(values []int) int {
	total := 0
	for _, value := range values {
		total += value
	}
	return total
}

// second are the requests of a whole second, so many seconds ago.
func (v View) second(ago int) record.Requests {
	to := v.Now - time.Duration(ago)*time.Second
	var found record.Requests
	for _, r := range v.Recent {
		if r.Sent >= to-time.Second && r.Sent < to {
			found = append(found, r)
		}
	}
	return found
}

// events are the newest that the controller told.
func (v View) events() []line {
	const shown = 3
	var lines []line
	for _, e := range v.Scene.Events[max(0, len(v.Scene.Events)-shown):] {
		lines = append(lines, line{faint, fmt.Sprintf("Event %s %s: %s", e.About, e.Reason, e.Detail)})
	}
	return lines
}
