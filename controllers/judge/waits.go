package judge

import (
	"slices"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// Waits are what single subjects of an object wait for or cannot do, while the others go on.
type Waits struct {
	// unseen says of subjects why they could not be read; all has those too.
	unseen, all []lifecycle.Outcome
}

// Renew forgets what was noted when the object was last compared with its spec, but not what could not be read.
func (w *Waits) Renew() { w.all = slices.Clone(w.unseen) }

// Wait notes that a subject has to wait, or that a person must act on it.
func (w *Waits) Wait(outcome lifecycle.Outcome) { w.all = append(w.all, outcome) }

// WaitFor notes an error that is the business of one subject only.
func (w *Waits) WaitFor(err error) { w.Wait(Outcome(err)) }

// Optional takes over the error of a read that not everybody may make: it is told, and the subject that it is about is
// left alone, but the others go on. Other errors are returned.
func (w *Waits) Optional(err error) error {
	if awsclient.Classify(err) != awsclient.Denied {
		return err
	}
	w.unseen = append(w.unseen, lifecycle.Stall(v1alpha1.ReasonAccessDenied, Sentence(err)))
	return nil
}

// Worst is the outcome that weighs most, when there is any.
func (w *Waits) Worst() (lifecycle.Outcome, bool) { return lifecycle.Worst(w.all) }

// NoneWaits reports whether no subject waits.
func (w *Waits) NoneWaits() bool { return len(w.all) == 0 }
