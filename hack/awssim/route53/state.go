package route53

import (
	"cmp"
	"context"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/hack/awssim/checkers"
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
	// AuthorizationsPerZone are VPC association authorizations.
	AuthorizationsPerZone int
	HealthChecks          int
	DelegationSets        int
	ZonesPerDelegationSet int
	KeysPerZone           int
	CIDRCollections       int
	BlocksPerCollection   int
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

		AuthorizationsPerZone: cmp.Or(q.AuthorizationsPerZone, 1000),
		HealthChecks:          cmp.Or(q.HealthChecks, 200),
		DelegationSets:        cmp.Or(q.DelegationSets, 100),
		ZonesPerDelegationSet: cmp.Or(q.ZonesPerDelegationSet, 100),
		KeysPerZone:           cmp.Or(q.KeysPerZone, 2),
		CIDRCollections:       cmp.Or(q.CIDRCollections, 5),
		BlocksPerCollection:   cmp.Or(q.BlocksPerCollection, 1000),
	}
}

// Service is the simulated Route 53.
type Service struct {
	env      *frame.Environment
	quotas   Quotas
	resolver atomic.Pointer[Resolver]
	fleet    *checkers.Fleet
	// addresses resolves the names of endpoints.
	addresses atomic.Pointer[func(name string) []netip.Addr]

	// content is what reads see. Writers hold mu, and replace it.
	content    atomic.Pointer[content]
	generation atomic.Uint64

	mu      sync.Mutex
	changes map[string]change
	// references are the caller references used by each account, by deleted
	// zones too: a reference is burnt for ever. So are those of health checks
	// and of delegation sets.
	references, checkReferences, setReferences references
	outside                                    surroundings
	keepHistory                                bool
	history                                    []past
}

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
	// delegationSet is the id of the reusable set that the name servers are of.
	delegationSet string
	// authorized are VPCs that their accounts may associate.
	authorized []types.VPC
	dnssec     dnssec
	recovery   recovery
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
