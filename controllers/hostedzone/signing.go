package hostedzone

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// signingCall is one call that changes how a zone is signed.
type signingCall func(context.Context, *Kind, *zone) (*types.ChangeInfo, error)

// createKey makes a key signing key. A name that is taken may be the echo of an earlier call that took effect unseen.
func createKey(obj *v1alpha1.HostedZone, key v1alpha1.KeySigningKey) signingCall {
	reference := fmt.Sprintf("%s/%d/%x", obj.UID, obj.Generation, sha256.Sum256([]byte(key.Name)))[:min(128, len(obj.UID)+60)]
	return func(ctx context.Context, k *Kind, z *zone) (*types.ChangeInfo, error) {
		answer, err := k.clients.Route53.CreateKeySigningKey(ctx, &route53.CreateKeySigningKeyInput{
			HostedZoneId: &z.id, Name: &key.Name, KeyManagementServiceArn: &key.KMSKeyARN,
			CallerReference: &reference, Status: aws.String(active),
		})
		if awsclient.Classify(err) == awsclient.AlreadyExists {
			if err := k.readDNSSEC(ctx, z); err != nil {
				return nil, err
			}
			if found := z.dnssec.key(key.Name); found != nil && aws.ToString(found.KmsArn) == key.KMSKeyARN {
				return nil, nil
			}
		}
		if err != nil {
			return nil, fmt.Errorf("creating the key signing key %s: %w", key.Name, err)
		}
		return answer.ChangeInfo, k.readDNSSEC(ctx, z)
	}
}

func activateKey(name string) signingCall {
	return func(ctx context.Context, k *Kind, z *zone) (*types.ChangeInfo, error) {
		answer, err := k.clients.Route53.ActivateKeySigningKey(ctx, &route53.ActivateKeySigningKeyInput{HostedZoneId: &z.id, Name: &name})
		if err != nil {
			return nil, fmt.Errorf("activating the key signing key %s: %w", name, err)
		}
		return answer.ChangeInfo, k.readDNSSEC(ctx, z)
	}
}

func deactivateKey(name string) signingCall {
	return func(ctx context.Context, k *Kind, z *zone) (*types.ChangeInfo, error) {
		answer, err := k.clients.Route53.DeactivateKeySigningKey(ctx, &route53.DeactivateKeySigningKeyInput{HostedZoneId: &z.id, Name: &name})
		if err != nil {
			return nil, fmt.Errorf("deactivating the key signing key %s: %w", name, err)
		}
		return answer.ChangeInfo, k.readDNSSEC(ctx, z)
	}
}

func deleteKey(name string) signingCall {
	return func(ctx context.Context, k *Kind, z *zone) (*types.ChangeInfo, error) {
		answer, err := k.clients.Route53.DeleteKeySigningKey(ctx, &route53.DeleteKeySigningKeyInput{HostedZoneId: &z.id, Name: &name})
		switch {
		case awsclient.Classify(err) == awsclient.NotFound:
			return nil, k.readDNSSEC(ctx, z)
		case err != nil:
			return nil, fmt.Errorf("deleting the key signing key %s: %w", name, err)
		}
		return answer.ChangeInfo, k.readDNSSEC(ctx, z)
	}
}

func enableSigning(ctx context.Context, k *Kind, z *zone) (*types.ChangeInfo, error) {
	answer, err := k.clients.Route53.EnableHostedZoneDNSSEC(ctx, &route53.EnableHostedZoneDNSSECInput{HostedZoneId: &z.id})
	if err != nil {
		return nil, fmt.Errorf("enabling the signing of hosted zone %s: %w", z.id, err)
	}
	return answer.ChangeInfo, k.readDNSSEC(ctx, z)
}

func disableSigning(ctx context.Context, k *Kind, z *zone) (*types.ChangeInfo, error) {
	answer, err := k.clients.Route53.DisableHostedZoneDNSSEC(ctx, &route53.DisableHostedZoneDNSSECInput{HostedZoneId: &z.id})
	if err != nil {
		return nil, fmt.Errorf("disabling the signing of hosted zone %s: %w", z.id, err)
	}
	return answer.ChangeInfo, k.readDNSSEC(ctx, z)
}

