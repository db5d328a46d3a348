package loadbalancer

import (
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// Names under which status.managedFields lists parts of listeners.
const (
	fieldSSLPolicy    = "sslPolicy"
	fieldALPNPolicy   = "alpnPolicy"
	fieldMutual       = "mutualAuthentication"
	fieldCertificates = "certificates."
	fieldRules        = "rules."
)

// defaultSSLPolicy is what the API gives a listener that names no policy.
const defaultSSLPolicy = "ELBSecurityPolicy-2016-08"

// defaultPlace names a listener's default actions beside the priorities of its rules.
const defaultPlace = "default"

// desiredListener is a listener as the spec declares it.
type desiredListener struct {
	spec     v1alpha1.Listener
	port     int32
	protocol types.ProtocolEnum
	lbType   types.LoadBalancerTypeEnum
	// certificates are the ARNs that are known, the default first; pending are those that are not issued yet.
	certificate string
	sni         []string
	pending     int
	mutual      *mutual
	actions     []types.Action
	credential  credential
	attributes  settings
	tags        map[string]string
	rules       []*rule
	// credentials are those of the rules.
	credentials map[*rule]credential
}

func (d *desiredListener) resource() string { return listenerResource(d.protocol, d.port) }

// declaredListeners are the listeners of the spec. That of a gateway load balancer has port 0 and no protocol.
func declaredListeners(obj *v1alpha1.LoadBalancer) []v1alpha1.Listener {
	if g := obj.Spec.GatewayListener; g != nil {
		return []v1alpha1.Listener{{DefaultActions: g.DefaultActions, Attributes: g.Attributes, Tags: g.Tags}}
	}
	return obj.Spec.Listeners
}

// declaredListener returns the listener of the spec on a port; nil when there is none.
func declaredListener(obj *v1alpha1.LoadBalancer, port int32) *v1alpha1.Listener {
	all := declaredListeners(obj)
	i := slices.IndexFunc(all, func(l v1alpha1.Listener) bool { return l.Port == port })
	if i < 0 {
		return nil
	}
	return &all[i]
}

// desiredListener returns what a declared listener is to be, given where requests go now.
func (k *Kind) desiredListener(obj *v1alpha1.LoadBalancer, o *observed, spec v1alpha1.Listener, r routing) *desiredListener {
	d := &desiredListener{
		spec: spec, port: spec.Port, lbType: lbType(obj), protocol: types.ProtocolEnum(spec.Protocol), credentials: map[*rule]credential{},
		attributes: declaredListenerAttributes(spec.Attributes), tags: k.ownTags(obj, spec.Tags),
	}
	d.actions = r.routes.actions(spec.DefaultActions, d.protocol)
	d.credential = credentialOf(obj, o, spec.DefaultActions, place(d.port, defaultPlace))
	for i, certificate := range spec.Certificates {
		arn := o.certificateARN(obj, certificate)
		switch {
		case arn == "":
			d.pending++
		case i == 0:
			d.certificate = arn
		case arn != d.certificate && !slices.Contains(d.sni, arn):
			d.sni = append(d.sni, arn)
		}
	}
	if m := spec.MutualAuthentication; m != nil {
		d.mutual = &mutual{mode: string(m.Mode)}
		if m.Mode == v1alpha1.MutualAuthenticationVerify {
			d.mutual.trustStore, d.mutual.ignoreExpiry, d.mutual.advertise = m.TrustStoreARN, aws.ToBool(m.IgnoreClientCertificateExpiry), aws.ToBool(m.AdvertiseTrustStoreCANames)
		}
	}
	for i := range spec.Rules {
		d.addRule(k, obj, o, &spec.Rules[i], r)
	}
	return d
}

func (d *desiredListener) addRule(k *Kind, obj *v1alpha1.LoadBalancer, o *observed, spec *v1alpha1.ListenerRule, r routing) {
	declared := &rule{
		name: spec.Name, priority: spec.Priority, conditions: sdkConditions(spec.Conditions),
		actions: r.routes.actions(spec.Actions, d.protocol), transforms: sdkTransforms(spec.Transforms), tags: k.ownTags(obj, spec.Tags),
	}
	if spec.Name != "" {
		declared.tags[tagRule] = spec.Name
	}
	d.rules = append(d.rules, declared)
	d.credentials[declared] = credentialOf(obj, o, spec.Actions, place(d.port, fmt.Sprint(spec.Priority)))
}

// place names actions in status.clientSecretHashes.
func place(port int32, of string) string { return fmt.Sprintf("%d.%s", port, of) }

func sdkConditions(declared []v1alpha1.RuleCondition) []types.RuleCondition {
	conditions := make([]types.RuleCondition, 0, len(declared))
	for i := range declared {
		conditions = append(conditions, sdkCondition(&declared[i]))
	}
	return conditions
}

func sdkCondition(c *v1alpha1.RuleCondition) types.RuleCondition {
	switch {
	case len(c.HostHeader) > 0 || len(c.HostHeaderRegex) > 0:
		return types.RuleCondition{Field: aws.String(fieldHostHeader), HostHeaderConfig: &types.HostHeaderConditionConfig{Values: texts(c.HostHeader), RegexValues: texts(c.HostHeaderRegex)}}
	case len(c.PathPattern) > 0 || len(c.PathPatternRegex) > 0:
		return types.RuleCondition{Field: aws.String(fieldPathPattern), PathPatternConfig: &types.PathPatternConditionConfig{Values: texts(c.PathPattern), RegexValues: texts(c.PathPatternRegex)}}
	case c.HTTPHeader != nil:
		return types.RuleCondition{Field: aws.String(fieldHTTPHeader), HttpHeaderConfig: &types.HttpHeaderConditionConfig{
			HttpHeaderName: &c.HTTPHeader.Name, Values: texts(c.HTTPHeader.Values), RegexValues: texts(c.HTTPHeader.RegexValues),
		}}
	case len(c.QueryString) > 0:
		config := &types.QueryStringConditionConfig{}
		for _, parameter := range c.QueryString {
			config.Values = append(config.Values, types.QueryStringKeyValuePair{Key: given(parameter.Key), Value: aws.String(parameter.Value)})
		}
		return types.RuleCondition{Field: aws.String(fieldQueryString), QueryStringConfig: config}
	case len(c.HTTPRequestMethod) > 0:
		return types.RuleCondition{Field: aws.String(fieldRequestMethod), HttpRequestMethodConfig: &types.HttpRequestMethodConditionConfig{Values: texts(c.HTTPRequestMethod)}}
	}
	return types.RuleCondition{Field: aws.String(fieldSourceIP), SourceIpConfig: &types.SourceIpConditionConfig{
		Values: texts(c.SourceIP), IpAddressType: types.SourceIpAddressTypeEnum(c.SourceIPAddressType),
	}}
}

func texts[T ~string](values []T) []string {
	var list []string
	for _, value := range values {
		list = append(list, string(value))
	}
	return list
}

func sdkTransforms(t *v1alpha1.RuleTransforms) []types.RuleTransform {
	if t == nil {
		return nil
	}
	var transforms []types.RuleTransform
	rewrites := func(r *v1alpha1.Rewrite) []types.RewriteConfig {
		return []types.RewriteConfig{{Regex: &r.Regex, Replace: &r.Replace}}
	}
	if t.HostHeaderRewrite != nil {
		transforms = append(transforms, types.RuleTransform{Type: types.TransformTypeEnumHostHeaderRewrite, HostHeaderRewriteConfig: &types.HostHeaderRewriteConfig{Rewrites: rewrites(t.HostHeaderRewrite)}})
	}
	if t.URLRewrite != nil {
		transforms = append(transforms, types.RuleTransform{Type: types.TransformTypeEnumUrlRewrite, UrlRewriteConfig: &types.UrlRewriteConfig{Rewrites: rewrites(t.URLRewrite)}})
	}
	return transforms
}

// declaredListenerAttributes are the attributes of a listener by AWS's keys.
func declaredListenerAttributes(a *v1alpha1.ListenerAttributes) settings {
	declared := settings{}
	if a == nil {
		return declared
	}
	for key, value := range a.Other {
		declared[key] = string(value)
	}
	declared.put(keyTCPIdleTimeout, a.TCPIdleTimeoutSeconds)
	declared.putFlag(keyTCPResetOnIdle, a.SendTCPResetOnIdleTimeoutEnabled)
	declared.putFlag(keyServerHeader, a.ResponseServerHeaderEnabled)
	if names := a.RequestHeaderNames; names != nil {
		for header, name := range map[string]v1alpha1.RequestHeaderName{
			"x_amzn_mtls_clientcert_serial_number": names.MTLSClientCertSerialNumber, "x_amzn_mtls_clientcert_issuer": names.MTLSClientCertIssuer,
			"x_amzn_mtls_clientcert_subject": names.MTLSClientCertSubject, "x_amzn_mtls_clientcert_validity": names.MTLSClientCertValidity,
			"x_amzn_mtls_clientcert_leaf": names.MTLSClientCertLeaf, "x_amzn_mtls_clientcert": names.MTLSClientCert,
			"x_amzn_tls_version": names.TLSVersion, "x_amzn_tls_cipher_suite": names.TLSCipherSuite,
		} {
			declared.putText(prefixRequestName+header+suffixHeaderName, string(name))
		}
	}
	if headers := a.ResponseHeaders; headers != nil {
		for header, value := range map[string]v1alpha1.ResponseHeaderValue{
			"strict_transport_security": headers.StrictTransportSecurity, "access_control_allow_origin": headers.AccessControlAllowOrigin,
			"access_control_allow_methods": headers.AccessControlAllowMethods, "access_control_allow_headers": headers.AccessControlAllowHeaders,
			"access_control_allow_credentials": headers.AccessControlAllowCredentials, "access_control_expose_headers": headers.AccessControlExposeHeaders,
			"access_control_max_age": headers.AccessControlMaxAge, "content_security_policy": headers.ContentSecurityPolicy,
			"x_content_type_options": headers.XContentTypeOptions, "x_frame_options": headers.XFrameOptions,
		} {
			declared.putText(prefixResponseHead+header+suffixHeaderValue, string(value))
		}
	}
	return declared
}

// declaredListenerFields returns the optional fields of listeners that the spec declares, as status.managedFields names
// them. Certificates are known by their ARNs.
func declaredListenerFields(obj *v1alpha1.LoadBalancer, o *observed) []string {
	var fields []string
	for _, l := range declaredListeners(obj) {
		add := func(field string, declared bool) {
			if declared {
				fields = append(fields, listenerField(l.Port, field))
			}
		}
		add(fieldSSLPolicy, l.SSLPolicy != "")
		add(fieldALPNPolicy, l.ALPNPolicy != "")
		add(fieldMutual, l.MutualAuthentication != nil)
		for i, certificate := range l.Certificates {
			arn := o.certificateARN(obj, certificate)
			add(fieldCertificates+arn, i > 0 && arn != "")
		}
		for _, key := range slices.Sorted(maps.Keys(declaredListenerAttributes(l.Attributes))) {
			add(fieldAttribute+key, true)
		}
		for _, key := range slices.Sorted(maps.Keys(l.Tags)) {
			add(fieldTag+key, true)
		}
		for i := range l.Rules {
			for _, key := range slices.Sorted(maps.Keys(l.Rules[i].Tags)) {
				add(ruleTagField(l.Rules[i].Priority)+key, true)
			}
		}
	}
	slices.Sort(fields)
	return slices.Compact(fields)
}

// ruleTagField is how a listener's managed fields name the tags of a rule.
func ruleTagField(priority int32) string {
	return fmt.Sprintf("%s%d.%s", fieldRules, priority, fieldTag)
}
