package loadbalancer

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// listenerChanges returns the changes that make listeners and rules what the object declares. New listeners come before
// old ones go.
func (k *Kind) listenerChanges(obj *v1alpha1.LoadBalancer, o *observed) ([]change, error) {
	var changes []change
	r := k.routing(obj, o)
	for _, spec := range declaredListeners(obj) {
		d := k.desiredListener(obj, o, spec, r)
		l := o.listenerAt(d.port)
		switch {
		case d.waits(o, l):
		case l == nil:
			changes = append(changes, k.createListener(d)...)
			changes = append(changes, k.ruleChanges(obj, o, d, &listener{}, r)...)
		case !l.ours && !k.mayTakeListener(obj, o, d, l):
		default:
			changes = append(changes, k.updateListener(obj, o, d, l)...)
			changes = append(changes, k.ruleChanges(obj, o, d, l, r)...)
		}
	}
	for _, l := range o.listeners {
		switch {
		case !l.ours || declaredListener(obj, l.port) != nil:
		case len(l.foreignRules) > 0: // they would go with it
			o.Wait(blockedByRules(l))
		default:
			changes = append(changes, deleteListener(l))
		}
	}
	return changes, nil
}

// blockedByRules says that a listener stays because of rules of others. Nothing tells when they go.
func blockedByRules(l *listener) lifecycle.Outcome {
	outcome := lifecycle.Stall(v1alpha1.ReasonDeletionBlocked, fmt.Sprintf("%s is not declared any more, and stays because others have added %s to it. Delete them, or declare the listener.",
		capitalized(listenerResource(l.protocol, l.port)), count(len(l.foreignRules), "rule")))
	outcome.After = blockedRecheck
	return outcome
}

// waits reports whether a listener cannot be made, or be given the protocol that it is to have, yet.
func (d *desiredListener) waits(o *observed, l *listener) bool {
	fresh := l == nil || secure(d.protocol) && !secure(l.protocol)
	if d.pending > 0 {
		o.Wait(lifecycle.Wait(v1alpha1.ReasonReferenceNotReady, fmt.Sprintf("A certificate of %s is not issued yet.", d.resource()), 0))
	}
	return fresh && secure(d.protocol) && d.certificate == "" || l == nil && d.credential.lacking(o, d.resource())
}

// lacking reports whether a client secret is missing, and tells of it.
func (c credential) lacking(o *observed, what string) bool {
	if c.missing == "" {
		return false
	}
	o.Wait(c.wait(what))
	return true
}

// mayTakeListener reports whether a listener on a declared port that is not marked as the object's may become its own,
// and tells of the conflict if not.
func (k *Kind) mayTakeListener(obj *v1alpha1.LoadBalancer, o *observed, d *desiredListener, l *listener) bool {
	owner, owned := awsclient.OwnerOf(l.tags)
	resource := listenerResource(l.protocol, l.port)
	switch {
	case owned:
		o.Wait(lifecycle.Stall(v1alpha1.ReasonConflict, fmt.Sprintf("Port %d of the load balancer has a listener of %s of the cluster %s, as its tags say.", l.port, owner.Object, owner.Cluster)))
	case mayTake(obj, func() bool { _, plan := k.modifyListenerInput(obj, o, d, l); return len(plan) == 0 }):
		return true
	default:
		o.Wait(lifecycle.Stall(v1alpha1.ReasonConflict, fmt.Sprintf("%s exists on the load balancer and is not this object's. Delete it, declare another port, or set spec.adoptionPolicy to Always to take it over.", capitalized(resource))))
	}
	return false
}

// mayTake reports whether the policies let the object take over what belongs to nobody.
func mayTake(obj *v1alpha1.LoadBalancer, identical func() bool) bool {
	if obj.Spec.Adopt != nil {
		return true
	}
	switch lifecycle.Adoption(obj, v1alpha1.AdoptionNever) {
	case v1alpha1.AdoptionAlways:
		return true
	case v1alpha1.AdoptionIfIdentical:
		return identical()
	}
	return false
}