// reportSigning writes status.dnssec and the condition Signed, and returns how the object stands on account of them.
func (k *Kind) reportSigning(obj *v1alpha1.HostedZone, o *observed) lifecycle.Outcome {
	d := o.zone.dnssec
	if failed := o.signingFailed; failed != nil {
		if d != nil {
			writeDNSSEC(obj, o, d)
		}
		lifecycle.SetCondition(obj, v1alpha1.ConditionSigned, false, failed.Reason, failed.Message)
		return *failed
	}
	if d == nil && obj.Spec.DNSSEC != nil {
		return lifecycle.Wait(v1alpha1.ReasonCreating, "The zone is not signed yet.", k.poll)
	}
	if d == nil || !managesSigning(obj) || obj.Spec.DNSSEC == nil && len(surplusKeys(obj, d)) == 0 && d.state == notSigning {
		obj.Status.DNSSEC = nil
		meta.RemoveStatusCondition(&obj.Status.Conditions, v1alpha1.ConditionSigned)
		return lifecycle.Outcome{}
	}
	outcome := k.signingOutcome(obj, o, d)
	writeDNSSEC(obj, o, d)
	if outcome.State == lifecycle.Converged {
		outcome = lifecycle.Done("The zone is signed as declared.")
	}
	lifecycle.SetCondition(obj, v1alpha1.ConditionSigned, outcome.State == lifecycle.Converged, outcome.Reason, outcome.Message)
	return outcome
}

// writeDNSSEC writes status.dnssec. When the parent began and ceased to vouch for a key is what its removal waits for.
func writeDNSSEC(obj *v1alpha1.HostedZone, o *observed, d *dnssec) {
	status := &v1alpha1.DNSSECStatus{State: d.state, DSRecords: wantedDS(obj, o), DSTTLSeconds: int64(seenDSTTL(obj, o) / time.Second)}
	certain := parentTells(obj, o)
	for i := range d.keys {
		key := &d.keys[i]
		if !managesKey(obj, aws.ToString(key.Name)) {
			continue
		}
		was := keyStatus(obj, aws.ToString(key.Name))
		is := v1alpha1.KeySigningKeyStatus{
			Name: aws.ToString(key.Name), Status: aws.ToString(key.Status), KeyTag: key.KeyTag,
			InParentSince: was.InParentSince, OutOfParentSince: was.OutOfParentSince,
		}
		now := metav1.NewTime(o.now.Add(time.Second).Truncate(time.Second)) // never too early
		switch there := inParent(obj, o, key); {
		case !certain:
		case there && is.InParentSince == nil:
			is.InParentSince, is.OutOfParentSince = &now, nil
		case !there && !declaresKey(obj, is.Name) && o.vouched: // Route 53 sees what nobody here does: the time begins anew
			is.OutOfParentSince = &now
		case !there && is.OutOfParentSince == nil && (is.InParentSince != nil || !declaresKey(obj, is.Name)):
			is.InParentSince, is.OutOfParentSince = nil, &now
		}
		status.KeySigningKeys = append(status.KeySigningKeys, is)
	}
	obj.Status.DNSSEC = status
}

// signingOutcome says how far the signing is.
func (k *Kind) signingOutcome(obj *v1alpha1.HostedZone, o *observed, d *dnssec) lifecycle.Outcome {
	if outcome, bad := unhealthy(obj, d); bad {
		return outcome
	}
	if surplus := surplusKeys(obj, d); len(surplus) > 0 || obj.Spec.DNSSEC == nil {
		return k.retiring(obj, o, surplus)
	}
	for _, key := range declaredKeys(obj) {
		if found := d.key(key.Name); found == nil || aws.ToString(found.Status) != active {
			return lifecycle.Wait(v1alpha1.ReasonCreating, fmt.Sprintf("The key signing key %s is being made.", key.Name), k.poll)
		}
	}
	if d.state != signing {
		return lifecycle.Wait(v1alpha1.ReasonWaitingForAWS, "Route 53 is beginning to sign the zone.", k.poll)
	}
	if obj.Spec.DelegateFrom == nil {
		return lifecycle.Outcome{}
	}
	return childOutcome(obj, o, delegationDS)
}

