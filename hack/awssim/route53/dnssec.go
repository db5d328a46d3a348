package route53

import (
	"context"
	"crypto/ecdsa"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/miekg/dns"

	"github.com/evenkeel/evenkeel/hack/awssim/dnsserver"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// What GetDNSSEC tells of a zone and of its keys.
const (
	notSigning  = "NOT_SIGNING"
	signing     = "SIGNING"
	deleting    = "DELETING"
	keyActive   = "ACTIVE"
	keyInactive = "INACTIVE"
	// What both tell when a KMS key cannot be used, and when Route 53 itself fails.
	actionNeeded    = "ACTION_NEEDED"
	internalFailure = "INTERNAL_FAILURE"
)

// dnssec is how a zone is signed. Like a zone it is not written to.
type dnssec struct {
	// enabled is what was asked for last, and holds from turn on.
	enabled bool
	turn    time.Time
	// pending is until when further changes are refused.
	pending time.Time
	// zoneKey signs everything but the keys themselves; it is made with the first of keys.
	zoneKey *ecdsa.PrivateKey
	keys    []signingKey // in the order of their creation
}

// signingKey is a key-signing key.
type signingKey struct {
	name, arn, status string
	private           *ecdsa.PrivateKey
	created, modified time.Time
}

// status is what the zone does at a moment.
func (d dnssec) status(now time.Time) string {
	turned := !now.Before(d.turn)
	switch {
	case d.enabled && turned:
		return signing
	case !d.enabled && !turned:
		return deleting
	}
	return notSigning
}

// signingKeys are those that the DNS server signs with at a moment. While
// signing is being ended it goes on.
func (d dnssec) signingKeys(now time.Time) []dnsserver.SigningKey {
	if d.status(now) == notSigning {
		return nil
	}
	keys := []dnsserver.SigningKey{{Flags: dnsserver.FlagsZSK, Private: d.zoneKey}}
	for _, key := range d.keys {
		if key.status == keyActive {
			keys = append(keys, key.signer())
		}
	}
	return keys
}

func (d dnssec) find(name string) int {
	return slices.IndexFunc(d.keys, func(k signingKey) bool { return k.name == name })
}

func (d dnssec) actives() int {
	n := 0
	for _, key := range d.keys {
		if key.status == keyActive {
			n++
		}
	}
	return n
}

func (k signingKey) signer() dnsserver.SigningKey {
	return dnsserver.SigningKey{Flags: dnsserver.FlagsKSK, Private: k.private}
}

func (k signingKey) described(zone string) types.KeySigningKey {
	key, digest := k.signer().DNSKEY(zone), k.signer().DS(zone)
	return types.KeySigningKey{
		Name:                     aws.String(k.name),
		KmsArn:                   aws.String(k.arn),
		Status:                   aws.String(k.status),
		CreatedDate:              aws.Time(k.created),
		LastModifiedDate:         aws.Time(k.modified),
		Flag:                     int32(key.Flags),
		KeyTag:                   int32(digest.KeyTag),
		SigningAlgorithmMnemonic: aws.String(dns.AlgorithmToString[key.Algorithm]),
		SigningAlgorithmType:     int32(key.Algorithm),
		DigestAlgorithmMnemonic:  aws.String("SHA-256"),
		DigestAlgorithmType:      int32(digest.DigestType),
		DigestValue:              aws.String(strings.ToUpper(digest.Digest)),
		PublicKey:                aws.String(key.PublicKey),
		DNSKEYRecord:             aws.String(rdata(key)),
		DSRecord:                 aws.String(rdata(digest)),
	}
}

// rdata is what a record says, as a value of Route 53.
func rdata(record dns.RR) string {
	return strings.TrimPrefix(record.String(), record.Header().String())
}

func (s *Service) getDNSSEC(_ context.Context, r *frame.Request, in *sdk.GetDNSSECInput) (*sdk.GetDNSSECOutput, error) {
	z, err := s.read(r, in.HostedZoneId)
	if err != nil {
		return nil, err
	}
	if err := z.checkPublic(); err != nil {
		return nil, err
	}
	out := &sdk.GetDNSSECOutput{
		KeySigningKeys: []types.KeySigningKey{},
		Status:         &types.DNSSECStatus{ServeSignature: aws.String(z.dnssec.status(s.env.Clock.Now()))},
	}
	for _, key := range z.dnssec.keys {
		described := key.described(z.name)
		if status, message := s.trouble(key); status != "" {
			described.Status, described.StatusMessage = &status, &message
			if *out.Status.ServeSignature == signing {
				out.Status.ServeSignature, out.Status.StatusMessage = &status, &message
			}
		}
		out.KeySigningKeys = append(out.KeySigningKeys, described)
	}
	return out, nil
}

func (z *zone) checkPublic() error {
	if z.private {
		return frame.Errorf("InvalidArgument", "The operation is unsupported for the hosted zone %s because it is private.", z.id)
	}
	return nil
}

// signable looks up a zone for a change of its signing, which is refused while another one is pending.
func (s *Service) signable(r *frame.Request, id *string) (*zone, error) {
	z, err := s.now().zones.find(r, id)
	if err != nil {
		return nil, err
	}
	if err := z.checkPublic(); err != nil {
		return nil, err
	}
	return z, s.checkSettled(z)
}

func (s *Service) checkSettled(z *zone) error {
	if s.env.Clock.Now().Before(z.dnssec.pending) {
		return frame.Errorf("ConcurrentModification", "Another user submitted a request to create, update, or delete the object "+
			"at the same time that you did. Retry the request.")
	}
	return nil
}

// sign publishes a zone whose signing changed. Further changes wait until this
// one is INSYNC, and until signing has begun or ended when that was asked for.
func (s *Service) sign(z *zone, to dnssec) *types.ChangeInfo {
	info := s.submit(z.account, nil)
	to.pending = s.changes[bareID(*info.Id)].InSync
	next := s.now()
	if to.enabled != z.dnssec.enabled {
		to.turn = info.SubmittedAt.Add(s.env.Random.Draw(s.env.Timing.Signing))
		next.turns = append(slices.Clone(next.turns), to.turn)
		if to.turn.After(to.pending) {
			to.pending = to.turn
		}
	}
	changed := *z
	changed.dnssec = to
	next.zones = with(next.zones, z.id, &changed)
	s.publish(next)
	s.generation.Add(1)
	return info
}

func (s *Service) enableDNSSEC(_ context.Context, r *frame.Request, in *sdk.EnableHostedZoneDNSSECInput,
) (*sdk.EnableHostedZoneDNSSECOutput, error) {
	z, err := s.signable(r, in.HostedZoneId)
	if err != nil {
		return nil, err
	}
	if z.dnssec.actives() == 0 {
		return nil, frame.Errorf("KeySigningKeyWithActiveStatusNotFound",
			"A key-signing key (KSK) with ACTIVE status wasn't found in the hosted zone %s.", z.id)
	}
	for _, key := range z.dnssec.keys {
		if key.status == keyActive {
			if err := s.checkKMSKey(z.account, key.arn); err != nil {
				return nil, err
			}
		}
	}
	to := z.dnssec
	to.enabled = true
	return &sdk.EnableHostedZoneDNSSECOutput{ChangeInfo: s.sign(z, to)}, nil
}

func (s *Service) disableDNSSEC(_ context.Context, r *frame.Request, in *sdk.DisableHostedZoneDNSSECInput,
) (*sdk.DisableHostedZoneDNSSECOutput, error) {
	z, err := s.signable(r, in.HostedZoneId)
	if err != nil {
		return nil, err
	}
	if len(z.dnssec.keys) == 0 {
		return nil, frame.Errorf("DNSSECNotFound", "The hosted zone %s doesn't have any DNSSEC resources.", z.id)
	}
	for _, key := range z.dnssec.keys {
		if err := s.checkNotInParent(z, key); err != nil {
			return nil, err
		}
	}
	to := z.dnssec
	to.enabled = false
	return &sdk.DisableHostedZoneDNSSECOutput{ChangeInfo: s.sign(z, to)}, nil
}

// checkNotInParent refuses to take away a key that a DS record in the parent
// zone still vouches for, as far as the parent is a zone of the same account.
func (s *Service) checkNotInParent(z *zone, key signingKey) error {
	digest := key.signer().DS(z.name)
	for _, parent := range s.now().zones.owned(z.account) {
		if parent.private || parent.name == z.name || !within(z.name, parent.name) {
			continue
		}
		for _, record := range parent.named(sortName(z.name)) {
			if record.set.Type == types.RRTypeDs && vouches(record.set, digest) {
				return frame.Errorf("KeySigningKeyInParentDSRecord",
					"The key-signing key (KSK) %s is specified in a parent DS record, that of %s in the hosted zone %s.",
					key.name, z.name, parent.id)
			}
		}
	}
	return nil
}

func vouches(set *types.ResourceRecordSet, digest *dns.DS) bool {
	wanted := strconv.Itoa(int(digest.KeyTag)) + " " + strconv.Itoa(int(digest.Algorithm))
	return slices.ContainsFunc(set.ResourceRecords, func(r types.ResourceRecord) bool {
		fields := strings.Fields(aws.ToString(r.Value))
		return len(fields) > 3 && strings.Join(fields[:2], " ") == wanted &&
			strings.EqualFold(strings.Join(fields[3:], ""), digest.Digest)
	})
}

func noSuchKey(z, name string) error {
	return frame.StatusErrorf(http.StatusNotFound, "NoSuchKeySigningKey",
		"The specified key-signing key (KSK) doesn't exist: %s in the hosted zone %s", name, z)
}