func capitalized(text string) string {
	if text == "" || text[0] < 'a' || text[0] > 'z' {
		return text
	}
	return string(text[0]-'a'+'A') + text[1:]
}

// fresh returns what the listener is to be now that changes before this one have been made.
func (d *desiredListener) fresh(k *Kind, obj *v1alpha1.LoadBalancer, o *observed) *desiredListener {
	return k.desiredListener(obj, o, d.spec, k.routing(obj, o))
}

// createListener returns the changes that make a listener, rules apart.
func (k *Kind) createListener(d *desiredListener) []change {
	changes := []change{{
		plan: []v1alpha1.PlannedChange{line(lifecycle.VerbCreate, d.resource(), "", "", "")},
		run: func(ctx context.Context, k *Kind, obj *v1alpha1.LoadBalancer, o *observed) error {
			return k.makeListener(ctx, obj, o, d.fresh(k, obj, o))
		},
	}}
	changes = append(changes, sniChanges(d, addCertificates, d.sni)...)
	return append(changes, listenerAttributeChange(d, nil, diffSettings(d.attributes, listenerAttributeDefaults(d.lbType, d.protocol), nil, nil))...)
}

// makeListener creates a listener. A port that is taken means that an earlier call took effect unseen, or that somebody
// else was faster: look.
func (k *Kind) makeListener(ctx context.Context, obj *v1alpha1.LoadBalancer, o *observed, d *desiredListener) error {
	input := &elasticloadbalancingv2.CreateListenerInput{LoadBalancerArn: aws.String(o.lb.arn()), DefaultActions: d.actions, Tags: sdkTags(d.tags)}
	d.credential.fill(input.DefaultActions)
	if d.port != 0 {
		input.Port, input.Protocol = &d.port, d.protocol
	}
	if secure(d.protocol) {
		input.SslPolicy = given(d.spec.SSLPolicy)
		input.Certificates = []types.Certificate{{CertificateArn: &d.certificate}}
		input.AlpnPolicy = d.alpnPolicy(d.spec.ALPNPolicy)
		input.MutualAuthentication = d.mutual.sdk()
	}
	answer, err := k.clients.ELBV2.CreateListener(ctx, input)
	switch {
	case err == nil:
		made := listenerOf(&answer.Listeners[0])
		made.ours, made.tags = true, d.tags
		o.listeners = append(o.listeners, made)
	case awsclient.Classify(err) == awsclient.AlreadyExists:
		if lookup := k.lookUpListeners(ctx, obj, o); lookup != nil {
			return lookup
		}
		if l := o.listenerAt(d.port); l == nil || !l.ours {
			return fmt.Errorf("creating %s: %w", d.resource(), err)
		}
	default:
		return fmt.Errorf("creating %s: %w", d.resource(), err)
	}
	d.credential.sent(o)
	return nil
}

// lookUpListeners reads the listeners again, with whose they are.
func (k *Kind) lookUpListeners(ctx context.Context, obj *v1alpha1.LoadBalancer, o *observed) error {
	if err := observeListeners(ctx, k, obj, o); err != nil {
		return err
	}
	now := traffic{listeners: o.listeners}
	tags, err := k.clients.ELBTags(ctx, now.untagged()...)
	if err != nil {
		return err
	}
	now.tag(tags)
	for _, l := range now.listeners {
		k.mark(obj, l)
	}
	return nil
}

func (d *desiredListener) alpnPolicy(policy v1alpha1.ALPNPolicy) []string {
	if policy == "" || d.protocol != types.ProtocolEnumTls {
		return nil
	}
	return []string{string(policy)}
}

