package recordset

import (
	"context"
	"errors"
	"net/http"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// longestPutOff bounds the pause before what the API server did not take is written again. It is short, so that a zone
// goes on soon after the API server is back, of which no event tells.
const longestPutOff = 8 * time.Second

// unwritten is what a zone remembers of writes that the API server did not take.
type unwritten struct {
	// some is set by a write that failed since the turn began; lost, when it was not for the object's sake, so that no
	// other would have succeeded either.
	some, lost bool
	// turns counts the turns in a row with such writes; again is when they are tried again, zero when there are none.
	turns int
	again time.Time
}

// due reports whether it is time to write again.
func (u *unwritten) due(now time.Time) bool { return !u.again.IsZero() && !now.Before(u.again) }

// logWrite notes a failed write to the API server and has the object decided again: after a pause, or, when it was decided
// on an old view of the object, which is nothing to tell, at once.
func (r *Reconciler) logWrite(ctx context.Context, z *zone, dec *decision, err error) {
	if lifecycle.IsStale(err) {
		z.touch(false)
		return
	}
	z.mu.Lock()
	z.unwritten.some, z.unwritten.lost = true, z.unwritten.lost || !refusesObject(err)
	z.mu.Unlock()
	log.FromContext(ctx).Error(err, "Could not write to the API server", "recordSet", dec.obj.Name, "namespace", dec.obj.Namespace)
}

// refusesObject reports whether the API server answered, and does not take this object.
func refusesObject(err error) bool {
	var answer apierrors.APIStatus
	if !errors.As(err, &answer) {
		return false
	}
	code := answer.Status().Code
	return code >= http.StatusBadRequest && code < http.StatusInternalServerError && code != http.StatusTooManyRequests
}

// putOff decides, at the end of a turn, when what was not written is tried again. While the API server takes nothing, the
// zone rests until then.
func (r *Reconciler) putOff(z *zone) {
	z.mu.Lock()
	defer z.mu.Unlock()
	u := &z.unwritten
	if !u.some {
		*u = unwritten{}
		return
	}
	again := r.clock.Now().Add(min(time.Second<<min(u.turns, 10), longestPutOff))
	if u.lost {
		z.retry = laterOf(z.retry, again)
	}
	*u = unwritten{turns: u.turns + 1, again: again}
}
