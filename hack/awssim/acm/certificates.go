package acm

import (
	"context"
	"encoding/base64"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// find looks a certificate of the caller up.
func (t *turn) find(arn *string) (certificate, error) {
	var v frame.Violations
	v.Required(arn, "certificateArn")
	if err := v.Err("ValidationException"); err != nil {
		return certificate{}, err
	}
	parts := strings.SplitN(*arn, ":", 6)
	if len(parts) != 6 || parts[0] != "arn" || parts[2] != "acm" || !strings.HasPrefix(parts[5], "certificate/") {
		return certificate{}, frame.Errorf("InvalidArnException", "%s is not a valid certificate ARN.", *arn)
	}
	c, ok := t.Certificates[*arn]
	if !ok || c.Account != t.Caller.Account || c.Region != t.Region {
		return certificate{}, frame.Errorf("ResourceNotFoundException", "Could not find certificate %s.", *arn)
	}
	return c, nil
}

func (s *Service) describe(t *turn, in *sdk.DescribeCertificateInput) (*sdk.DescribeCertificateOutput, error) {
	c, err := t.find(in.CertificateArn)
	if err != nil {
		return nil, err
	}
	users := s.usersOf(c.ARN)
	detail := &types.CertificateDetail{
		CertificateArn: &c.ARN, DomainName: &c.Names[0], SubjectAlternativeNames: c.Names, Status: c.status(t.now), Type: c.Type,
		KeyAlgorithm: c.Algorithm, SignatureAlgorithm: aws.String("SHA256WITHRSA"), Subject: aws.String("CN=" + c.Names[0]),
		CertificateAuthorityArn: c.Authority, DomainValidationOptions: c.validations(t.now), InUseBy: users, ManagedBy: c.ManagedBy,
		RenewalEligibility: c.eligibility(users), CertificateKeyPairOrigin: c.origin(),
	}
	if c.Type == types.CertificateTypeImported {
		detail.ImportedAt = asked(c.Imported)
	} else {
		detail.CreatedAt, detail.IssuedAt, detail.Options = asked(c.Created), asked(c.Issued), &c.Options
	}
	if c.Leaf == "" {
		return &sdk.DescribeCertificateOutput{Certificate: detail}, nil
	}
	detail.NotBefore, detail.NotAfter, detail.Serial, detail.Issuer = asked(c.NotBefore), asked(c.NotAfter), &c.Serial, &c.Issuer
	detail.SignatureAlgorithm = &c.Signature
	detail.KeyUsages = []types.KeyUsage{{Name: types.KeyUsageNameDigitalSignature}, {Name: types.KeyUsageNameKeyEncipherment}}
	detail.ExtendedKeyUsages = []types.ExtendedKeyUsage{
		{Name: types.ExtendedKeyUsageNameTlsWebServerAuthentication, OID: aws.String("1.3.6.1.5.5.7.3.1")},
		{Name: types.ExtendedKeyUsageNameTlsWebClientAuthentication, OID: aws.String("1.3.6.1.5.5.7.3.2")},
	}
	return &sdk.DescribeCertificateOutput{Certificate: detail}, nil
}

// eligibility for renewal is of what ACM issued and something uses.
func (c *certificate) eligibility(users []string) types.RenewalEligibility {
	if c.Type == types.CertificateTypeImported || len(users) == 0 {
		return types.RenewalEligibilityIneligible
	}
	return types.RenewalEligibilityEligible
}

func (c *certificate) origin() types.CertificateKeyPairOrigin {
	if c.Type == types.CertificateTypeImported {
		return types.CertificateKeyPairOriginCustomerProvided
	}
	return types.CertificateKeyPairOriginAwsManaged
}

// remove asks who uses the certificate before it takes the state, for what
// uses certificates may be looking at them while it is asked.
func (s *Service) remove(_ context.Context, r *frame.Request, in *sdk.DeleteCertificateInput) (*sdk.DeleteCertificateOutput, error) {
	if err := s.look(); err != nil {
		return nil, err
	}
	users := s.usersOf(aws.ToString(in.CertificateArn))
	return &sdk.DeleteCertificateOutput{}, s.change(func(draft *content, now time.Time) error {
		t := &turn{r, draft, now}
		c, err := t.find(in.CertificateArn)
		if err != nil {
			return err
		}
		if len(users) > 0 {
			return frame.Errorf("ResourceInUseException", "Certificate %s in account %s is in use.", c.ARN, c.Account)
		}
		delete(t.Certificates, c.ARN)
		return nil
	})
}

func (s *Service) list(t *turn, in *sdk.ListCertificatesInput) (*sdk.ListCertificatesOutput, error) {
	var v frame.Violations
	frame.Between(&v, in.MaxItems, "maxItems", 1, 1000)
	if err := v.Err("ValidationException"); err != nil {
		return nil, err
	}
	if (in.SortBy == "") != (in.SortOrder == "") {
		return nil, frame.Errorf("InvalidArgsException", "SortBy and SortOrder go together.")
	}
	matching := t.matching(in)
	if in.NextToken != nil {
		first, err := base64.RawURLEncoding.DecodeString(*in.NextToken)
		at := slices.IndexFunc(matching, func(c certificate) bool { return c.ARN == string(first) })
		if err != nil || at < 0 {
			return nil, frame.Errorf("InvalidArgsException", "The NextToken is not valid.")
		}
		matching = matching[at:]
	}
	page, next := frame.Page(matching, frame.PageSize(in.MaxItems, 1000, 1000))
	out := &sdk.ListCertificatesOutput{CertificateSummaryList: []types.CertificateSummary{}}
	for _, c := range page {
		out.CertificateSummaryList = append(out.CertificateSummaryList, s.summary(t, c))
	}
	if next != nil {
		out.NextToken = aws.String(base64.RawURLEncoding.EncodeToString([]byte(next.ARN)))
	}
	return out, nil
}

// matching are the certificates asked for: those of RSA keys of up to 2048
// bits only, unless other key types are named.
func (t *turn) matching(in *sdk.ListCertificatesInput) []certificate {
	keys := []types.KeyAlgorithm{types.KeyAlgorithmRsa1024, types.KeyAlgorithmRsa2048}
	if in.Includes != nil && len(in.Includes.KeyTypes) > 0 {
		keys = in.Includes.KeyTypes
	}
	var found []certificate
	for _, c := range t.sorted() {
		if c.Account == t.Caller.Account && c.Region == t.Region && slices.Contains(keys, c.Algorithm) &&
			(len(in.CertificateStatuses) == 0 || slices.Contains(in.CertificateStatuses, c.status(t.now))) {
			found = append(found, c)
		}
	}
	if in.SortOrder == types.SortOrderDescending {
		slices.Reverse(found)
	}
	return found
}

func (s *Service) summary(t *turn, c certificate) types.CertificateSummary {
	users := s.usersOf(c.ARN)
	const shown = 100
	told := types.CertificateSummary{
		CertificateArn: &c.ARN, DomainName: &c.Names[0], SubjectAlternativeNameSummaries: c.Names[:min(shown, len(c.Names))],
		HasAdditionalSubjectAlternativeNames: aws.Bool(len(c.Names) > shown), Status: c.status(t.now), Type: c.Type, KeyAlgorithm: c.Algorithm,
		InUse: aws.Bool(len(users) > 0), RenewalEligibility: c.eligibility(users), Exported: aws.Bool(false),
		NotBefore: asked(c.NotBefore), NotAfter: asked(c.NotAfter), CreatedAt: asked(c.Created), ManagedBy: c.ManagedBy,
		IssuedAt: asked(c.Issued), ImportedAt: asked(c.Imported), CertificateKeyPairOrigin: c.origin(),
		ExtendedKeyUsages: []types.ExtendedKeyUsageName{}, KeyUsages: []types.KeyUsageName{},
	}
	if c.Leaf != "" {
		told.KeyUsages = append(told.KeyUsages, types.KeyUsageNameDigitalSignature, types.KeyUsageNameKeyEncipherment)
		told.ExtendedKeyUsages = append(told.ExtendedKeyUsages, types.ExtendedKeyUsageNameTlsWebServerAuthentication,
			types.ExtendedKeyUsageNameTlsWebClientAuthentication)
	}
	return told
}

func (s *Service) get(t *turn, in *sdk.GetCertificateInput) (*sdk.GetCertificateOutput, error) {
	c, err := t.find(in.CertificateArn)
	switch {
	case err != nil:
		return nil, err
	case c.pending():
		return nil, frame.Errorf("RequestInProgressException", "Certificate %s is in PENDING_VALIDATION state.", c.ARN)
	case c.Leaf == "":
		return nil, frame.Errorf("ResourceNotFoundException", "Certificate %s was not issued.", c.ARN)
	}
	out := &sdk.GetCertificateOutput{Certificate: &c.Leaf}
	if c.Chain != "" {
		out.CertificateChain = &c.Chain
	}
	return out, nil
}

// updateOptions changes how renewals are validated; there is nothing else that ACM lets be changed.
func (s *Service) updateOptions(t *turn, in *sdk.UpdateCertificateOptionsInput) (*sdk.UpdateCertificateOptionsOutput, error) {
	c, err := t.find(in.CertificateArn)
	switch {
	case err != nil:
		return nil, err
	case c.Type != types.CertificateTypeAmazonIssued || c.status(t.now) != types.CertificateStatusIssued:
		return nil, frame.Errorf("InvalidStateException", "The options of certificate %s cannot be updated.", c.ARN)
	case in.Options == nil:
		return nil, frame.Errorf("ValidationException", "1 validation error detected: Value null at 'options' failed to satisfy constraint: Member must not be null")
	}
	if in.Options.ValidationMethod != "" {
		c.Method = in.Options.ValidationMethod
	}
	t.Certificates[c.ARN] = c
	return &sdk.UpdateCertificateOptionsOutput{}, nil
}

// resend sends no mail, but refuses what ACM refuses.
func (s *Service) resend(t *turn, in *sdk.ResendValidationEmailInput) (*sdk.ResendValidationEmailOutput, error) {
	c, err := t.find(in.CertificateArn)
	if err != nil {
		return nil, err
	}
	name, domain := strings.ToLower(aws.ToString(in.Domain)), strings.ToLower(aws.ToString(in.ValidationDomain))
	bare := strings.TrimPrefix(name, "*.")
	switch {
	case !c.pending() || c.Method != types.ValidationMethodEmail:
		return nil, frame.Errorf("InvalidStateException", "Certificate %s does not wait for validation by email.", c.ARN)
	case !slices.Contains(c.Names, name), bare != domain && !strings.HasSuffix(bare, "."+domain):
		return nil, frame.Errorf("InvalidDomainValidationOptionsException", "%s cannot be validated by %s.", name, domain)
	}
	return &sdk.ResendValidationEmailOutput{}, nil
}

// renew issues a private certificate anew; public ones renew by themselves.
func (s *Service) renew(t *turn, in *sdk.RenewCertificateInput) (*sdk.RenewCertificateOutput, error) {
	c, err := t.find(in.CertificateArn)
	if err != nil {
		return nil, err
	}
	if c.Type != types.CertificateTypePrivate {
		return nil, frame.Errorf("ValidationException", "Certificate %s is not eligible for renewal.", c.ARN)
	}
	if err := t.issue(&c, t.now); err != nil {
		return nil, err
	}
	t.Certificates[c.ARN] = c
	return &sdk.RenewCertificateOutput{}, nil
}
