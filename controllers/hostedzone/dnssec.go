package hostedzone

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/judge"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// Names of spec.dnssec in status.managedFields: itself, and "dnssec.keySigningKeys.NAME".
const (
	fieldDNSSEC     = "dnssec"
	fieldSigningKey = "dnssec.keySigningKeys."
)

// States of signing and of keys, as GetDNSSEC tells them.
const (
	signing    = "SIGNING"
	notSigning = "NOT_SIGNING"
	ending     = "DELETING"
	active     = "ACTIVE"
	inactive   = "INACTIVE"
)

// dnssec is how a zone is signed.
type dnssec struct {
	state   string
	message string
	keys    []types.KeySigningKey
}

func (d *dnssec) key(name string) *types.KeySigningKey {
	i := slices.IndexFunc(d.keys, func(key types.KeySigningKey) bool { return aws.ToString(key.Name) == name })
	if i < 0 {
		return nil
	}
	return &d.keys[i]
}

// declaredKeys returns the keys of the spec.
func declaredKeys(obj *v1alpha1.HostedZone) []v1alpha1.KeySigningKey {
	if obj.Spec.DNSSEC == nil || lifecycle.Deleting(obj) {
		return nil
	}
	return obj.Spec.DNSSEC.KeySigningKeys
}

func declaresKey(obj *v1alpha1.HostedZone, name string) bool {
	return slices.ContainsFunc(declaredKeys(obj), func(key v1alpha1.KeySigningKey) bool { return key.Name == name })
}

// declaredSigning returns how status.managedFields names what the spec declares of DNSSEC.
func declaredSigning(obj *v1alpha1.HostedZone) []string {
	if obj.Spec.DNSSEC == nil {
		return nil
	}
	fields := []string{fieldDNSSEC}
	for _, key := range obj.Spec.DNSSEC.KeySigningKeys {
		fields = append(fields, fieldSigningKey+key.Name)
	}
	return fields
}

func managesSigning(obj *v1alpha1.HostedZone) bool {
	return obj.Spec.DNSSEC != nil || lifecycle.Managed(obj, fieldDNSSEC)
}

// observeDNSSEC reads how the zone is signed, where that is the object's business or may keep the zone from being deleted.
func (k *Kind) observeDNSSEC(ctx context.Context, obj *v1alpha1.HostedZone, o *observed) error {
	o.now = k.clock.Now()
	managed := managesSigning(obj)
	if o.zone.private || !managed && !lifecycle.Deleting(obj) {
		return nil
	}
	err := k.readDNSSEC(ctx, o.zone)
	if !managed && awsclient.Classify(err) == awsclient.Denied {
		return nil // a permission that nobody needs who does not sign
	}
	return err
}

func (k *Kind) readDNSSEC(ctx context.Context, z *zone) error {
	answer, err := k.clients.Route53.GetDNSSEC(ctx, &route53.GetDNSSECInput{HostedZoneId: &z.id})
	if err != nil {
		return fmt.Errorf("reading the signing of hosted zone %s: %w", z.id, err)
	}
	z.dnssec = &dnssec{keys: answer.KeySigningKeys}
	if answer.Status != nil {
		z.dnssec.state, z.dnssec.message = aws.ToString(answer.Status.ServeSignature), aws.ToString(answer.Status.StatusMessage)
	}
	return nil
}

// surplusKeys returns the keys of the zone that the object manages and no longer declares.
func surplusKeys(obj *v1alpha1.HostedZone, d *dnssec) []types.KeySigningKey {
	var surplus []types.KeySigningKey
	for _, key := range d.keys {
		name := aws.ToString(key.Name)
		if !declaresKey(obj, name) && managesKey(obj, name) {
			surplus = append(surplus, key)
		}
	}
	return surplus
}

// managesKey reports whether a key is the object's: one of the spec, or one that was in it.
func managesKey(obj *v1alpha1.HostedZone, name string) bool {
	return declaresKey(obj, name) || lifecycle.Managed(obj, fieldSigningKey+name) ||
		lifecycle.Deleting(obj) && aws.ToBool(obj.Spec.ForceDestroy)
}

