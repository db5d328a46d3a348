package loadbalancer

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// modification gathers what one ModifyListener changes.
type modification struct {
	input elasticloadbalancingv2.ModifyListenerInput
	plan  []v1alpha1.PlannedChange
	d     *desiredListener
}

func (m *modification) add(field, from, to string) {
	m.plan = append(m.plan, line(lifecycle.VerbUpdate, m.d.resource(), field, from, to))
}

// modifyListenerInput returns the request that makes a listener what is declared: with the fields that differ, and no
// other. The plan is empty when nothing differs.
func (k *Kind) modifyListenerInput(obj *v1alpha1.LoadBalancer, o *observed, d *desiredListener, l *listener) (*elasticloadbalancingv2.ModifyListenerInput, []v1alpha1.PlannedChange) {
	m := &modification{d: d}
	m.input.ListenerArn = &l.arn
	before := func(field string) bool { return lifecycle.Managed(obj, listenerField(d.port, field)) }
	if d.protocol != l.protocol {
		m.input.Protocol = d.protocol
		m.add("protocol", string(l.protocol), string(d.protocol))
	}
	if secure(d.protocol) {
		m.certificates(l, before)
	}
	m.handshake(l, before)
	renewed := d.credential.renewed(obj, o, d.credential.place)
	if same := sameActions(d.actions, l.actions); !same || renewed {
		switch {
		case d.credential.lacking(o, d.resource()):
		case same:
			m.input.DefaultActions = d.actions
			m.add("defaultActions."+fieldClientSecret, "", "")
		default:
			m.input.DefaultActions = d.actions
			m.add("defaultActions", actionsText(l.actions), actionsText(d.actions))
		}
	}
	return &m.input, m.plan
}

// handshake changes what is offered to clients and asked of them when they connect.
func (m *modification) handshake(l *listener, before func(string) bool) {
	alpn := string(m.d.spec.ALPNPolicy)
	if alpn == "" && before(fieldALPNPolicy) {
		alpn = string(v1alpha1.ALPNNone)
	}
	if m.d.protocol == types.ProtocolEnumTls && alpn != "" && alpn != l.alpn {
		m.input.AlpnPolicy = []string{alpn}
		m.add(fieldALPNPolicy, l.alpn, alpn)
	}
	wanted := m.d.mutual
	if wanted == nil && before(fieldMutual) {
		wanted = &mutual{mode: mutualOff}
	}
	if m.d.protocol == types.ProtocolEnumHttps && wanted != nil && *wanted != l.mutual {
		m.input.MutualAuthentication = wanted.sdk()
		m.add(fieldMutual, l.mutual.text(), wanted.text())
	}
}

// certificates changes the TLS policy and the default certificate.
func (m *modification) certificates(l *listener, before func(string) bool) {
	policy := m.d.spec.SSLPolicy
	if policy == "" && (before(fieldSSLPolicy) || !secure(l.protocol)) {
		policy = defaultSSLPolicy
	}
	if policy != "" && policy != l.sslPolicy {
		m.input.SslPolicy = &policy
		m.add(fieldSSLPolicy, l.sslPolicy, policy)
	}
	if certificate := m.d.certificate; certificate != "" && certificate != l.certificate {
		m.input.Certificates = []types.Certificate{{CertificateArn: &certificate}}
		m.add("certificates", l.certificate, certificate)
	}
}

func (k *Kind) modifyListener(ctx context.Context, obj *v1alpha1.LoadBalancer, o *observed, d *desiredListener, l *listener) error {
	input, plan := k.modifyListenerInput(obj, o, d, l)
	if len(plan) == 0 {
		return nil
	}
	d.credential.fill(input.DefaultActions)
	answer, err := k.clients.ELBV2.ModifyListener(ctx, input)
	if err != nil {
		return fmt.Errorf("modifying %s: %w", d.resource(), err)
	}
	if len(input.DefaultActions) > 0 {
		d.credential.sent(o)
	}
	now := listenerOf(&answer.Listeners[0])
	l.protocol, l.sslPolicy, l.alpn, l.certificate, l.mutual, l.actions = now.protocol, now.sslPolicy, now.alpn, now.certificate, now.mutual, now.actions
	return nil
}

// certificatesPerCall is how many certificates are added or removed at a time.
const certificatesPerCall = 25

// sniChanges returns the change that adds certificates to a listener, or removes them.
func sniChanges(d *desiredListener, call func(context.Context, *Kind, *listener, []types.Certificate) error, arns []string) []change {
	if len(arns) == 0 {
		return nil
	}
	from, to := "", strings.Join(arns, ", ")
	if !slices.Contains(d.sni, arns[0]) {
		from, to = to, from
	}
	return []change{{
		plan: []v1alpha1.PlannedChange{line(lifecycle.VerbUpdate, d.resource(), "certificates", from, to)},
		run: func(ctx context.Context, k *Kind, _ *v1alpha1.LoadBalancer, o *observed) error {
			for some := range slices.Chunk(arns, certificatesPerCall) {
				var certificates []types.Certificate
				for _, arn := range some {
					certificates = append(certificates, types.Certificate{CertificateArn: aws.String(arn)})
				}
				if err := call(ctx, k, o.listenerAt(d.port), certificates); err != nil {
					return err
				}
			}
			return nil
		},
	}}
}

func addCertificates(ctx context.Context, k *Kind, l *listener, certificates []types.Certificate) error {
	input := &elasticloadbalancingv2.AddListenerCertificatesInput{ListenerArn: &l.arn, Certificates: certificates}
	if _, err := k.clients.ELBV2.AddListenerCertificates(ctx, input); err != nil {
		return fmt.Errorf("adding certificates to %s: %w", listenerResource(l.protocol, l.port), err)
	}
	for _, certificate := range certificates {
		l.sni = append(l.sni, *certificate.CertificateArn)
	}
	return nil
}

func removeCertificates(ctx context.Context, k *Kind, l *listener, certificates []types.Certificate) error {
	input := &elasticloadbalancingv2.RemoveListenerCertificatesInput{ListenerArn: &l.arn, Certificates: certificates}
	if _, err := k.clients.ELBV2.RemoveListenerCertificates(ctx, input); err != nil {
		return fmt.Errorf("removing certificates of %s: %w", listenerResource(l.protocol, l.port), err)
	}
	for _, certificate := range certificates {
		l.sni = slices.DeleteFunc(l.sni, func(arn string) bool { return arn == *certificate.CertificateArn })
	}
	return nil
}

// listenerAttributeChange returns the change that sets attributes of a listener, if there are any to set.
func listenerAttributeChange(d *desiredListener, have, set settings) []change {
	if len(set) == 0 {
		return nil
	}
	return []change{{
		plan: plannedSettings(lifecycle.VerbUpdate, d.resource(), fieldAttribute, have, set),
		run: func(ctx context.Context, k *Kind, _ *v1alpha1.LoadBalancer, o *observed) error {
			l := o.listenerAt(d.port)
			for keys := range slices.Chunk(slices.Sorted(maps.Keys(set)), attributesPerCall) {
				input := &elasticloadbalancingv2.ModifyListenerAttributesInput{ListenerArn: &l.arn}
				for _, key := range keys {
					input.Attributes = append(input.Attributes, types.ListenerAttribute{Key: aws.String(key), Value: aws.String(set[key])})
				}
				if _, err := k.clients.ELBV2.ModifyListenerAttributes(ctx, input); err != nil {
					return fmt.Errorf("modifying the attributes of %s: %w", d.resource(), err)
				}
			}
			return nil
		},
	}}
}
