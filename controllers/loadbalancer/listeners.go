package loadbalancer

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// listener is a listener of the load balancer in AWS.
type listener struct {
	arn string
	// port identifies the listener; a gateway load balancer's has none.
	port      int32
	protocol  types.ProtocolEnum
	sslPolicy string
	alpn      string
	// certificate is the default one; sni are the others, read only where they can be the object's business.
	certificate string
	sni         []string
	mutual      mutual
	actions     []types.Action
	// attributes are read only where they can be the object's business.
	attributes settings
	tags       map[string]string
	// ours is set when the listener is the object's, or may be taken over.
	ours bool
	// rules are the object's own, without the default one; foreignRules are those of others.
	rules, foreignRules []*rule
}

// mutual says what becomes of clients' certificates.
type mutual struct {
	mode, trustStore        string
	ignoreExpiry, advertise bool
}

const mutualOff = "off"

func mutualOf(m *types.MutualAuthenticationAttributes) mutual {
	if m == nil || aws.ToString(m.Mode) == "" || *m.Mode == mutualOff {
		return mutual{mode: mutualOff}
	}
	return mutual{
		mode: *m.Mode, trustStore: aws.ToString(m.TrustStoreArn), ignoreExpiry: aws.ToBool(m.IgnoreClientCertificateExpiry),
		advertise: m.AdvertiseTrustStoreCaNames == types.AdvertiseTrustStoreCaNamesEnumOn,
	}
}

// listenerResource is how a listener is told.
func listenerResource(protocol types.ProtocolEnum, port int32) string {
	if port == 0 {
		return "listener"
	}
	return fmt.Sprintf("listener %s:%d", protocol, port)
}

// listenerField is how status.managedFields names a field of a listener.
func listenerField(port int32, field string) string {
	return fmt.Sprintf("listeners.%d.%s", port, field)
}

// secure reports whether a listener of a protocol has certificates.
func secure(protocol types.ProtocolEnum) bool {
	return protocol == types.ProtocolEnumHttps || protocol == types.ProtocolEnumTls
}

// listenerAt returns the listener on a port; nil when there is none.
func (o *traffic) listenerAt(port int32) *listener {
	i := slices.IndexFunc(o.listeners, func(l *listener) bool { return l.port == port })
	if i < 0 {
		return nil
	}
	return o.listeners[i]
}

// untagged are the ARNs of target groups, listeners and rules whose tags have not been read.
func (o *traffic) untagged() []string {
	var arns []string
	for _, g := range o.groups {
		arns = append(arns, g.arn)
	}
	for _, l := range o.listeners {
		arns = append(arns, l.arn)
		for _, r := range l.rules {
			arns = append(arns, r.arn)
		}
	}
	return arns
}

// tag takes over tags that were read.
func (o *traffic) tag(tags map[string]map[string]string) {
	for _, g := range o.groups {
		g.tags = tags[g.arn]
	}
	for _, l := range o.listeners {
		l.tags = tags[l.arn]
		for _, r := range l.rules {
			r.tags = tags[r.arn]
		}
	}
}

// observeListeners lists the listeners of the load balancer and their rules. Whose they are, their tags will tell.
func observeListeners(ctx context.Context, k *Kind, obj *v1alpha1.LoadBalancer, o *observed) error {
	o.listeners = nil
	if o.lb == nil || lifecycle.Deleting(obj) { // they go with the load balancer
		return nil
	}
	input := &elasticloadbalancingv2.DescribeListenersInput{LoadBalancerArn: o.lb.sdk.LoadBalancerArn, PageSize: aws.Int32(pageSize)}
	pages := elasticloadbalancingv2.NewDescribeListenersPaginator(k.clients.ELBV2, input)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("listing the listeners of the load balancer: %w", err)
		}
		for i := range page.Listeners {
			l := listenerOf(&page.Listeners[i])
			if err := k.observeRules(ctx, obj, l); err != nil {
				return err
			}
			o.listeners = append(o.listeners, l)
		}
	}
	slices.SortFunc(o.listeners, func(a, b *listener) int { return cmp.Compare(a.port, b.port) })
	return nil
}

// observeListenerDetails reads of the listeners what a listing does not tell, and the client secrets that actions need.
func observeListenerDetails(ctx context.Context, k *Kind, obj *v1alpha1.LoadBalancer, o *observed) error {
	for _, l := range o.listeners {
		k.mark(obj, l)
		if err := k.readListener(ctx, obj, l); err != nil {
			return err
		}
	}
	return k.observeSecrets(ctx, obj, o)
}

