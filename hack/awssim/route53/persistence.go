package route53

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// savedState is the state as JSON; record sets and VPCs have the SDK's fields.
type savedState struct {
	Zones []savedZone `json:"zones"`
	// CallerReferences are all ever used, by account.
	CallerReferences map[string][]string `json:"callerReferences"`
	Changes          []change            `json:"changes"`
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
}

// State is everything, in a fixed order.
func (s *Service) State() any {
	s.mu.Lock()
	defer s.mu.Unlock()
	saved := savedState{
		Zones:            []savedZone{},
		CallerReferences: map[string][]string{},
		Changes: slices.SortedFunc(maps.Values(s.changes), func(a, b change) int {
			if order := a.Submitted.Compare(b.Submitted); order != 0 {
				return order
			}
			return strings.Compare(a.ID, b.ID)
		}),
	}
	now := s.env.Clock.Now()
	for _, z := range s.zones.Load().sorted() {
		saved.Zones = append(saved.Zones, z.saved(now))
	}
	for account, references := range s.references {
		saved.CallerReferences[account] = slices.Sorted(maps.Keys(references))
	}
	return saved
}

func (z *zone) saved(now time.Time) savedZone {
	saved := savedZone{
		ID: z.id, Account: z.account, Name: z.name, CallerReference: z.callerReference, Comment: z.comment,
		Private: z.private, Created: z.created, NameServers: z.nameServers, VPCs: z.vpcs,
		Tags:       tagSet(z, types.TagResourceTypeHostedzone).Tags,
		RecordSets: z.recordSets(z.records),
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
	zones := zoneMap{}
	references := map[string]map[string]bool{}
	for account, used := range saved.CallerReferences {
		references[account] = map[string]bool{}
		for _, reference := range used {
			references[account][reference] = true
		}
	}
	for _, one := range saved.Zones {
		z, err := one.restored()
		if err != nil {
			return fmt.Errorf("zone %q: %w", one.ID, err)
		}
		if zones[z.id] != nil {
			return fmt.Errorf("zone %q is there twice", z.id)
		}
		zones[z.id] = z
	}
	changes := map[string]change{}
	for _, c := range saved.Changes {
		changes[c.ID] = c
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.changes, s.references, s.history = changes, references, nil
	s.publish(zones)
	return nil
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
		created: saved.Created, tags: frame.Tags{},
	}
	if saved.BusyUntil != nil {
		z.busyUntil = *saved.BusyUntil
	}
	for _, tag := range saved.Tags {
		z.tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
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
