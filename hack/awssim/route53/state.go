package route53

import (
	"cmp"
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// Quotas are the service quotas of an account; a zero is AWS's default.
type Quotas struct {
	HostedZones       int
	RecordsPerZone    int
	ValuesPerRecord   int
	RecordsPerSet     int
	GeoproximityInSet int
	VPCsPerZone       int
	TagsPerResource   int
}

func (q Quotas) withDefaults() Quotas {
	return Quotas{
		HostedZones:       cmp.Or(q.HostedZones, 500),
		RecordsPerZone:    cmp.Or(q.RecordsPerZone, 10_000),
		ValuesPerRecord:   cmp.Or(q.ValuesPerRecord, 400),
		RecordsPerSet:     cmp.Or(q.RecordsPerSet, 100),
		GeoproximityInSet: cmp.Or(q.GeoproximityInSet, 30),
		VPCsPerZone:       cmp.Or(q.VPCsPerZone, 300),
		TagsPerResource:   cmp.Or(q.TagsPerResource, 50),
	}
}

// Service is the simulated Route 53.
type Service struct {
	env      *frame.Environment
	quotas   Quotas
	resolver atomic.Pointer[Resolver]

	// zones is what reads see: a map that is never written to again. Writers
	// hold mu, and replace it.
	zones      atomic.Pointer[zoneMap]
	generation atomic.Uint64

	mu      sync.Mutex
	changes map[string]change
	// references are the caller references used by each account, by deleted
	// zones too: a reference is burnt for ever.
	references  map[string]map[string]bool
	keepHistory bool
	history     []past
}

type zoneMap map[string]*zone

// past is a former state and when it was replaced.
type past struct {
	replaced time.Time
	zones    zoneMap
}

// mostHistory bounds the states kept for stale reads.
const mostHistory = 64

// zone is one state of a hosted zone. It is never written to once published:
// a change makes another one.
type zone struct {
	id              string
	account         string
	name            string // normal
	callerReference string
	comment         *string
	private         bool
	nameServers     []string
	vpcs            []types.VPC
	tags            frame.Tags
	records         []record // sorted by key
	created         time.Time
	busyUntil       time.Time
}

// recordKey is a record set's identity, in the order of listings.
type recordKey struct{ name, rrtype, set string }

func (k recordKey) compare(other recordKey) int {
	return cmp.Or(strings.Compare(k.name, other.name), strings.Compare(k.rrtype, other.rrtype),
		strings.Compare(k.set, other.set))
}

// record is a stored record set; its names are normal.
type record struct {
	key recordKey
	set *types.ResourceRecordSet
}

func keyOf(set *types.ResourceRecordSet) recordKey {
	return recordKey{sortName(*set.Name), string(set.Type), aws.ToString(set.SetIdentifier)}
}

// at is the position of the first record not before the key.
func (z *zone) at(key recordKey) int {
	at, _ := slices.BinarySearchFunc(z.records, key, func(r record, k recordKey) int { return r.key.compare(k) })
	return at
}

// named is the range of records with a name (in sort form).
func (z *zone) named(name string) []record {
	from := z.at(recordKey{name: name})
	to := from
	for to < len(z.records) && z.records[to].key.name == name {
		to++
	}
	return z.records[from:to]
}

// change is a ChangeInfo and when it becomes INSYNC.
type change struct {
	ID        string
	Account   string
	Comment   *string
	Submitted time.Time
	InSync    time.Time
}

// mostChanges bounds the changes kept; the oldest that are INSYNC go first.
const mostChanges = 20_000

// New makes the service without zones. SetResolver must be called before
// TestDNSAnswer is.
func New(env *frame.Environment, quotas Quotas) *Service {
	s := &Service{env: env, quotas: quotas.withDefaults()}
	s.Reset()
	return s
}

// Reset forgets everything.
func (s *Service) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes = map[string]change{}
	s.references = map[string]map[string]bool{}
	s.history = nil
	s.publish(zoneMap{})
}

// KeepHistory records the states that writes replace, for stale reads.
func (s *Service) KeepHistory(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keepHistory = on
	if !on {
		s.history = nil
	}
}

// publish makes a state the current one. The caller holds mu.
func (s *Service) publish(zones zoneMap) {
	if former := s.zones.Load(); s.keepHistory && former != nil {
		s.history = append(s.history, past{s.env.Clock.Now(), *former})
		s.history = s.history[max(0, len(s.history)-mostHistory):]
	}
	s.zones.Store(&zones)
	s.generation.Add(1)
}

// put publishes a new state of one zone. The caller holds mu.
func (s *Service) put(z *zone) {
	zones := maps.Clone(*s.zones.Load())
	zones[z.id] = z
	s.publish(zones)
}