// internalFailure is what GetDNSSEC tells of a zone or key that Route 53 itself fails to sign with.
const internalFailure = "INTERNAL_FAILURE"

// unhealthy says what Route 53 itself reports to be wrong. It heals when Route 53 says so.
func unhealthy(obj *v1alpha1.HostedZone, d *dnssec) (lifecycle.Outcome, bool) {
	for i := range d.keys {
		key := &d.keys[i]
		status := aws.ToString(key.Status)
		if managesKey(obj, aws.ToString(key.Name)) && status != active && status != inactive && status != ending {
			return reported(status, "the key signing key "+aws.ToString(key.Name), aws.ToString(key.StatusMessage)), true
		}
	}
	if d.state != signing && d.state != notSigning && d.state != ending {
		return reported(d.state, "the signing of the zone", d.message), true
	}
	return lifecycle.Outcome{}, false
}

// reported says in Route 53's own words what is wrong.
func reported(status, of, words string) lifecycle.Outcome {
	message := fmt.Sprintf("Route 53 reports %s for %s: %s.", status, of, strings.TrimSuffix(words, "."))
	if status == internalFailure {
		return lifecycle.Fail(v1alpha1.ReasonAWSError, message, errors.New(message))
	}
	return lifecycle.Stall(v1alpha1.ReasonInvalidSpec, message+" Check the KMS key and its policy.")
}

// retiring says what the removal of keys waits for, and looks again when that is over.
func (k *Kind) retiring(obj *v1alpha1.HostedZone, o *observed, surplus []types.KeySigningKey) lifecycle.Outcome {
	reason, message := v1alpha1.ReasonReplacing, "A key signing key is being replaced"
	if obj.Spec.DNSSEC == nil {
		reason, message = v1alpha1.ReasonUpdating, "The signing of the zone is being ended"
	}
	ttl := dsTTL(obj, o)
	for i := range surplus {
		name, there := aws.ToString(surplus[i].Name), inParent(obj, o, &surplus[i])
		switch {
		case there && obj.Spec.DelegateFrom == nil && o.child(obj, delegationDS) == nil:
			outcome := lifecycle.Stall(v1alpha1.ReasonConflict, fmt.Sprintf("%s, and the parent still has the DS record of the key %s: %s Once it is gone and its TTL has passed, this goes on by itself.",
				message, name, map[bool]string{true: "make status.dnssec.dsRecords its DS records.", false: "remove it there."}[obj.Spec.DNSSEC != nil]))
			outcome.After = k.again(ttl, o)
			return outcome
		case there && !settled(obj, o):
			return lifecycle.Wait(reason, message+": the old DS record stays in the parent until resolvers can know the new one.", k.again(ttl, o))
		case !parentTells(obj, o) && o.ds.asked:
			return lifecycle.Wait(reason, message+": the resolver has yet to answer whether the parent has the DS record of the key "+name+".", k.again(ttl, o))
		case retiresIn(obj, o, name) > 0 && ttl == unseenDSTTL && obj.Spec.DelegateFrom == nil:
			return lifecycle.Wait(reason, message+": the key stays for 24 hours, since no resolver (--resolver) tells whether its DS record is gone from the parent. Make sure that it is.", k.again(ttl, o))
		case retiresIn(obj, o, name) > 0:
			return lifecycle.Wait(reason, message+": the key stays until resolvers have forgotten its DS record.", k.again(ttl, o))
		}
	}
	return lifecycle.Wait(reason, message+".", k.poll)
}

// again is how soon to look again at what a TTL holds up: often enough, and not more. A resolver is asked at a look, so
// that comes no later than without anything to wait for.
func (k *Kind) again(ttl time.Duration, o *observed) time.Duration {
	after := max(k.poll, min(ttl/4, time.Minute))
	if o.ds.asked {
		after = min(after, o.ds.fresh)
	}
	return after
}
