package route53

import (
	"context"
	"net/http"
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

var keyName = regexp.MustCompile(`^[A-Za-z0-9_]{3,128}$`)

func validateCreateKey(in *sdk.CreateKeySigningKeyInput) error {
	var broken frame.Violations
	broken.Required(in.CallerReference, "callerReference")
	broken.Length(in.CallerReference, "callerReference", 1, longestReference)
	broken.Required(in.HostedZoneId, "hostedZoneId")
	broken.Required(in.KeyManagementServiceArn, "keyManagementServiceArn")
	broken.Length(in.KeyManagementServiceArn, "keyManagementServiceArn", 0, 256)
	broken.Required(in.Name, "name")
	broken.Length(in.Name, "name", 3, 128)
	broken.Required(in.Status, "status")
	broken.Length(in.Status, "status", 5, 150)
	if err := broken.Err(invalidInput); err != nil {
		return err
	}
	switch {
	case !keyName.MatchString(*in.Name):
		return frame.Errorf("InvalidKeySigningKeyName",
			"The key-signing key (KSK) name that you specified isn't a valid name: %s", *in.Name)
	case *in.Status != keyActive && *in.Status != keyInactive:
		return frame.Errorf("InvalidKeySigningKeyStatus",
			"The key-signing key (KSK) status isn't valid: %s is neither ACTIVE nor INACTIVE.", *in.Status)
	}
	return nil
}

func (s *Service) createKey(_ context.Context, r *frame.Request, in *sdk.CreateKeySigningKeyInput,
) (*sdk.CreateKeySigningKeyOutput, error) {
	if err := validateCreateKey(in); err != nil {
		return nil, err
	}
	z, err := s.signable(r, in.HostedZoneId)
	if err != nil {
		return nil, err
	}
	arn := *in.KeyManagementServiceArn
	if err := s.checkKMSKey(z.account, arn); err != nil {
		return nil, err
	}
	for _, key := range z.dnssec.keys {
		if key.name == *in.Name || key.arn == arn {
			return nil, frame.StatusErrorf(http.StatusConflict, "KeySigningKeyAlreadyExists",
				"You've already created a key-signing key (KSK) with this name or with the same customer managed key ARN: %s", key.name)
		}
	}
	if len(z.dnssec.keys) >= s.quotas.KeysPerZone {
		return nil, frame.Errorf("TooManyKeySigningKeys",
			"You've reached the limit for the number of key-signing keys (KSKs), %d. Remove at least one KSK, and then try again.",
			s.quotas.KeysPerZone)
	}
	now := s.env.Clock.Now().UTC()
	made := signingKey{
		name: *in.Name, arn: arn, status: *in.Status, private: s.kmsPrivateKey(arn), created: now, modified: now,
	}
	to := z.dnssec
	to.keys = append(slices.Clone(to.keys), made)
	if to.zoneKey == nil {
		to.zoneKey = s.newPrivateKey()
	}
	described := made.described(z.name)
	return &sdk.CreateKeySigningKeyOutput{
		ChangeInfo:    s.sign(z, to),
		KeySigningKey: &described,
		Location:      aws.String("https://route53.amazonaws.com" + version + "/keysigningkey/" + z.id + "/" + made.name),
	}, nil
}

// keyOf looks up a key for a change. These operations do not tell an unknown zone from an unknown key.
func (s *Service) keyOf(r *frame.Request, zoneID, name *string) (*zone, int, error) {
	z, err := s.now().zones.find(r, zoneID)
	if err != nil {
		return nil, 0, noSuchKey(bareID(aws.ToString(zoneID)), aws.ToString(name))
	}
	at := z.dnssec.find(aws.ToString(name))
	if at < 0 {
		return nil, 0, noSuchKey(z.id, aws.ToString(name))
	}
	return z, at, s.checkSettled(z)
}

// setKeyStatus gives a key another status; one that it has already is a change all the same.
func (s *Service) setKeyStatus(z *zone, at int, status string) *types.ChangeInfo {
	to := z.dnssec
	to.keys = slices.Clone(to.keys)
	if to.keys[at].status != status {
		to.keys[at].status, to.keys[at].modified = status, s.env.Clock.Now().UTC()
	}
	return s.sign(z, to)
}

func (s *Service) activateKey(_ context.Context, r *frame.Request, in *sdk.ActivateKeySigningKeyInput,
) (*sdk.ActivateKeySigningKeyOutput, error) {
	z, at, err := s.keyOf(r, in.HostedZoneId, in.Name)
	if err != nil {
		return nil, err
	}
	if err := s.checkKMSKey(z.account, z.dnssec.keys[at].arn); err != nil {
		return nil, err
	}
	return &sdk.ActivateKeySigningKeyOutput{ChangeInfo: s.setKeyStatus(z, at, keyActive)}, nil
}

func (s *Service) deactivateKey(_ context.Context, r *frame.Request, in *sdk.DeactivateKeySigningKeyInput,
) (*sdk.DeactivateKeySigningKeyOutput, error) {
	z, at, err := s.keyOf(r, in.HostedZoneId, in.Name)
	if err != nil {
		return nil, err
	}
	key := z.dnssec.keys[at]
	if err := s.checkNotInParent(z, key); err != nil {
		return nil, err
	}
	if z.dnssec.enabled && key.status == keyActive && z.dnssec.actives() == 1 {
		return nil, frame.Errorf("KeySigningKeyInUse", "The key-signing key (KSK) %s can't be deactivated because it's the only KSK "+
			"for a currently-enabled DNSSEC. Disable DNSSEC signing, or add or enable another KSK.", key.name)
	}
	return &sdk.DeactivateKeySigningKeyOutput{ChangeInfo: s.setKeyStatus(z, at, keyInactive)}, nil
}

func (s *Service) deleteKey(_ context.Context, r *frame.Request, in *sdk.DeleteKeySigningKeyInput,
) (*sdk.DeleteKeySigningKeyOutput, error) {
	z, at, err := s.keyOf(r, in.HostedZoneId, in.Name)
	if err != nil {
		return nil, err
	}
	if key := z.dnssec.keys[at]; key.status != keyInactive {
		return nil, frame.Errorf("InvalidKeySigningKeyStatus",
			"The key-signing key (KSK) %s can't be deleted because its status is %s. Deactivate it first.", key.name, key.status)
	}
	to := z.dnssec
	to.keys = slices.Delete(slices.Clone(to.keys), at, at+1)
	return &sdk.DeleteKeySigningKeyOutput{ChangeInfo: s.sign(z, to)}, nil
}
