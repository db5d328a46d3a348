package frame

import (
	"cmp"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"
)

// DefaultAccount is the account of every access key that STS did not issue.
const DefaultAccount = "123456789012"

// Identity is who calls, as GetCallerIdentity tells it.
type Identity struct {
	Account, UserID, ARN string
	// Session tells that AssumeRole issued the credentials.
	Session bool
}

// Session is what AssumeRole issued.
type Session struct {
	AccessKeyID string
	Account     string
	UserID      string
	ARN         string
	Expiration  time.Time
}

// Identities knows the sessions STS issued, by access key.
type Identities struct {
	clock    Clock
	mu       sync.RWMutex
	sessions map[string]Session
}

// NewIdentities starts without sessions.
func NewIdentities(clock Clock) *Identities {
	return &Identities{clock: clock, sessions: map[string]Session{}}
}

// Add makes a session known.
func (i *Identities) Add(s Session) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.sessions[s.AccessKeyID] = s
}

// Sessions lists all sessions by access key.
func (i *Identities) Sessions() []Session {
	i.mu.RLock()
	defer i.mu.RUnlock()
	return slices.SortedFunc(maps.Values(i.sessions), func(a, b Session) int {
		return cmp.Compare(a.AccessKeyID, b.AccessKeyID)
	})
}

// Replace forgets all sessions but these.
func (i *Identities) Replace(sessions []Session) {
	i.mu.Lock()
	defer i.mu.Unlock()
	clear(i.sessions)
	for _, s := range sessions {
		i.sessions[s.AccessKeyID] = s
	}
}

// Caller tells whose an access key is. Keys that STS did not issue are the
// default account's; an expired session is refused.
func (i *Identities) Caller(accessKeyID string) (Identity, error) {
	i.mu.RLock()
	session, ok := i.sessions[accessKeyID]
	i.mu.RUnlock()
	if !ok {
		return Identity{
			Account: DefaultAccount,
			UserID:  "AIDASIMULATEDUSER0001",
			ARN:     "arn:aws:iam::" + DefaultAccount + ":user/simulated",
		}, nil
	}
	if !i.clock.Now().Before(session.Expiration) {
		return Identity{}, StatusErrorf(http.StatusForbidden, "ExpiredToken",
			"The security token included in the request is expired")
	}
	return Identity{Account: session.Account, UserID: session.UserID, ARN: session.ARN, Session: true}, nil
}

// VPC is a VPC as other services see it.
type VPC struct {
	ID      string `json:"id"`
	Region  string `json:"region"`
	Account string `json:"account,omitempty"`
	// CIDR holds the addresses of the VPC's DNS clients; without one it has none.
	CIDR netip.Prefix `json:"cidr,omitzero"`
}

// VPCs knows the VPCs of all accounts and regions, as EC2 has them.
type VPCs struct {
	mu    sync.RWMutex
	known map[string]VPC
}

// NewVPCs knows none; EC2 feeds them.
func NewVPCs() *VPCs { return &VPCs{known: map[string]VPC{}} }

// Find looks a VPC up by id and region.
func (v *VPCs) Find(id, region string) (VPC, bool) {
	v.mu.RLock()
	defer v.mu.RUnlock()
	vpc, ok := v.known[id]
	return vpc, ok && vpc.Region == region
}

// Holding is the id of the VPC that an address is in, the one with the longest prefix; empty for none.
func (v *VPCs) Holding(address netip.Addr) string {
	id, longest := "", -1
	for _, vpc := range v.All() {
		if vpc.CIDR.Contains(address.Unmap()) && vpc.CIDR.Bits() > longest {
			id, longest = vpc.ID, vpc.CIDR.Bits()
		}
	}
	return id
}

// All lists the VPCs by id.
func (v *VPCs) All() []VPC {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return slices.SortedFunc(maps.Values(v.known), func(a, b VPC) int { return strings.Compare(a.ID, b.ID) })
}

// Replace forgets all VPCs but these.
func (v *VPCs) Replace(vpcs []VPC) {
	v.mu.Lock()
	defer v.mu.Unlock()
	clear(v.known)
	for _, vpc := range vpcs {
		v.known[vpc.ID] = vpc
	}
}
