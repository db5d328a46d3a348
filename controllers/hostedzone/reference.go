package hostedzone

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// listingDelay is how long a zone that Route 53 says it has made may be missing from its listings. After that it is gone:
// somebody has deleted it before it was written down that it was made.
const listingDelay = 30 * time.Second

// callerReference is the token that makes CreateHostedZone idempotent. Route 53 never takes one twice, not even after
// the zone is gone: a zone that was deleted outside is made again under a reference that names it.
func callerReference(obj *v1alpha1.HostedZone) string {
	if obj.Status.ID == "" {
		return string(obj.UID)
	}
	return string(obj.UID) + "/" + obj.Status.ID
}

// refersTo reports whether a caller reference is one of those under which an object's zones are made.
func refersTo(reference string, obj *v1alpha1.HostedZone) bool {
	uid, _, _ := strings.Cut(reference, "/")
	return uid == string(obj.UID)
}

// references tells under which caller reference an object's zone is made. Which ones are spent is forgotten in a crash,
// and learned again from Route 53.
type references struct {
	mu    sync.Mutex
	spent map[types.UID]*spending
}

// spending are the references of one object, and of one base, that Route 53 has taken without having the zone.
type spending struct {
	base  string
	count int
	// since is when the one now in use was first found taken; zero while it was not.
	since time.Time
}

// next returns the reference for an object's zone.
func (r *references) next(obj *v1alpha1.HostedZone) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	base := callerReference(obj)
	if s := r.spent[obj.UID]; s != nil && s.base == base && s.count > 0 {
		return fmt.Sprintf("%s/%d", base, s.count)
	}
	return base
}

// taken notes that Route 53 has taken the next reference before and lists no zone made under it, and returns how the
// object stands: it waits for the zone to show up, and then goes on to another reference.
func (r *references) taken(obj *v1alpha1.HostedZone, now time.Time) lifecycle.Outcome {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.spent[obj.UID]
	if base := callerReference(obj); s == nil || s.base != base {
		s = &spending{base: base}
		if r.spent == nil {
			r.spent = map[types.UID]*spending{}
		}
		r.spent[obj.UID] = s
	}
	if s.since.IsZero() {
		s.since = now
	}
	left := listingDelay - now.Sub(s.since)
	if left <= 0 {
		s.count, s.since, left = s.count+1, time.Time{}, time.Millisecond
	}
	return lifecycle.Wait(v1alpha1.ReasonWaitingForAWS,
		"Route 53 has made a hosted zone for this object before and does not list it. Unless it shows up, another one is made.", left)
}

// forget drops what is remembered of an object.
func (r *references) forget(obj *v1alpha1.HostedZone) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.spent, obj.UID)
}
