package recordset

import (
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	apitypes "k8s.io/apimachinery/pkg/types"

	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// zone is what the controller remembers of one hosted zone between turns. Nothing of it is needed after a crash: the
// records are listed again, and what was under way is told by the statuses of the RecordSets.
//
// Only one turn of a zone runs at a time (the work queue sees to it); event handlers touch nothing but wake and relist.
type zone struct {
	id string

	mu     sync.Mutex
	dirty  bool // guarded by mu: something may have changed since the last turn
	relist bool // guarded by mu: the records must be listed again
	// unwritten is what the API server did not take. Guarded by mu: objects are written at the same time.
	unwritten unwritten

	// name of the zone, canonical, known from its SOA record.
	name string
	// records that Route 53 holds, kept up to date by our own changes; nil until listed.
	records map[key]*types.ResourceRecordSet
	// listing is a listing under way, which may take several turns.
	listing *listing
	// missing is set when Route 53 says that there is no such zone.
	missing bool
	// stale are names that turned out not to be as listed.
	stale map[string]bool
	// resync is when the records are listed again.
	resync time.Time

	// flights are the changes whose propagation is awaited, by change id.
	flights map[string]*flight
	// aboard tells in which flight an object's newest change is.
	aboard map[apitypes.UID]*flight
	// parked are the objects that Route 53 refuses.
	parked map[apitypes.UID]*parking
	// repairs are the generations of objects whose record others had changed when its repair was begun: it may take more
	// than one try.
	repairs map[apitypes.UID]int64

	// refused are the objects of which all batches since they were last confirmed were refused: these are known to have
	// changed nothing.
	refused map[apitypes.UID]bool

	// nextSend is when the next change batch may go out; pause is how long the last one was waited for.
	nextSend time.Time
	pause    time.Duration
	// retriesNext is set when objects that were refused before have their turn next.
	retriesNext bool
	// limit is how many units a batch may have while the culprit of a refusal that names none is searched by halving; 0:
	// as many as fit. singles counts the single units accepted in the search.
	limit, singles int
	// retry is when the next call may be made after a failure of the zone as a whole; failures counts those calls in a row
	// that failed, and troubled is since when no turn has gone well.
	retry    time.Time
	failures int
	troubled time.Time
}

// flight is an accepted change batch on its way to Route 53's name servers.
type flight struct {
	id   string
	sent time.Time
	// due is when Route 53 is asked about it next; pending is how old the change was when it was last found still
	// under way.
	due     time.Time
	pending time.Duration
	landed  bool
}

// parking is what keeps an object that Route 53 refuses from being sent again at once.
type parking struct {
	generation int64
	outcome    lifecycle.Outcome
	until      time.Time
	pause      time.Duration
	names      []string
}

func newZone(id string) *zone {
	return &zone{
		id: id, dirty: true,
		stale: map[string]bool{}, flights: map[string]*flight{}, aboard: map[apitypes.UID]*flight{},
		parked: map[apitypes.UID]*parking{}, repairs: map[apitypes.UID]int64{}, refused: map[apitypes.UID]bool{},
	}
}

// touch notes that something about the zone's objects has changed; afresh, that Route 53 is to be listed again too.
func (z *zone) touch(afresh bool) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.dirty = true
	z.relist = z.relist || afresh
}

// takeDirty reports whether the zone was touched since the last call.
func (z *zone) takeDirty() bool {
	z.mu.Lock()
	defer z.mu.Unlock()
	dirty := z.dirty
	z.dirty = false
	return dirty
}

// takeRelist reports whether a fresh listing was asked for since the last call.
func (z *zone) takeRelist() bool {
	z.mu.Lock()
	defer z.mu.Unlock()
	relist := z.relist
	z.relist = false
	return relist
}

// apply makes the zone's view of the records what an accepted batch made of it.
func (z *zone) apply(changes []change) {
	for _, c := range changes {
		if c.action == types.ChangeActionDelete {
			delete(z.records, c.key)
		} else {
			z.records[c.key] = c.record
		}
	}
	if z.listing != nil {
		z.listing.changes = append(z.listing.changes, changes...)
	}
}

// inTurn returns the objects whose changes go out next: those that were refused before never share a batch with others,
// and take turns with them.
func (z *zone) inTurn(ready []*decision) []*decision {
	var fresh, refused []*decision
	for _, dec := range ready {
		if p := z.parked[dec.obj.UID]; p != nil && p.generation == dec.obj.Generation {
			refused = append(refused, dec)
		} else {
			fresh = append(fresh, dec)
		}
	}
	retrying := len(fresh) == 0 || z.retriesNext && len(refused) > 0
	z.retriesNext = !retrying && len(refused) > 0
	if retrying {
		return refused
	}
	return fresh
}

// inUse reports whether any object's newest change is in the flight.
func (z *zone) inUse(f *flight) bool {
	for _, other := range z.aboard {
		if other == f {
			return true
		}
	}
	return false
}

// narrow goes on with the search for a culprit after a part of what was refused has been accepted: it is in the other
// part. A search that finds none, because it has been mended meanwhile, ends.
func (z *zone) narrow() {
	switch {
	case z.limit > 1:
		z.limit = (z.limit + 1) / 2
	case z.limit == 1 && z.singles == 0:
		z.singles = 1
	default:
		z.limit, z.singles = 0, 0
	}
}

// unpark lets objects try again whose names were touched by an accepted change: what was in the way may be gone.
func (z *zone) unpark(changes []change) {
	touched := map[string]bool{}
	for _, c := range changes {
		touched[c.key.name] = true
	}
	for _, p := range z.parked {
		for _, name := range p.names {
			if touched[name] {
				p.until = time.Time{}
			}
		}
	}
}

// zones are the hosted zones that have RecordSets.
type zones struct {
	mu   sync.Mutex
	byID map[string]*zone
}

func (s *zones) get(id string) *zone {
	s.mu.Lock()
	defer s.mu.Unlock()
	z, ok := s.byID[id]
	if !ok {
		z = newZone(id)
		s.byID[id] = z
	}
	return z
}

// drop forgets a zone that has no RecordSets left, unless it was touched meanwhile.
func (s *zones) drop(z *zone) {
	s.mu.Lock()
	defer s.mu.Unlock()
	z.mu.Lock()
	defer z.mu.Unlock()
	if !z.dirty {
		delete(s.byID, z.id)
	}
}