// view is the state a read sees: the current one, or an earlier one when a
// fault makes the read stale.
func (s *Service) view(r *frame.Request) zoneMap {
	if r.Stale == nil {
		return *s.zones.Load()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if *r.Stale == 0 && len(s.history) > 0 {
		return s.history[len(s.history)-1].zones
	}
	moment := s.env.Clock.Now().Add(-*r.Stale)
	for _, former := range s.history {
		if former.replaced.After(moment) {
			return former.zones
		}
	}
	return *s.zones.Load()
}

// find looks a zone up for the account that calls.
func (zones zoneMap) find(r *frame.Request, id *string) (*zone, error) {
	bare := bareID(aws.ToString(id))
	if z, ok := zones[bare]; ok && z.account == r.Caller.Account {
		return z, nil
	}
	return nil, frame.StatusErrorf(http.StatusNotFound, "NoSuchHostedZone", "No hosted zone found with ID: %s", bare)
}

// read looks a zone up as the request may see it.
func (s *Service) read(r *frame.Request, id *string) (*zone, error) { return s.view(r).find(r, id) }

// idle looks a zone up for a change, which Route 53 refuses while it processes
// another one of that zone. The caller holds mu.
func (s *Service) idle(r *frame.Request, id *string) (*zone, error) {
	z, err := s.zones.Load().find(r, id)
	if err != nil {
		return nil, err
	}
	if s.env.Clock.Now().Before(z.busyUntil) {
		return nil, frame.Errorf("PriorRequestNotComplete",
			"The request was rejected because Route 53 was still processing a prior request.")
	}
	return z, nil
}

// submit makes a change that is PENDING. The caller holds mu.
func (s *Service) submit(account string, comment *string) *types.ChangeInfo {
	now := s.env.Clock.Now().UTC().Truncate(time.Millisecond)
	made := change{
		ID:        "C" + s.env.Random.String(20, frame.UpperAlphanumeric),
		Account:   account,
		Comment:   comment,
		Submitted: now,
		InSync:    now.Add(s.env.Random.Draw(s.env.Timing.Propagation)),
	}
	if len(s.changes) >= mostChanges {
		s.forgetChanges(now)
	}
	s.changes[made.ID] = made
	return made.info(now)
}

func (s *Service) forgetChanges(now time.Time) {
	settled := slices.SortedFunc(maps.Values(s.changes), func(a, b change) int { return a.InSync.Compare(b.InSync) })
	for _, c := range settled[:len(settled)/2] {
		if c.InSync.Before(now) {
			delete(s.changes, c.ID)
		}
	}
}

func (c change) info(now time.Time) *types.ChangeInfo {
	status := types.ChangeStatusPending
	if !now.Before(c.InSync) {
		status = types.ChangeStatusInsync
	}
	return &types.ChangeInfo{
		Id:          aws.String("/change/" + c.ID),
		Status:      status,
		SubmittedAt: aws.Time(c.Submitted),
		Comment:     c.Comment,
	}
}

// busy is until when a zone changed now refuses the next change.
func (s *Service) busy() time.Time {
	return s.env.Clock.Now().Add(s.env.Random.Draw(s.env.Timing.Busy))
}

// commit runs a write under the lock and saves the state if it succeeded.
func commit[In, Out any](s *Service, write func(context.Context, *frame.Request, *In) (*Out, error),
) func(context.Context, *frame.Request, *In) (*Out, error) {
	return func(ctx context.Context, r *frame.Request, in *In) (*Out, error) {
		s.mu.Lock()
		out, err := write(ctx, r, in)
		s.mu.Unlock()
		if err == nil {
			s.env.Changed()
		}
		return out, err
	}
}

// Zone is the content of a hosted zone for a DNS server or a test.
type Zone struct {
	// ID is bare, Name normal with its trailing dot.
	ID, Name string
	Account  string
	Private  bool
	// VPCs are the ids of a private zone's VPCs.
	VPCs []string
	// RecordSets are in the order of listings, with normal names.
	RecordSets []types.ResourceRecordSet
}

// Zones lists all zones, the oldest first, neither metered nor throttled.
func (s *Service) Zones() []Zone {
	var listed []Zone
	zones := s.zones.Load().sorted()
	slices.SortStableFunc(zones, func(a, b *zone) int { return a.created.Compare(b.created) })
	for _, z := range zones {
		listed = append(listed, z.exported())
	}
	return listed
}

// Zone is one zone by its bare or prefixed id.
func (s *Service) Zone(id string) (Zone, bool) {
	z, ok := (*s.zones.Load())[bareID(id)]
	if !ok {
		return Zone{}, false
	}
	return z.exported(), true
}

// Generation changes whenever a zone does.
func (s *Service) Generation() uint64 { return s.generation.Load() }

func (zones zoneMap) sorted() []*zone {
	return slices.SortedFunc(maps.Values(zones), func(a, b *zone) int { return strings.Compare(a.id, b.id) })
}

func (z *zone) exported() Zone {
	shown := Zone{ID: z.id, Name: z.name, Account: z.account, Private: z.private}
	for _, vpc := range z.vpcs {
		shown.VPCs = append(shown.VPCs, aws.ToString(vpc.VPCId))
	}
	shown.RecordSets = z.recordSets(z.records)
	return shown
}

func (z *zone) recordSets(records []record) []types.ResourceRecordSet {
	sets := make([]types.ResourceRecordSet, len(records))
	for i, r := range records {
		sets[i] = *r.set
	}
	return sets
}
