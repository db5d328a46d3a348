package acm

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// tokenWindow is how long an idempotency token is remembered.
const tokenWindow = time.Hour

var (
	domainName   = regexp.MustCompile(`^(\*\.)?(((?i)[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?)\.)+[a-zA-Z0-9][a-zA-Z0-9-]{0,61}[a-zA-Z0-9]$`)
	idempotency  = regexp.MustCompile(`^\w{1,32}$`)
	authorityARN = regexp.MustCompile(`^arn:aws[\w-]*:acm-pca:[\w-]*:\d{12}:certificate-authority/[\w-]+$`)
)

func (s *Service) request(t *turn, in *sdk.RequestCertificateInput) (*sdk.RequestCertificateOutput, error) {
	if err := checkRequest(in); err != nil {
		return nil, err
	}
	c := certificate{
		Account: t.Caller.Account, Region: t.Region, Names: namesOf(in), Method: in.ValidationMethod, Authority: in.CertificateAuthorityArn,
		Algorithm: in.KeyAlgorithm, Token: aws.ToString(in.IdempotencyToken), ManagedBy: in.ManagedBy, Options: optionsOf(in.Options),
		Type: types.CertificateTypeAmazonIssued, Status: types.CertificateStatusPendingValidation,
		Created: t.now.UTC().Truncate(time.Millisecond),
	}
	if c.Algorithm == "" {
		c.Algorithm = types.KeyAlgorithmRsa2048
	}
	if c.Method == "" {
		c.Method = types.ValidationMethodEmail
	}
	if len(c.Names) > s.quotas.Names {
		return nil, frame.Errorf("LimitExceededException", "Error: The number of domain names of a certificate is limited to %d.", s.quotas.Names)
	}
	if same, ok := t.repeated(&c); ok {
		return &sdk.RequestCertificateOutput{CertificateArn: &same}, nil
	}
	var err error
	if c.EmailTo, err = validationDomains(in); err != nil {
		return nil, err
	}
	if c.Tags, err = s.tagged(nil, in.Tags); err != nil {
		return nil, err
	}
	if err := s.number(t, &c); err != nil {
		return nil, err
	}
	if c.Authority != nil {
		c.Type, c.Method = types.CertificateTypePrivate, ""
		if err := t.issue(&c, t.now); err != nil {
			return nil, err
		}
	} else {
		c.Recorded = t.now.Add(s.env.Random.Draw(s.env.Timing.Certification.Recorded)).UTC()
	}
	t.Certificates[c.ARN] = c
	return &sdk.RequestCertificateOutput{CertificateArn: &c.ARN}, nil
}

// number gives a new certificate its ARN.
func (s *Service) number(t *turn, c *certificate) error {
	n := 0
	for _, held := range t.Certificates {
		if held.Account == c.Account && held.Region == c.Region {
			n++
		}
	}
	if n >= s.quotas.Certificates {
		return frame.Errorf("LimitExceededException", "Error: you have reached your limit of %d certificates.", s.quotas.Certificates)
	}
	c.ARN = "arn:aws:acm:" + c.Region + ":" + c.Account + ":certificate/" + s.env.Random.RequestID()
	return nil
}

func checkRequest(in *sdk.RequestCertificateInput) error {
	var v frame.Violations
	v.Required(in.DomainName, "domainName")
	v.Length(in.DomainName, "domainName", 1, 253)
	if in.DomainName != nil && !domainName.MatchString(*in.DomainName) {
		v.Add(*in.DomainName, "domainName", "Member must satisfy regular expression pattern: %s", domainName)
	}
	if len(in.SubjectAlternativeNames) > 100 {
		v.Add(in.SubjectAlternativeNames, "subjectAlternativeNames", "Member must have length less than or equal to 100")
	}
	for _, name := range in.SubjectAlternativeNames {
		if len(name) > 253 || !domainName.MatchString(name) {
			v.Add(name, "subjectAlternativeNames", "Member must satisfy regular expression pattern: %s", domainName)
		}
	}
	if in.IdempotencyToken != nil && !idempotency.MatchString(*in.IdempotencyToken) {
		v.Add(*in.IdempotencyToken, "idempotencyToken", "Member must satisfy regular expression pattern: \\w+")
	}
	frame.Enum(&v, in.ValidationMethod, "validationMethod", in.ValidationMethod.Values())
	frame.Enum(&v, in.KeyAlgorithm, "keyAlgorithm", in.KeyAlgorithm.Values())
	if err := v.Err("ValidationException"); err != nil {
		return err
	}
	return checkIssuance(in)
}

// checkIssuance refuses what no authority issues.
func checkIssuance(in *sdk.RequestCertificateInput) error {
	public := []types.KeyAlgorithm{"", types.KeyAlgorithmRsa2048, types.KeyAlgorithmEcPrime256v1, types.KeyAlgorithmEcSecp384r1}
	switch {
	case in.CertificateAuthorityArn != nil && !authorityARN.MatchString(*in.CertificateAuthorityArn):
		return frame.Errorf("InvalidArnException", "The certificate authority ARN %s is not valid.", *in.CertificateAuthorityArn)
	case in.CertificateAuthorityArn == nil && !slices.Contains(public, in.KeyAlgorithm), in.KeyAlgorithm == types.KeyAlgorithmRsa1024:
		return frame.Errorf("InvalidParameterException", "The key algorithm %s is not supported for this certificate.", in.KeyAlgorithm)
	case in.ValidationMethod == types.ValidationMethodHttp:
		return frame.Errorf("InvalidParameterException", "HTTP validation is for certificates that CloudFront manages.")
	case len(*in.DomainName) > 64 && in.CertificateAuthorityArn == nil && len(in.SubjectAlternativeNames) == 0:
		return frame.Errorf("InvalidParameterException", "The first domain name of a certificate can have at most 64 octets.")
	}
	return nil
}

// namesOf are all names, each once, in lower case.
func namesOf(in *sdk.RequestCertificateInput) []string {
	var names []string
	for _, name := range append([]string{*in.DomainName}, in.SubjectAlternativeNames...) {
		if name = strings.ToLower(name); !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// optionsOf are options with AWS's defaults.
func optionsOf(in *types.CertificateOptions) types.CertificateOptions {
	options := types.CertificateOptions{Export: types.CertificateExportDisabled}
	if in != nil && in.Export != "" {
		options.Export = in.Export
	}
	return options
}

// repeated finds the certificate that the same request made within the last hour.
func (t *turn) repeated(asked *certificate) (arn string, ok bool) {
	if asked.Token == "" {
		return "", false
	}
	for _, c := range t.sorted() {
		if c.Token == asked.Token && c.Account == asked.Account && c.Region == asked.Region && c.Names[0] == asked.Names[0] &&
			sameNames(c.Names, asked.Names) && c.Created.Add(tokenWindow).After(t.now) {
			return c.ARN, true
		}
	}
	return "", false
}

func sameNames(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// validationDomains are where the validation mails of names go.
func validationDomains(in *sdk.RequestCertificateInput) (map[string]string, error) {
	to := map[string]string{}
	names := namesOf(in)
	for _, option := range in.DomainValidationOptions {
		name, domain := strings.ToLower(aws.ToString(option.DomainName)), strings.ToLower(aws.ToString(option.ValidationDomain))
		bare := strings.TrimPrefix(name, "*.")
		if !slices.Contains(names, name) || bare != domain && !strings.HasSuffix(bare, "."+domain) {
			return nil, frame.Errorf("InvalidDomainValidationOptionsException",
				"The validation domain %s is neither the domain %s of the certificate nor one above it.", domain, name)
		}
		to[name] = domain
	}
	return to, nil
}
