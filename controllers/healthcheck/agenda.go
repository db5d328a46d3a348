package healthcheck

import (
	"sync"
	"time"

	apitypes "k8s.io/apimachinery/pkg/types"
)

// agenda is when objects are to be compared with AWS again. It need not survive a crash: an object that is not on it is
// due, but need not be read afresh, so that one listing serves all of them.
type agenda struct {
	mu      sync.Mutex
	entries map[apitypes.NamespacedName]*entry
}

// entry is when an object is due, and whether it was asked for: then it is due at once, and read afresh.
type entry struct {
	due   time.Time
	asked bool
}

func (a *agenda) forget(key apitypes.NamespacedName) {
	a.mu.Lock()
	defer a.mu.Unlock()
	delete(a.entries, key)
}

// ask puts an object on the agenda at once.
func (a *agenda) ask(key apitypes.NamespacedName) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.entries[key] = &entry{asked: true}
}

// get returns the entry of an object, nil when there is none.
func (a *agenda) get(key apitypes.NamespacedName) *entry {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.entries[key]
}

// done replaces the entry by which an object was looked at, unless it was asked for meanwhile.
func (a *agenda) done(key apitypes.NamespacedName, was *entry, due time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.entries[key] == was {
		a.entries[key] = &entry{due: due}
	}
}
