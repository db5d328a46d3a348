package acm

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// validationWindow is how long a certificate waits for its validation.
const validationWindow = 72 * time.Hour

// certificate is one state of a certificate. It is never written to once
// published: a change makes another one.
type certificate struct {
	ARN     string `json:"arn"`
	Account string `json:"account"`
	Region  string `json:"region"`
	// Names are all domain names, the certificate's own one first.
	Names     []string                   `json:"names"`
	Method    types.ValidationMethod     `json:"method,omitempty"`
	Type      types.CertificateType      `json:"type"`
	Algorithm types.KeyAlgorithm         `json:"algorithm"`
	Options   types.CertificateOptions   `json:"options"`
	Authority *string                    `json:"authority,omitempty"`
	Token     string                     `json:"token,omitempty"`
	EmailTo   map[string]string          `json:"emailTo,omitempty"`
	ManagedBy types.CertificateManagedBy `json:"managedBy,omitempty"`
	Status    types.CertificateStatus    `json:"status"`
	Tags      []types.Tag                `json:"tags"`
	Created   time.Time                  `json:"created"`
	Imported  time.Time                  `json:"imported,omitzero"`
	Issued    time.Time                  `json:"issued,omitzero"`
	// Recorded is when the validation records begin to be shown.
	Recorded time.Time `json:"recorded,omitzero"`
	// Valid are the names that are validated; Due is when the certificate is
	// issued once all are.
	Valid map[string]bool `json:"valid,omitempty"`
	Due   time.Time       `json:"due,omitzero"`

	NotBefore time.Time `json:"notBefore,omitzero"`
	NotAfter  time.Time `json:"notAfter,omitzero"`
	Serial    string    `json:"serial,omitempty"`
	Issuer    string    `json:"issuer,omitempty"`
	Signature string    `json:"signature,omitempty"`
	// Leaf, Chain and Key are PEM.
	Leaf  string `json:"leaf,omitempty"`
	Chain string `json:"chain,omitempty"`
	Key   string `json:"key,omitempty"`
}

// content is one state of everything.
type content struct {
	Certificates map[string]certificate `json:"certificates"`
	// Authority is who issues the certificates, made when first needed.
	Authority *authority `json:"authority,omitempty"`
}

func emptyContent(kept *authority) *content {
	return &content{Certificates: map[string]certificate{}, Authority: kept}
}

func (c *content) clone() *content {
	return &content{Certificates: maps.Clone(c.Certificates), Authority: c.Authority}
}

func (c *content) sorted() []certificate {
	return slices.SortedFunc(maps.Values(c.Certificates), func(a, b certificate) int {
		if order := a.Created.Compare(b.Created); order != 0 {
			return order
		}
		return strings.Compare(a.ARN, b.ARN)
	})
}

func (c *certificate) pending() bool { return c.Status == types.CertificateStatusPendingValidation }

func (c *certificate) byDNS() bool { return c.pending() && c.Method == types.ValidationMethodDns }

// withValid is the certificate with names validated; the last one makes it due.
func (c certificate) withValid(names []string, due func() time.Time) certificate {
	valid := maps.Clone(c.Valid)
	if valid == nil {
		valid = map[string]bool{}
	}
	for _, name := range names {
		valid[name] = true
	}
	c.Valid = valid
	if c.Due.IsZero() && len(valid) == len(c.Names) {
		c.Due = due()
	}
	return c
}

// record is the CNAME record that validates a name in an account. A wildcard
// has that of the name below it, and each certificate of the name the same.
func (c *certificate) record(name string) (from, to string) {
	bare := strings.TrimPrefix(name, "*.")
	sum := sha256.Sum256([]byte(c.Account + " " + bare))
	text := hex.EncodeToString(sum[:])
	place := make([]byte, 10)
	for i := range place {
		place[i] = 'a' + sum[22+i]%26
	}
	return "_" + text[:32] + "." + bare + ".", "_" + text[12:44] + "." + string(place) + ".acm-validations.aws."
}

func (c *certificate) domainStatus(name string) types.DomainStatus {
	switch {
	case c.Status == types.CertificateStatusIssued || c.Valid[name]:
		return types.DomainStatusSuccess
	case c.pending():
		return types.DomainStatusPendingValidation
	}
	return types.DomainStatusFailed
}

// validations tell how each name is validated.
func (c *certificate) validations(now time.Time) []types.DomainValidation {
	if c.Type != types.CertificateTypeAmazonIssued {
		return nil
	}
	var all []types.DomainValidation
	for _, name := range c.Names {
		told := types.DomainValidation{
			DomainName: aws.String(name), ValidationDomain: aws.String(name), ValidationMethod: c.Method, ValidationStatus: c.domainStatus(name),
		}
		if to, ok := c.EmailTo[name]; ok {
			told.ValidationDomain = aws.String(to)
		}
		switch {
		case c.Method == types.ValidationMethodEmail:
			for _, box := range []string{"admin", "administrator", "hostmaster", "postmaster", "webmaster"} {
				told.ValidationEmails = append(told.ValidationEmails, box+"@"+strings.TrimPrefix(*told.ValidationDomain, "*."))
			}
		case !now.Before(c.Recorded):
			from, to := c.record(name)
			told.ResourceRecord = &types.ResourceRecord{Name: &from, Type: types.RecordTypeCname, Value: &to}
		}
		all = append(all, told)
	}
	return all
}

// status is the certificate's at a moment: issued ones expire.
func (c *certificate) status(now time.Time) types.CertificateStatus {
	if c.Status == types.CertificateStatusIssued && !now.Before(c.NotAfter) {
		return types.CertificateStatusExpired
	}
	return c.Status
}

// asked is a time that may be absent.
func asked(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func (c *certificate) tags() frame.Tags {
	all := frame.Tags{}
	for _, tag := range c.Tags {
		all[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return all
}

func listed(all frame.Tags) []types.Tag {
	list := []types.Tag{}
	for _, key := range all.Keys() {
		list = append(list, types.Tag{Key: aws.String(key), Value: aws.String(all[key])})
	}
	return list
}