// signingChanges returns what makes the zone be signed as declared, or not any more.
func signingChanges(obj *v1alpha1.HostedZone, o *observed, z *zone) ([]change, error) {
	if !managesSigning(obj) && !lifecycle.Deleting(obj) {
		return nil, nil
	}
	d := z.dnssec
	if d == nil { // a zone that is only about to be made
		d = &dnssec{state: notSigning}
	}
	steps := &signingSteps{resource: "hosted zone " + canonicalName(obj.Spec.Name)}
	if err := steps.declared(obj, d); err != nil {
		return nil, err
	}
	steps.surplus(obj, o, d)
	return steps.changes, nil
}

// signingSteps gathers changes of signing. Route 53 takes one after the other.
type signingSteps struct {
	resource string
	changes  []change
}

func (s *signingSteps) add(field, from, to string, call signingCall) {
	s.changes = append(s.changes, change{
		plan: []v1alpha1.PlannedChange{{Verb: lifecycle.VerbUpdate, Resource: s.resource, Field: field, From: from, To: to}},
		run: func(ctx context.Context, k *Kind, _ *v1alpha1.HostedZone, o *observed) error {
			if !o.inSync {
				return lifecycle.AsError(lifecycle.Wait(v1alpha1.ReasonPropagating, "Route 53 is carrying out a change of the zone's signing; the next one follows.", k.poll))
			}
			info, err := call(ctx, k, o.zone)
			var refusal *types.KeySigningKeyInParentDSRecord
			o.vouched = errors.As(err, &refusal)
			switch {
			case err == nil && info != nil:
				o.submitted(info)
			case err != nil && ctx.Err() == nil:
				outcome := judge.Outcome(err)
				o.signingFailed = &outcome
			}
			return err
		},
	})
}

// declared adds what makes the declared keys sign.
func (s *signingSteps) declared(obj *v1alpha1.HostedZone, d *dnssec) error {
	room := 2 - len(d.keys)
	for _, key := range declaredKeys(obj) {
		found := d.key(key.Name)
		switch {
		case found == nil && room <= 0 && len(surplusKeys(obj, d)) > 0: // one that is no longer declared goes first
		case found == nil:
			room--
			s.add(fieldSigningKey+key.Name, "", key.KMSKeyARN, createKey(obj, key))
		case aws.ToString(found.KmsArn) != key.KMSKeyARN:
			return lifecycle.Refuse(v1alpha1.ReasonConflict, "The key signing key %s of the zone uses the KMS key %s and not the declared one: declare a key of another name.", key.Name, aws.ToString(found.KmsArn))
		case aws.ToString(found.Status) == inactive:
			s.add(fieldSigningKey+key.Name+".status", inactive, active, activateKey(key.Name))
		}
	}
	if len(declaredKeys(obj)) > 0 && d.state == notSigning {
		s.add(fieldDNSSEC, notSigning, signing, enableSigning)
	}
	return nil
}

// surplus adds what takes away the keys that are no longer declared, once no resolver can trust them any more.
func (s *signingSteps) surplus(obj *v1alpha1.HostedZone, o *observed, d *dnssec) {
	surplus := surplusKeys(obj, d)
	if slices.ContainsFunc(surplus, func(key types.KeySigningKey) bool { return retiresIn(obj, o, aws.ToString(key.Name)) > 0 }) {
		return
	}
	if d.state == ending {
		return
	}
	if len(declaredKeys(obj)) == 0 && d.state != notSigning && len(surplus) == len(d.keys) {
		s.add(fieldDNSSEC, d.state, notSigning, disableSigning)
	}
	for _, key := range sleepersFirst(surplus) {
		name := aws.ToString(key.Name)
		if status := aws.ToString(key.Status); status != inactive {
			s.add(fieldSigningKey+name+".status", status, inactive, deactivateKey(name))
		}
		s.add(fieldSigningKey+name, aws.ToString(key.KmsArn), "", deleteKey(name))
	}
}

// sleepersFirst puts keys that do not sign before the others: Route 53 keeps the last active key of a signed zone, and a
// new one needs room.
func sleepersFirst(keys []types.KeySigningKey) []types.KeySigningKey {
	awake := func(key types.KeySigningKey) int {
		if aws.ToString(key.Status) == inactive {
			return 0
		}
		return 1
	}
	return slices.SortedStableFunc(slices.Values(keys), func(a, b types.KeySigningKey) int { return awake(a) - awake(b) })
}

