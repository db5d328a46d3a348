// Package report makes a page of what was recorded: one file that needs nothing else, for a browser of any size, in
// dark and in light.
package report

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"time"

	"github.com/evenkeel/evenkeel/hack/demo/record"
)

//go:embed page.html
var page string

var parsed = template.Must(template.New("page").Funcs(template.FuncMap{
	"took": record.Took,
	"half": func(n int) int { return n / 2 },
	"clock": func(d time.Duration) string {
		return fmt.Sprintf("%d:%02d", int(d.Minutes()), int(d.Seconds())%60)
	},
}).Parse(page))

// content is what the page shows.
type content struct {
	record.Recording
	Passed       bool
	Sent, Failed int
	Allowed      int
	Bands        []band
	Marks        []mark
	Charts       []chart
}

// contentOf is what the page shows of a recording.
func contentOf(r record.Recording) content {
	count := seconds(r)
	c := content{
		Recording: r, Passed: len(r.Acts) > 0, Sent: len(r.Requests), Failed: record.Requests(r.Requests).Failed(),
		Bands: bands(r), Marks: marks(count),
		Charts: []chart{
			newChart("Requests per second", "by when they were sent", requests(r), count),
			newChart("Instances by state", "as the load balancer sees them", instances(r), count*fine),
			newChart("AWS calls per second by service", "the controller's, and the few of the person who meddles", calls(r), count),
		},
	}
	for _, act := range r.Acts {
		c.Allowed += act.Bound.Most
		c.Passed = c.Passed && act.Problem == ""
	}
	return c
}

// Render makes the page.
func Render(r record.Recording) ([]byte, error) {
	var written bytes.Buffer
	if err := parsed.Execute(&written, contentOf(r)); err != nil {
		return nil, fmt.Errorf("making the report: %w", err)
	}
	return written.Bytes(), nil
}

// Write writes the page to a file, and returns where that is.
func Write(path string, r record.Recording) (string, error) {
	written, err := Render(r)
	if err != nil {
		return "", err
	}
	if path, err = filepath.Abs(path); err == nil {
		err = os.WriteFile(path, written, 0o644)
	}
	if err != nil {
		return "", fmt.Errorf("writing the report: %w", err)
	}
	return path, nil
}

// Save writes a recording as JSON.
func Save(path string, r record.Recording) error {
	raw, err := json.Marshal(r)
	if err == nil {
		err = os.WriteFile(path, raw, 0o644)
	}
	if err != nil {
		return fmt.Errorf("writing the recording: %w", err)
	}
	return nil
}
