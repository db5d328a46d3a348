package elbv2

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// defaultPolicy is that of listeners whose creator gave none.
const defaultPolicy = "ELBSecurityPolicy-2016-08"

// sslPolicy is a security policy: the versions of TLS from the least to the
// most, and the ciphers of the versions before 1.3.
type sslPolicy struct {
	name        string
	least, most string
	ciphers     []string
}

var (
	tlsVersions  = []string{"TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"}
	tls13Ciphers = []string{"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}
	// forwardSecret are the ciphers with ECDHE and AES in GCM, extended those in
	// CBC mode besides, and static those without ECDHE.
	forwardSecret = []string{
		"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
	}
	extended = []string{
		"ECDHE-ECDSA-AES128-SHA256", "ECDHE-RSA-AES128-SHA256", "ECDHE-ECDSA-AES256-SHA384", "ECDHE-RSA-AES256-SHA384",
	}
	withSHA1 = []string{
		"ECDHE-ECDSA-AES128-SHA", "ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES256-SHA", "ECDHE-ECDSA-AES256-SHA",
	}
	static     = []string{"AES128-GCM-SHA256", "AES128-SHA256", "AES256-GCM-SHA384", "AES256-SHA256"}
	staticSHA1 = []string{"AES128-SHA", "AES256-SHA"}
)

// sslPolicies are in the order of DescribeSSLPolicies.
var sslPolicies = func() []sslPolicy {
	res := slices.Clone(forwardSecret)
	plain := slices.Concat(forwardSecret, extended)
	ext1 := slices.Concat(plain, static)
	ext2 := slices.Concat(plain, withSHA1, static, staticSHA1)
	secret := slices.Concat(plain, withSHA1)
	const prefix = "ELBSecurityPolicy-"
	list := []sslPolicy{{name: prefix + "2016-08", least: "TLSv1", most: "TLSv1.2", ciphers: ext2}}
	for _, generation := range []string{"2021-06", "FIPS-2023-04", "PQ-2025-09", "FIPS-PQ-2025-09"} {
		name := func(versions string) string {
			kind, date := cutLast(generation)
			return prefix + "TLS13-" + versions + kind + "-" + date
		}
		list = append(list,
			sslPolicy{name: name("1-3"), least: "TLSv1.3", most: "TLSv1.3"},
			sslPolicy{name: name("1-2-Res"), least: "TLSv1.2", most: "TLSv1.3", ciphers: res},
			sslPolicy{name: name("1-2"), least: "TLSv1.2", most: "TLSv1.3", ciphers: plain},
			sslPolicy{name: name("1-2-Ext1"), least: "TLSv1.2", most: "TLSv1.3", ciphers: ext1},
			sslPolicy{name: name("1-2-Ext2"), least: "TLSv1.2", most: "TLSv1.3", ciphers: ext2},
			sslPolicy{name: name("1-1"), least: "TLSv1.1", most: "TLSv1.3", ciphers: ext2},
			sslPolicy{name: name("1-0"), least: "TLSv1", most: "TLSv1.3", ciphers: ext2})
	}
	return append(list,
		sslPolicy{name: prefix + "TLS-1-2-2017-01", least: "TLSv1.2", most: "TLSv1.2", ciphers: ext1},
		sslPolicy{name: prefix + "TLS-1-2-Ext-2018-06", least: "TLSv1.2", most: "TLSv1.2", ciphers: ext2},
		sslPolicy{name: prefix + "TLS-1-1-2017-01", least: "TLSv1.1", most: "TLSv1.2", ciphers: ext2},
		sslPolicy{name: prefix + "FS-1-2-Res-2020-10", least: "TLSv1.2", most: "TLSv1.2", ciphers: res},
		sslPolicy{name: prefix + "FS-1-2-Res-2019-08", least: "TLSv1.2", most: "TLSv1.2", ciphers: plain},
		sslPolicy{name: prefix + "FS-1-2-2019-08", least: "TLSv1.2", most: "TLSv1.2", ciphers: secret},
		sslPolicy{name: prefix + "FS-1-1-2019-08", least: "TLSv1.1", most: "TLSv1.2", ciphers: secret},
		sslPolicy{name: prefix + "FS-2018-06", least: "TLSv1", most: "TLSv1.2", ciphers: secret},
		sslPolicy{name: prefix + "2015-05", least: "TLSv1", most: "TLSv1.2", ciphers: ext2})
}()

// cutLast takes the year and month off a generation's end: "", "-FIPS", "-PQ" or
// "-FIPS-PQ" is left.
func cutLast(generation string) (kind, date string) {
	const length = len("2021-06")
	kind, date = generation[:len(generation)-length], generation[len(generation)-length:]
	if kind != "" {
		kind = "-" + strings.TrimSuffix(kind, "-")
	}
	return kind, date
}

func findPolicy(name string) (sslPolicy, bool) {
	at := slices.IndexFunc(sslPolicies, func(p sslPolicy) bool { return p.name == name })
	if at < 0 {
		return sslPolicy{}, false
	}
	return sslPolicies[at], true
}

func describeSSLPolicies(_ *reading, in *sdk.DescribeSSLPoliciesInput) (*sdk.DescribeSSLPoliciesOutput, error) {
	found := sslPolicies
	if len(in.Names) > 0 {
		found = nil
		for _, name := range in.Names {
			one, ok := findPolicy(name)
			if !ok {
				return nil, frame.Errorf("SSLPolicyNotFound", "SSL policy '%s' not found", name)
			}
			found = append(found, one)
		}
	}
	cut, next, err := page(found, in.Marker, in.PageSize, func(p sslPolicy) string { return p.name })
	if err != nil {
		return nil, err
	}
	out := &sdk.DescribeSSLPoliciesOutput{NextMarker: next, SslPolicies: []types.SslPolicy{}}
	for _, one := range cut {
		out.SslPolicies = append(out.SslPolicies, one.described())
	}
	return out, nil
}

func (p sslPolicy) described() types.SslPolicy {
	shown := types.SslPolicy{Name: aws.String(p.name), SupportedLoadBalancerTypes: []string{"application", "network"}}
	shown.SslProtocols = slices.Clone(tlsVersions[slices.Index(tlsVersions, p.least) : slices.Index(tlsVersions, p.most)+1])
	slices.Reverse(shown.SslProtocols)
	ciphers := p.ciphers
	if p.most == "TLSv1.3" {
		ciphers = slices.Concat(tls13Ciphers, p.ciphers)
	}
	for i, name := range ciphers {
		shown.Ciphers = append(shown.Ciphers, types.Cipher{Name: aws.String(name), Priority: aws.Int32(int32(i + 1))})
	}
	return shown
}