// sdk is the setting as AWS takes it; nil leaves it alone.
func (m *mutual) sdk() *types.MutualAuthenticationAttributes {
	if m == nil {
		return nil
	}
	attributes := &types.MutualAuthenticationAttributes{Mode: &m.mode}
	if m.trustStore == "" {
		return attributes
	}
	attributes.TrustStoreArn, attributes.IgnoreClientCertificateExpiry = &m.trustStore, &m.ignoreExpiry
	attributes.AdvertiseTrustStoreCaNames = types.AdvertiseTrustStoreCaNamesEnumOff
	if m.advertise {
		attributes.AdvertiseTrustStoreCaNames = types.AdvertiseTrustStoreCaNamesEnumOn
	}
	return attributes
}

func (m *mutual) text() string {
	if m.trustStore == "" {
		return m.mode
	}
	return fmt.Sprintf("%s by %s, ignoring expiry %t, advertising %t", m.mode, m.trustStore, m.ignoreExpiry, m.advertise)
}

// updateListener returns the changes that bring a listener up to date, rules apart.
func (k *Kind) updateListener(obj *v1alpha1.LoadBalancer, o *observed, d *desiredListener, l *listener) []change {
	var changes []change
	before := func(field string) []string { return lifecycle.ManagedUnder(obj, listenerField(d.port, field)) }
	tags, remove := awsclient.DiffTags(d.tags, l.tags, before(fieldTag))
	if len(tags)+len(remove) > 0 {
		plan := plannedTags(lifecycle.VerbUpdate, d.resource(), l.tags, tags, remove)
		if !l.ours {
			plan = append([]v1alpha1.PlannedChange{line(lifecycle.VerbAdopt, d.resource(), "", "", "")}, plan...)
		}
		changes = append(changes, change{plan: plan, run: func(ctx context.Context, k *Kind, _ *v1alpha1.LoadBalancer, _ *observed) error {
			l.ours = true
			return k.changeTags(ctx, l.arn, l.tags, tags, remove)
		}})
	}
	wanted := slices.Concat(d.sni, []string{d.certificate})
	stale := slices.DeleteFunc(before(fieldCertificates), func(arn string) bool {
		return slices.Contains(wanted, arn) || !slices.Contains(l.sni, arn) || arn == l.certificate
	})
	missing := slices.DeleteFunc(slices.Clone(d.sni), func(arn string) bool { return slices.Contains(l.sni, arn) })
	changes = append(changes, sniChanges(d, addCertificates, missing)...)
	if _, plan := k.modifyListenerInput(obj, o, d, l); len(plan) > 0 {
		changes = append(changes, change{plan: plan, run: func(ctx context.Context, k *Kind, obj *v1alpha1.LoadBalancer, o *observed) error {
			return k.modifyListener(ctx, obj, o, d.fresh(k, obj, o), l)
		}})
	}
	if d.pending == 0 { // what is not issued yet may take the place of what is there
		changes = append(changes, sniChanges(d, removeCertificates, stale)...)
	}
	if l.attributes != nil {
		set := diffSettings(d.attributes, l.attributes, before(fieldAttribute), listenerAttributeDefaults(d.lbType, d.protocol))
		changes = append(changes, listenerAttributeChange(d, l.attributes, set)...)
	}
	return changes
}

// deleteListener returns the change that deletes a listener, with its rules.
func deleteListener(l *listener) change {
	resource := listenerResource(l.protocol, l.port)
	return change{
		plan: []v1alpha1.PlannedChange{line(lifecycle.VerbDelete, resource, "", "", "")},
		run: func(ctx context.Context, k *Kind, _ *v1alpha1.LoadBalancer, o *observed) error {
			_, err := k.clients.ELBV2.DeleteListener(ctx, &elasticloadbalancingv2.DeleteListenerInput{ListenerArn: &l.arn})
			if err != nil && awsclient.Classify(err) != awsclient.NotFound {
				return fmt.Errorf("deleting %s: %w", resource, err)
			}
			o.listeners = slices.DeleteFunc(o.listeners, func(have *listener) bool { return have == l })
			return nil
		},
	}
}
