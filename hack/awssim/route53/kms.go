package route53

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"encoding/hex"
	"fmt"
	"regexp"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// surroundings are what Route 53 sees of other services, and what is told of the
// world by the control API instead.
type surroundings struct {
	// LogGroups and KMSKeys are by ARN.
	LogGroups map[string]LogGroup `json:"logGroups,omitempty"`
	KMSKeys   map[string]KMSKey   `json:"kmsKeys,omitempty"`
}

// KMSKey is a customer managed key of KMS as far as Route 53 sees it.
type KMSKey struct {
	ARN string `json:"arn"`
	// Bad tells why the key cannot sign, as in "the key is disabled"; empty
	// means that it can.
	Bad string `json:"bad,omitempty"`
	// Failing is set when Route 53 itself fails to sign with the key.
	Failing bool `json:"failing,omitempty"`
	// Private is the scalar of the P-256 key in hexadecimal, once it was used.
	Private string `json:"private,omitempty"`
}

var kmsKeyARN = regexp.MustCompile(`^arn:aws:kms:([a-z0-9-]+):(\d{12}):key/[A-Za-z0-9-]+$`)

// SetKMSKey tells whether a key can sign. All keys of us-east-1 that nothing is
// said of can. The private key of one that was used stays.
func (s *Service) SetKMSKey(arn, bad string) error {
	if !kmsKeyARN.MatchString(arn) {
		return fmt.Errorf("%q is not the ARN of a key: arn:aws:kms:us-east-1:%s:key/ID", arn, frame.DefaultAccount)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	key := s.outside.KMSKeys[arn]
	key.ARN, key.Bad = arn, bad
	s.outside.KMSKeys = with(s.outside.KMSKeys, arn, key)
	return nil
}

// FailKMSKey lets Route 53 fail to sign with a key, or not any more.
func (s *Service) FailKMSKey(arn string, failing bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := s.outside.KMSKeys[arn]
	key.ARN, key.Failing = arn, failing
	s.outside.KMSKeys = with(s.outside.KMSKeys, arn, key)
}

// trouble tells the status that an active key has in place of ACTIVE, and why; nothing while it can sign.
func (s *Service) trouble(key signingKey) (status, message string) {
	s.mu.Lock()
	kms := s.outside.KMSKeys[key.arn]
	s.mu.Unlock()
	switch {
	case key.status != keyActive:
		return "", ""
	case kms.Bad != "":
		return actionNeeded, fmt.Sprintf("Route 53 can't use the customer managed key %s: %s.", key.arn, kms.Bad)
	case kms.Failing:
		return internalFailure, fmt.Sprintf("An internal failure occurred while signing with the customer managed key %s.", key.arn)
	}
	return "", ""
}

// checkKMSKey refuses a key that cannot sign.
func (s *Service) checkKMSKey(account, arn string) error {
	refusal := func(why string) error {
		return frame.Errorf("InvalidKMSArn", "The KeyManagementServiceArn that you specified isn't valid to use with DNSSEC signing: %s: %s",
			arn, why)
	}
	parts := kmsKeyARN.FindStringSubmatch(arn)
	switch {
	case parts == nil:
		return refusal("it is not the ARN of a customer managed key")
	case parts[1] != "us-east-1":
		return refusal("the key must be in us-east-1")
	case parts[2] != account:
		return refusal("the key's policy does not allow dnssec-route53.amazonaws.com to use it")
	case s.outside.KMSKeys[arn].Bad != "":
		return refusal(s.outside.KMSKeys[arn].Bad)
	}
	return nil
}

// kmsPrivateKey stands in for the key that never leaves KMS. It is drawn when
// the key is used for the first time. The caller holds mu.
func (s *Service) kmsPrivateKey(arn string) *ecdsa.PrivateKey {
	key := s.outside.KMSKeys[arn]
	if private, err := parsePrivateKey(key.Private); err == nil {
		return private
	}
	private := s.newPrivateKey()
	key.ARN, key.Private = arn, textOfPrivateKey(private)
	s.outside.KMSKeys = with(s.outside.KMSKeys, arn, key)
	return private
}

// newPrivateKey draws a P-256 key, the same for the same seed.
func (s *Service) newPrivateKey() *ecdsa.PrivateKey {
	for {
		private, err := parsePrivateKey(s.env.Random.String(64, "0123456789abcdef"))
		// One in four billion draws is beyond the order of the curve.
		if err == nil {
			return private
		}
	}
}

func parsePrivateKey(text string) (*ecdsa.PrivateKey, error) {
	scalar, err := hex.DecodeString(text)
	if err != nil {
		return nil, err
	}
	return ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar)
}

func textOfPrivateKey(private *ecdsa.PrivateKey) string {
	scalar, err := private.Bytes()
	if err != nil {
		return ""
	}
	return hex.EncodeToString(scalar)
}
