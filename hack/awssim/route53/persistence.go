package route53

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// savedState is the state as JSON; what is of the SDK has the SDK's fields.
type savedState struct {
	Zones          []savedZone           `json:"zones"`
	HealthChecks   []savedCheck          `json:"healthChecks"`
	DelegationSets []savedSet            `json:"delegationSets"`
	QueryLogging   []*loggingConfig      `json:"queryLogging"`
	Collections    []*collection         `json:"cidrCollections"`
	CheckStates    map[string]checkState `json:"checkStates"`
	Outside        surroundings          `json:"outside"`
	// CallerReferences are all ever used, by what they were used for.
	CallerReferences map[string]references `json:"callerReferences"`
	Changes          []change              `json:"changes"`
}

type savedZone struct {
	ID              string                    `json:"id"`
	Account         string                    `json:"account"`
	Name            string                    `json:"name"`
	CallerReference string                    `json:"callerReference"`
	Comment         *string                   `json:"comment"`
	Private         bool                      `json:"private"`
	NameServers     []string                  `json:"nameServers"`
	VPCs            []types.VPC               `json:"vpcs"`
	Tags            []types.Tag               `json:"tags"`
	Created         time.Time                 `json:"created"`
	BusyUntil       *time.Time                `json:"busyUntil"`
	RecordSets      []types.ResourceRecordSet `json:"recordSets"`
	DelegationSet   string                    `json:"delegationSet"`
	Authorized      []types.VPC               `json:"authorized"`
	DNSSEC          *savedDNSSEC              `json:"dnssec"`
	Recovery        *recovery                 `json:"recovery"`
}

// State is everything, in a fixed order.
func (s *Service) State() any {
	s.mu.Lock()
	defer s.mu.Unlock()
	held := s.now()
	saved := savedState{
		Zones:        []savedZone{},
		QueryLogging: sortedByID(held.logging),
		Collections:  sortedByID(held.collections),
		CheckStates:  held.states,
		Outside:      s.outside,
		CallerReferences: map[string]references{
			"zones": s.references, "healthChecks": s.checkReferences, "delegationSets": s.setReferences,
		},
		Changes: slices.SortedFunc(maps.Values(s.changes), func(a, b change) int {
			if order := a.Submitted.Compare(b.Submitted); order != 0 {
				return order
			}
			return strings.Compare(a.ID, b.ID)
		}),
	}
	now := s.env.Clock.Now()
	for _, z := range sortedByID(held.zones) {
		saved.Zones = append(saved.Zones, z.saved(now))
	}
	for _, check := range sortedByID(held.checks) {
		saved.HealthChecks = append(saved.HealthChecks, check.saved())
	}
	for _, set := range sortedByID(held.sets) {
		saved.DelegationSets = append(saved.DelegationSets, set.saved())
	}
	// What was used for and by whom is copied, for it is written to later.
	for what, used := range saved.CallerReferences {
		copied := references{}
		for account := range used {
			copied[account] = maps.Clone(used[account])
		}
		saved.CallerReferences[what] = copied
	}
	return saved
}

func sortedByID[M ~map[string]V, V any](all M) []V {
	var list []V
	for _, id := range slices.Sorted(maps.Keys(all)) {
		list = append(list, all[id])
	}
	return list
}

func (z *zone) saved(now time.Time) savedZone {
	saved := savedZone{
		ID: z.id, Account: z.account, Name: z.name, CallerReference: z.callerReference, Comment: z.comment,
		Private: z.private, Created: z.created, NameServers: z.nameServers, VPCs: z.vpcs,
		Tags:          listed(z.tags),
		RecordSets:    z.recordSets(z.records),
		DelegationSet: z.delegationSet,
		Authorized:    z.authorized,
		DNSSEC:        z.dnssec.saved(),
	}
	if !z.recovery.Turn.IsZero() {
		saved.Recovery = &z.recovery
	}
	if z.busyUntil.After(now) {
		until := z.busyUntil.UTC()
		saved.BusyUntil = &until
	}
	return saved
}