// retiresIn is how long a key that is no longer declared must stay: until its DS record is gone from the parent, and for
// the TTL of that. When the zone goes altogether there is nothing to wait for: its delegation went before.
func retiresIn(obj *v1alpha1.HostedZone, o *observed, name string) time.Duration {
	const unknown = time.Hour
	since := keyStatus(obj, name).OutOfParentSince
	switch {
	case lifecycle.Deleting(obj):
		return 0
	case since == nil, !parentTells(obj, o), inParent(obj, o, o.zone.dnssec.key(name)):
		return unknown
	}
	return max(0, since.Add(dsTTL(obj, o)).Sub(o.now))
}

// parentTells reports whether what is known of the parent's DS record holds: the record is in the shape that it should
// have, or the resolver that is asked has answered.
func parentTells(obj *v1alpha1.HostedZone, o *observed) bool {
	if o.child(obj, delegationDS) != nil {
		return childOutcome(obj, o, delegationDS).State == lifecycle.Converged
	}
	return !o.ds.asked || o.ds.known
}

// settled reports whether the declared keys are in the parent for so long that no resolver remembers it without them.
func settled(obj *v1alpha1.HostedZone, o *observed) bool {
	for _, key := range declaredKeys(obj) {
		since := keyStatus(obj, key.Name).InParentSince
		if since == nil || o.now.Before(since.Add(dsTTL(obj, o))) {
			return false
		}
	}
	return true
}

func keyStatus(obj *v1alpha1.HostedZone, name string) v1alpha1.KeySigningKeyStatus {
	if obj.Status.DNSSEC != nil {
		for _, status := range obj.Status.DNSSEC.KeySigningKeys {
			if status.Name == name {
				return status
			}
		}
	}
	return v1alpha1.KeySigningKeyStatus{}
}

// unseenDSTTL is how long resolvers may remember a DS record of which nothing is known: registries give a day at most.
const unseenDSTTL = 24 * time.Hour

// dsTTL is how long resolvers may remember the DS record that the parent had. An answer of a resolver that is asked may be
// as old as the pause between two questions.
func dsTTL(obj *v1alpha1.HostedZone, o *observed) time.Duration {
	seen := seenDSTTL(obj, o)
	switch {
	case obj.Spec.DelegateFrom != nil:
		return seen
	case o.ds.asked:
		return max(seen, o.ds.fresh)
	case seen > 0:
		return seen
	}
	return unseenDSTTL
}

// seenDSTTL is the TTL that the DS record in the parent has or had, 0 when none was seen.
func seenDSTTL(obj *v1alpha1.HostedZone, o *observed) time.Duration {
	switch {
	case obj.Spec.DelegateFrom != nil:
		return time.Duration(delegationTTL(obj)) * time.Second
	case obj.Status.DNSSEC != nil:
		return max(o.ds.ttl, time.Duration(obj.Status.DNSSEC.DSTTLSeconds)*time.Second)
	}
	return o.ds.ttl
}

// inParent reports whether the parent vouches for a key, as far as the object keeps the record there or a resolver tells.
func inParent(obj *v1alpha1.HostedZone, o *observed, key *types.KeySigningKey) bool {
	if key == nil {
		return false
	}
	vouched := slices.Clone(o.ds.records)
	if child := o.child(obj, delegationDS); child != nil {
		for _, value := range child.Spec.ResourceRecords {
			vouched = append(vouched, string(value))
		}
	}
	return slices.ContainsFunc(vouched, func(value string) bool { return strings.EqualFold(value, aws.ToString(key.DSRecord)) })
}

// wantedDS returns the DS records that the parent should have: of the declared keys, and of those that they replace until
// every resolver can know the new ones.
func wantedDS(obj *v1alpha1.HostedZone, o *observed) []string {
	if o.zone == nil || o.zone.dnssec == nil || len(declaredKeys(obj)) == 0 {
		return nil
	}
	var records []string
	for i := range o.zone.dnssec.keys {
		key := &o.zone.dnssec.keys[i]
		name := aws.ToString(key.Name)
		known := declaresKey(obj, name) && aws.ToString(key.Status) == active
		if known || managesKey(obj, name) && !declaresKey(obj, name) && inParent(obj, o, key) && !settled(obj, o) {
			records = append(records, aws.ToString(key.DSRecord))
		}
	}
	slices.Sort(records)
	return records
}
