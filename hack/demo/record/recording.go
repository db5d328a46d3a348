// Package record keeps what a run of the demo sees: every request, every second of the instances and of the calls of
// AWS, and what came of each act. All of it is plain data, from which the table at the end and the report are made.
package record

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// Recording is a run.
type Recording struct {
	Began time.Time `json:"began"`
	// Machine and Command say where and how it was recorded.
	Machine string `json:"machine"`
	Command string `json:"command"`
	// Converged is how long the objects took to become Ready the first time.
	Converged time.Duration `json:"converged"`
	// Lasted is how long all of it took.
	Lasted   time.Duration `json:"lasted"`
	Requests []Request     `json:"requests"`
	Samples  []Sample      `json:"samples"`
	Acts     []Result      `json:"acts"`
}

// Request is one that was sent to the application. Times are since the recording began.
type Request struct {
	Sent time.Duration `json:"sent"`
	// Answered is when the answer, or the failure, was there.
	Answered time.Duration `json:"answered"`
	// Instance answered it; empty when none did.
	Instance string `json:"instance,omitempty"`
	// Failure says what went wrong; empty when nothing did.
	Failure string `json:"failure,omitempty"`
}

// Sample is how the world was at a moment.
type Sample struct {
	At time.Duration `json:"at"`
	// Instances counts them by state.
	Instances map[string]int `json:"instances"`
	// Calls counts the calls of AWS by service, since the local AWS began.
	Calls map[string]int `json:"calls"`
}

// Result is what came of an act. Times are since the recording began; those of what did not happen are zero.
type Result struct {
	Name string `json:"name"`
	Told string `json:"told"`
	// NoticedBy says what counts as noticing.
	NoticedBy string `json:"noticedBy"`
	// Outcome tells in a sentence what came of it.
	Outcome string        `json:"outcome"`
	Struck  time.Duration `json:"struck"`
	Noticed time.Duration `json:"noticed"`
	Healed  time.Duration `json:"healed"`
	// Ended is when the world had been calm for a moment after healing.
	Ended  time.Duration `json:"ended"`
	Sent   int           `json:"sent"`
	Failed int           `json:"failed"`
	Bound  Bound         `json:"bound"`
	// Problem says why the act did not pass; empty when it did.
	Problem string `json:"problem,omitempty"`
}

// Recorder fills a recording; any number of goroutines may use it.
type Recorder struct {
	mu sync.Mutex
	r  Recording
}

// NewRecorder begins a recording now.
func NewRecorder(now time.Time, machine, command string) *Recorder {
	return &Recorder{r: Recording{Began: now, Machine: machine, Command: command}}
}

// Since is the time of the recording at a moment.
func (r *Recorder) Since(at time.Time) time.Duration { return at.Sub(r.r.Began) }

// Request records a request once it has ended.
func (r *Recorder) Request(sent, answered time.Time, instance, failure string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.r.Requests = append(r.r.Requests, Request{Sent: r.Since(sent), Answered: r.Since(answered), Instance: instance, Failure: failure})
}

// Sample records how the world is.
func (r *Recorder) Sample(at time.Time, instances, calls map[string]int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.r.Samples = append(r.r.Samples, Sample{At: r.Since(at), Instances: maps.Clone(instances), Calls: maps.Clone(calls)})
}

// Act records what came of an act.
func (r *Recorder) Act(result Result) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.r.Acts = append(r.r.Acts, result)
}

// Converged records that the objects became Ready.
func (r *Recorder) Converged(took time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.r.Converged = took
}

// Recording is what is recorded by now.
func (r *Recorder) Recording(now time.Time) Recording {
	r.mu.Lock()
	defer r.mu.Unlock()
	taken := r.r
	taken.Lasted = r.Since(now)
	taken.Requests, taken.Samples, taken.Acts = slices.Clone(r.r.Requests), slices.Clone(r.r.Samples), slices.Clone(r.r.Acts)
	return taken
}

// Between are the requests sent from one moment until another.
func (r *Recorder) Between(from, to time.Duration) Requests {
	r.mu.Lock()
	defer r.mu.Unlock()
	var found Requests
	for _, request := range r.r.Requests {
		if request.Sent >= from && request.Sent < to {
			found = append(found, request)
		}
	}
	return found
}

// Requests are some of a recording.
type Requests []Request

// Failed counts those that failed.
func (r Requests) Failed() int {
	failed := 0
	for _, request := range r {
		if request.Failure != "" {
			failed++
		}
	}
	return failed
}

// ByInstance counts those that were answered well, by who answered.
func (r Requests) ByInstance() map[string]int {
	counts := map[string]int{}
	for _, request := range r {
		if request.Failure == "" {
			counts[request.Instance]++
		}
	}
	return counts
}

// Failures counts those that failed by what went wrong.
func (r Requests) Failures() map[string]int {
	counts := map[string]int{}
	for _, request := range r {
		if request.Failure != "" {
			counts[request.Failure]++
		}
	}
	return counts
}
