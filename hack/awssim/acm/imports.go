package acm

import (
	"crypto/tls"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// importCertificate takes a certificate with its key, under a new ARN or in
// place of one that was imported before.
func (s *Service) importCertificate(t *turn, in *sdk.ImportCertificateInput) (*sdk.ImportCertificateOutput, error) {
	pair, err := tls.X509KeyPair(in.Certificate, in.PrivateKey)
	if err != nil {
		return nil, frame.Errorf("ValidationException", "The certificate or the private key is not valid: %s", err)
	}
	leaf := pair.Leaf
	algorithm, ok := algorithmOf(leaf.PublicKey)
	switch {
	case len(pair.Certificate) != 1:
		return nil, frame.Errorf("ValidationException", "The certificate field contains more than one certificate. You can specify only one certificate in this field.")
	case !ok:
		return nil, frame.Errorf("ValidationException", "The algorithm of the certificate's key is not supported.")
	case !t.now.Before(leaf.NotAfter):
		return nil, frame.Errorf("ValidationException", "The certificate has expired.")
	}
	c := certificate{Account: t.Caller.Account, Region: t.Region, Created: t.now.UTC().Truncate(time.Millisecond)}
	if in.CertificateArn != nil {
		if c, err = t.find(in.CertificateArn); err != nil {
			return nil, err
		}
		if c.Type != types.CertificateTypeImported || len(in.Tags) > 0 {
			return nil, frame.Errorf("ValidationException", "Only an imported certificate can be reimported, and not with tags.")
		}
	} else if err := s.number(t, &c); err != nil {
		return nil, err
	}
	if c.Tags, err = s.tagged(c.Tags, in.Tags); err != nil {
		return nil, err
	}
	c.Type, c.Status, c.Algorithm, c.Imported = types.CertificateTypeImported, types.CertificateStatusIssued, algorithm, t.now.UTC().Truncate(time.Millisecond)
	c.Names = slices.Clone(leaf.DNSNames)
	if name := leaf.Subject.CommonName; len(c.Names) == 0 || name != "" && !slices.Contains(c.Names, name) {
		c.Names = append([]string{name}, c.Names...)
	}
	c.Leaf, c.Key, c.Chain, c.Issuer = string(in.Certificate), string(in.PrivateKey), string(in.CertificateChain), leaf.Issuer.CommonName
	c.describe(leaf)
	t.Certificates[c.ARN] = c
	return &sdk.ImportCertificateOutput{CertificateArn: &c.ARN}, nil
}

// tagged adds tags, within ACM's bounds.
func (s *Service) tagged(before, added []types.Tag) ([]types.Tag, error) {
	held := certificate{Tags: before}
	set := map[string]string{}
	for _, tag := range added {
		key, value := aws.ToString(tag.Key), aws.ToString(tag.Value)
		if key == "" || len(key) > 128 || len(value) > 256 || frame.ReservedTagKey(key) {
			return nil, frame.Errorf("InvalidTagException", "The tag %q is not valid.", key)
		}
		set[key] = value
	}
	all := held.tags().With(set, nil)
	if len(all) > s.quotas.Tags {
		return nil, frame.Errorf("TooManyTagsException", "A certificate can have at most %d tags.", s.quotas.Tags)
	}
	return listed(all), nil
}

func (s *Service) addTags(t *turn, in *sdk.AddTagsToCertificateInput) (*sdk.AddTagsToCertificateOutput, error) {
	c, err := t.find(in.CertificateArn)
	if err != nil {
		return nil, err
	}
	if c.Tags, err = s.tagged(c.Tags, in.Tags); err != nil {
		return nil, err
	}
	t.Certificates[c.ARN] = c
	return &sdk.AddTagsToCertificateOutput{}, nil
}

// removeTags removes keys, those with a value only where the tag has it.
func (s *Service) removeTags(t *turn, in *sdk.RemoveTagsFromCertificateInput) (*sdk.RemoveTagsFromCertificateOutput, error) {
	c, err := t.find(in.CertificateArn)
	if err != nil {
		return nil, err
	}
	var gone []string
	for key, value := range c.tags() {
		if slices.ContainsFunc(in.Tags, func(tag types.Tag) bool {
			return aws.ToString(tag.Key) == key && (tag.Value == nil || *tag.Value == value)
		}) {
			gone = append(gone, key)
		}
	}
	c.Tags = listed(c.tags().With(nil, gone))
	t.Certificates[c.ARN] = c
	return &sdk.RemoveTagsFromCertificateOutput{}, nil
}

func (s *Service) listTags(t *turn, in *sdk.ListTagsForCertificateInput) (*sdk.ListTagsForCertificateOutput, error) {
	c, err := t.find(in.CertificateArn)
	if err != nil {
		return nil, err
	}
	return &sdk.ListTagsForCertificateOutput{Tags: listed(c.tags())}, nil
}