func listenerOf(l *types.Listener) *listener {
	found := &listener{
		arn: aws.ToString(l.ListenerArn), port: aws.ToInt32(l.Port), protocol: l.Protocol, sslPolicy: aws.ToString(l.SslPolicy),
		alpn: string(v1alpha1.ALPNNone), mutual: mutualOf(l.MutualAuthentication), actions: l.DefaultActions,
	}
	if len(l.AlpnPolicy) > 0 {
		found.alpn = l.AlpnPolicy[0]
	}
	for _, certificate := range l.Certificates {
		if certificate.IsDefault == nil || *certificate.IsDefault {
			found.certificate = aws.ToString(certificate.CertificateArn)
		}
	}
	return found
}

// mark tells from tags what of a listener is the object's.
func (k *Kind) mark(obj *v1alpha1.LoadBalancer, l *listener) {
	l.ours = k.owns(obj, l.tags)
	all := l.rules
	l.rules = nil
	for _, r := range all {
		if k.owns(obj, r.tags) {
			r.name = r.tags[tagRule]
			l.rules = append(l.rules, r)
			continue
		}
		l.foreignRules = append(l.foreignRules, r)
	}
}

// observeRules reads the rules of a listener. Those of a network load balancer, which rarely has any, are read only
// when there may be some.
func (k *Kind) observeRules(ctx context.Context, obj *v1alpha1.LoadBalancer, l *listener) error {
	switch obj.Spec.Type {
	case v1alpha1.LoadBalancerGateway:
		return nil
	case v1alpha1.LoadBalancerNetwork:
		if !hasRules(obj, l.port) {
			return nil
		}
	}
	input := &elasticloadbalancingv2.DescribeRulesInput{ListenerArn: &l.arn, PageSize: aws.Int32(pageSize)}
	pages := elasticloadbalancingv2.NewDescribeRulesPaginator(k.clients.ELBV2, input)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("listing the rules of %s: %w", listenerResource(l.protocol, l.port), err)
		}
		for _, r := range page.Rules {
			priority, err := strconv.ParseInt(aws.ToString(r.Priority), 10, 32)
			if err != nil { // the default rule, whose actions the listener tells
				continue
			}
			l.rules = append(l.rules, &rule{
				arn: aws.ToString(r.RuleArn), priority: int32(priority), conditions: r.Conditions, actions: r.Actions, transforms: r.Transforms,
			})
		}
	}
	return nil
}

// hasRules reports whether a listener declares rules, or did.
func hasRules(obj *v1alpha1.LoadBalancer, port int32) bool {
	return slices.ContainsFunc(obj.Spec.Listeners, func(l v1alpha1.Listener) bool { return l.Port == port && len(l.Rules) > 0 }) ||
		slices.ContainsFunc(obj.Status.Listeners, func(l v1alpha1.ListenerStatus) bool { return l.Port == port && l.Rules > 0 })
}

// readListener reads what a listing of listeners does not tell, where it can be the object's business.
func (k *Kind) readListener(ctx context.Context, obj *v1alpha1.LoadBalancer, l *listener) error {
	declared := declaredListener(obj, l.port)
	before := func(field string) bool { return len(lifecycle.ManagedUnder(obj, listenerField(l.port, field))) > 0 }
	if declared != nil && declared.Attributes != nil || before(fieldAttribute) {
		answer, err := k.clients.ELBV2.DescribeListenerAttributes(ctx, &elasticloadbalancingv2.DescribeListenerAttributesInput{ListenerArn: &l.arn})
		if err != nil {
			return fmt.Errorf("reading the attributes of %s: %w", listenerResource(l.protocol, l.port), err)
		}
		l.attributes = settings{}
		for _, attribute := range answer.Attributes {
			l.attributes[aws.ToString(attribute.Key)] = aws.ToString(attribute.Value)
		}
	}
	if !secure(l.protocol) || !(declared != nil && len(declared.Certificates) > 1 || before(fieldCertificates)) {
		return nil
	}
	pages := elasticloadbalancingv2.NewDescribeListenerCertificatesPaginator(k.clients.ELBV2,
		&elasticloadbalancingv2.DescribeListenerCertificatesInput{ListenerArn: &l.arn, PageSize: aws.Int32(pageSize)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("listing the certificates of %s: %w", listenerResource(l.protocol, l.port), err)
		}
		for _, certificate := range page.Certificates {
			if !aws.ToBool(certificate.IsDefault) {
				l.sni = append(l.sni, aws.ToString(certificate.CertificateArn))
			}
		}
	}
	return nil
}
