package route53

import (
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

type savedCheck struct {
	ID              string                   `json:"id"`
	Account         string                   `json:"account"`
	CallerReference string                   `json:"callerReference"`
	Version         int64                    `json:"version"`
	Config          types.HealthCheckConfig  `json:"config"`
	Asked           *types.HealthCheckConfig `json:"asked"`
	Tags            []types.Tag              `json:"tags"`
	Created         time.Time                `json:"created"`
}

func (h *healthCheck) saved() savedCheck {
	return savedCheck{
		ID: h.id, Account: h.account, CallerReference: h.callerReference, Version: h.version,
		Config: h.config, Asked: &h.asked, Tags: listed(h.tags), Created: h.created,
	}
}

func (saved savedCheck) restored() (*healthCheck, error) {
	if saved.ID == "" || saved.Account == "" {
		return nil, errors.New(`a health check needs "id" and "account"`)
	}
	if err := checkProblems(&saved.Config); err != nil {
		return nil, err
	}
	h := &healthCheck{
		id: saved.ID, account: saved.Account, callerReference: saved.CallerReference, version: max(1, saved.Version),
		config: normalCheck(&saved.Config), tags: tagsOf(saved.Tags), created: saved.Created,
	}
	h.asked = h.config
	if saved.Asked != nil {
		h.asked = *saved.Asked
	}
	return h, nil
}

func tagsOf(list []types.Tag) frame.Tags {
	if len(list) == 0 {
		return nil
	}
	tags := frame.Tags{}
	for _, tag := range list {
		tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return tags
}

type savedSet struct {
	ID              string   `json:"id"`
	Account         string   `json:"account"`
	CallerReference string   `json:"callerReference"`
	NameServers     []string `json:"nameServers"`
}

func (d *delegationSet) saved() savedSet {
	return savedSet{d.id, d.account, d.callerReference, d.nameServers}
}

func (saved savedSet) restored() *delegationSet {
	return &delegationSet{saved.ID, saved.Account, saved.CallerReference, saved.NameServers}
}

type savedDNSSEC struct {
	Enabled bool       `json:"enabled"`
	Turn    time.Time  `json:"turn,omitzero"`
	Pending time.Time  `json:"pending,omitzero"`
	ZoneKey string     `json:"zoneKey"`
	Keys    []savedKey `json:"keys"`
}

type savedKey struct {
	Name     string    `json:"name"`
	ARN      string    `json:"arn"`
	Status   string    `json:"status"`
	Private  string    `json:"private"`
	Created  time.Time `json:"created"`
	Modified time.Time `json:"modified"`
}

// saved is nil for a zone that never had a key.
func (d dnssec) saved() *savedDNSSEC {
	if d.zoneKey == nil {
		return nil
	}
	saved := &savedDNSSEC{Enabled: d.enabled, Turn: d.turn.UTC(), Pending: d.pending.UTC(), ZoneKey: textOfPrivateKey(d.zoneKey)}
	for _, key := range d.keys {
		saved.Keys = append(saved.Keys, savedKey{
			Name: key.name, ARN: key.arn, Status: key.status, Private: textOfPrivateKey(key.private),
			Created: key.created, Modified: key.modified,
		})
	}
	return saved
}

func (saved *savedDNSSEC) restored() (dnssec, error) {
	if saved == nil {
		return dnssec{}, nil
	}
	d := dnssec{enabled: saved.Enabled, turn: saved.Turn, pending: saved.Pending}
	var err error
	if d.zoneKey, err = parsePrivateKey(saved.ZoneKey); err != nil {
		return d, fmt.Errorf("the zone's key: %w", err)
	}
	for _, key := range saved.Keys {
		private, err := parsePrivateKey(key.Private)
		if err != nil {
			return d, fmt.Errorf("the key %s: %w", key.Name, err)
		}
		d.keys = append(d.keys, signingKey{
			name: key.Name, arn: key.ARN, status: key.Status, private: private, created: key.Created, modified: key.Modified,
		})
	}
	return d, nil
}