// Load replaces everything by what State gave.
func (s *Service) Load(raw json.RawMessage) error {
	var saved savedState
	if err := frame.StrictJSON(raw, &saved); err != nil {
		return err
	}
	next, err := saved.restored(s.env.Clock.Now())
	if err != nil {
		return err
	}
	changes := map[string]change{}
	for _, c := range saved.Changes {
		changes[c.ID] = c
	}
	used := map[string]references{"zones": {}, "healthChecks": {}, "delegationSets": {}}
	maps.Copy(used, saved.CallerReferences)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes, s.outside, s.history = changes, saved.Outside, nil
	s.references, s.checkReferences, s.setReferences = used["zones"], used["healthChecks"], used["delegationSets"]
	s.publish(next)
	s.generation.Add(1)
	s.fleet.Clear()
	for _, check := range next.checks {
		s.watch(check)
	}
	return nil
}

func (saved savedState) restored(now time.Time) (content, error) {
	next := emptyContent()
	maps.Copy(next.states, saved.CheckStates)
	for _, one := range saved.Zones {
		z, err := one.restored()
		if err != nil {
			return next, fmt.Errorf("zone %q: %w", one.ID, err)
		}
		if next.zones[z.id] != nil {
			return next, fmt.Errorf("zone %q is there twice", z.id)
		}
		next.zones[z.id] = z
		if z.dnssec.turn.After(now) {
			next.turns = append(next.turns, z.dnssec.turn)
		}
	}
	for _, one := range saved.HealthChecks {
		check, err := one.restored()
		if err != nil {
			return next, fmt.Errorf("health check %q: %w", one.ID, err)
		}
		next.checks[check.id] = check
	}
	for _, one := range saved.DelegationSets {
		next.sets[one.ID] = one.restored()
	}
	for _, config := range saved.QueryLogging {
		next.logging[config.ID] = config
	}
	for _, found := range saved.Collections {
		if found.Blocks == nil {
			found.Blocks = map[netip.Prefix]string{}
		}
		next.collections[found.ID] = found
	}
	return next, nil
}

func (saved savedZone) restored() (*zone, error) {
	name, ok := NormalName(saved.Name)
	switch {
	case saved.ID == "" || saved.Account == "":
		return nil, fmt.Errorf(`a zone needs "id" and "account"`)
	case !ok:
		return nil, fmt.Errorf("%q is not a domain name", saved.Name)
	case len(saved.NameServers) == 0:
		return nil, fmt.Errorf(`a zone needs "nameServers"`)
	}
	z := &zone{
		id: saved.ID, account: saved.Account, name: name, callerReference: saved.CallerReference,
		comment: saved.Comment, private: saved.Private, nameServers: saved.NameServers, vpcs: saved.VPCs,
		created: saved.Created, tags: tagsOf(saved.Tags), delegationSet: saved.DelegationSet, authorized: saved.Authorized,
	}
	if saved.BusyUntil != nil {
		z.busyUntil = *saved.BusyUntil
	}
	if saved.Recovery != nil {
		z.recovery = *saved.Recovery
	}
	var err error
	if z.dnssec, err = saved.DNSSEC.restored(); err != nil {
		return nil, err
	}
	for i := range saved.RecordSets {
		given := &saved.RecordSets[i]
		name, ok := NormalName(aws.ToString(given.Name))
		if !ok || !within(name, z.name) || given.Type == "" {
			return nil, fmt.Errorf("record set %d (%s %s) is not one of this zone", i+1, given.Type, aws.ToString(given.Name))
		}
		set := normalSet(given, name)
		z.records = append(z.records, record{keyOf(set), set})
	}
	slices.SortFunc(z.records, func(a, b record) int { return a.key.compare(b.key) })
	for i := 1; i < len(z.records); i++ {
		if z.records[i].key == z.records[i-1].key {
			return nil, fmt.Errorf("record set %s is there twice", identity(z.records[i].set))
		}
	}
	return z, nil
}
