package elbv2

import (
	"maps"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

func createListener(w *write, in *sdk.CreateListenerInput) (*sdk.CreateListenerOutput, error) {
	b, err := w.balancer(in.LoadBalancerArn)
	if err != nil {
		return nil, err
	}
	tags, err := w.newTags(in.Tags)
	if err != nil {
		return nil, err
	}
	l := &listener{Balancer: b.ARN, Protocol: in.Protocol, Port: aws.ToInt32(in.Port)}
	if err := b.checkProtocol(in.Protocol, in.Port); err != nil {
		return nil, err
	}
	if err := w.secure(l, security{in.SslPolicy, in.Certificates, in.AlpnPolicy, in.MutualAuthentication}); err != nil {
		return nil, err
	}
	if l.Actions, err = w.actions(b, l, in.DefaultActions, nil); err != nil {
		return nil, err
	}
	if same := w.at(b, l.Port, ""); same != nil {
		if !same.sameAs(l, tags) {
			return nil, frame.Errorf("DuplicateListener", "A listener already exists on this port for this load balancer '%s'", b.ARN)
		}
		return &sdk.CreateListenerOutput{Listeners: []types.Listener{same.described()}}, nil
	}
	if err := w.checkListenerQuota(b); err != nil {
		return nil, err
	}
	l.ID = w.newID()
	l.meta = w.born(w.arn("listener/"+b.path()+"/"+l.ID), tags)
	l.DefaultRule = w.arn("listener-rule/" + b.path() + "/" + l.ID + "/" + w.newID())
	w.listeners[l.ARN] = l
	return &sdk.CreateListenerOutput{Listeners: []types.Listener{l.described()}}, nil
}

// protocols are those of the listeners of each type; a gateway's have none.
var protocols = map[types.LoadBalancerTypeEnum][]types.ProtocolEnum{
	types.LoadBalancerTypeEnumApplication: {types.ProtocolEnumHttp, types.ProtocolEnumHttps},
	types.LoadBalancerTypeEnumNetwork: {
		types.ProtocolEnumTcp, types.ProtocolEnumTls, types.ProtocolEnumUdp, types.ProtocolEnumTcpUdp,
		types.ProtocolEnumQuic, types.ProtocolEnumTcpQuic,
	},
}

const mostPort = 65535

func (b *balancer) checkProtocol(protocol types.ProtocolEnum, port *int32) error {
	var broken frame.Violations
	frame.Enum(&broken, protocol, "protocol", protocol.Values())
	frame.Between(&broken, port, "port", 1, mostPort)
	if err := broken.Err(validationError); err != nil {
		return err
	}
	if b.Type == types.LoadBalancerTypeEnumGateway {
		if protocol != "" || port != nil {
			return invalid("You cannot specify a protocol or a port for a listener of a Gateway Load Balancer")
		}
		return nil
	}
	switch {
	case protocol == "":
		return invalid("A listener protocol must be specified")
	case port == nil:
		return invalid("A listener port must be specified")
	case !slices.Contains(protocols[b.Type], protocol):
		return frame.Errorf("UnsupportedProtocol", "Protocol '%s' is not supported for listeners of load balancers with type '%s'", protocol, b.Type)
	}
	return b.checkSourceNat(protocol)
}

// at is the listener on a port, if it is not the one with the ARN given.
func (w *write) at(b *balancer, port int32, except string) *listener {
	for _, l := range w.listeners {
		if l.Balancer == b.ARN && l.Port == port && l.ARN != except {
			return l
		}
	}
	return nil
}

// sameAs tells whether creating other again means this listener.
func (l *listener) sameAs(other *listener, tags frame.Tags) bool {
	return l.Protocol == other.Protocol && l.SSLPolicy == other.SSLPolicy && l.Certificate == other.Certificate &&
		slices.Equal(l.ALPN, other.ALPN) && reflect.DeepEqual(l.MutualAuthentication, other.MutualAuthentication) &&
		reflect.DeepEqual(l.Actions, other.Actions) && maps.Equal(l.Tags, tags)
}

func (w *write) checkListenerQuota(b *balancer) error {
	most := w.service.quotas.Listeners
	if b.Type == types.LoadBalancerTypeEnumGateway {
		most = 1
	}
	if len(w.listenersOf[b.ARN]) >= most {
		return frame.Errorf("TooManyListeners", "The maximum number of listeners for load balancer '%s' has been reached: %d", b.ARN, most)
	}
	return nil
}

// listener finds the listener that a write is about, and its load balancer.
func (w *write) listener(arn *string) (*listener, *balancer, error) {
	if arn == nil {
		return nil, nil, missing("ListenerArn")
	}
	if err := checkARN("listener", *arn, ":listener/"); err != nil {
		return nil, nil, err
	}
	l, ok := own(w.listeners, w.Request, arn)
	if !ok {
		return nil, nil, noListener(arn)
	}
	return l, w.balancers[l.Balancer], nil
}

// listener finds the listener that a read is about.
func (r *reading) listener(arn *string) (*listener, error) {
	if arn == nil {
		return nil, missing("ListenerArn")
	}
	if err := checkARN("listener", *arn, ":listener/"); err != nil {
		return nil, err
	}
	l, ok := visible(r.listeners, r, arn)
	if !ok {
		return nil, noListener(arn)
	}
	return l, nil
}

func describeListeners(r *reading, in *sdk.DescribeListenersInput) (*sdk.DescribeListenersOutput, error) {
	var found []*listener
	switch {
	case (in.LoadBalancerArn == nil) == (len(in.ListenerArns) == 0):
		return nil, invalid("You must specify either listener ARNs or a load balancer ARN")
	case in.LoadBalancerArn != nil:
		b, err := r.balancer(in.LoadBalancerArn)
		if err != nil {
			return nil, err
		}
		for _, l := range r.listenersOf[b.ARN] {
			if !l.Shown.After(r.moment) {
				found = append(found, l)
			}
		}
	}
	for _, arn := range in.ListenerArns {
		if err := checkARN("listener", arn, ":listener/"); err != nil {
			return nil, err
		}
		l, ok := visible(r.listeners, r, &arn)
		if !ok {
			return nil, noListeners()
		}
		found = append(found, l)
	}
	cut, next, err := page(found, in.Marker, in.PageSize, func(l *listener) string { return l.ARN })
	if err != nil {
		return nil, err
	}
	out := &sdk.DescribeListenersOutput{Listeners: []types.Listener{}, NextMarker: next}
	for _, l := range cut {
		out.Listeners = append(out.Listeners, l.described())
	}
	return out, nil
}

// described is a listener as DescribeListeners gives it.
func (l *listener) described() types.Listener {
	shown := types.Listener{
		ListenerArn: &l.ARN, LoadBalancerArn: &l.Balancer, Protocol: l.Protocol, SslPolicy: optional(l.SSLPolicy),
		AlpnPolicy: l.ALPN, DefaultActions: describedActions(l.Actions), MutualAuthentication: l.MutualAuthentication,
	}
	if l.Port != 0 {
		shown.Port = aws.Int32(l.Port)
	}
	if l.Certificate != "" {
		shown.Certificates = []types.Certificate{{CertificateArn: aws.String(l.Certificate)}}
	}
	return shown
}

func modifyListener(w *write, in *sdk.ModifyListenerInput) (*sdk.ModifyListenerOutput, error) {
	former, b, err := w.listener(in.ListenerArn)
	if err != nil {
		return nil, err
	}
	l := change(w.listeners, former)
	port := in.Port
	if in.Protocol != "" {
		l.Protocol = in.Protocol
	}
	if in.Port != nil {
		l.Port = *in.Port
	} else if l.Port != 0 {
		port = aws.Int32(l.Port)
	}
	if err := b.checkProtocol(l.Protocol, port); err != nil {
		return nil, err
	}
	if w.at(b, l.Port, l.ARN) != nil {
		return nil, frame.Errorf("DuplicateListener", "A listener already exists on this port for this load balancer '%s'", b.ARN)
	}
	if err := w.secure(l, security{in.SslPolicy, in.Certificates, in.AlpnPolicy, in.MutualAuthentication}); err != nil {
		return nil, err
	}
	actions := in.DefaultActions
	if in.DefaultActions == nil {
		actions = former.Actions
	}
	if l.Actions, err = w.actions(b, l, actions, former.Actions); err != nil {
		return nil, err
	}
	if err := w.recheckRules(b, l, former); err != nil {
		return nil, err
	}
	// Attributes that the new protocol does not have are forgotten.
	l.Set = maps.Clone(l.Set)
	maps.DeleteFunc(l.Set, func(key, _ string) bool { _, ok := l.attributeSet().find(key); return !ok })
	return &sdk.ModifyListenerOutput{Listeners: []types.Listener{l.described()}}, nil
}

// recheckRules tells which rule a listener with another protocol cannot have.
func (w *write) recheckRules(b *balancer, l, former *listener) error {
	if l.Protocol == former.Protocol {
		return nil
	}
	for _, r := range w.rulesOf[l.ARN] {
		if _, err := w.actions(b, l, r.Actions, r.Actions); err != nil {
			return err
		}
	}
	return nil
}

func deleteListener(w *write, in *sdk.DeleteListenerInput) (*sdk.DeleteListenerOutput, error) {
	l, _, err := w.listener(in.ListenerArn)
	if err != nil {
		return nil, err
	}
	w.dropListener(l)
	return &sdk.DeleteListenerOutput{}, nil
}

// dropListener removes a listener and its rules.
func (w *write) dropListener(l *listener) {
	for _, r := range w.rulesOf[l.ARN] {
		delete(w.rules, r.ARN)
	}
	delete(w.listeners, l.ARN)
}

func describeListenerAttributes(r *reading, in *sdk.DescribeListenerAttributesInput) (*sdk.DescribeListenerAttributesOutput, error) {
	l, err := r.listener(in.ListenerArn)
	if err != nil {
		return nil, err
	}
	return &sdk.DescribeListenerAttributesOutput{Attributes: l.attributeList()}, nil
}

func (l *listener) attributeList() []types.ListenerAttribute {
	list := []types.ListenerAttribute{}
	values := l.attributes()
	for _, one := range l.attributeSet() {
		list = append(list, types.ListenerAttribute{Key: aws.String(one.key), Value: aws.String(values[one.key])})
	}
	return list
}

func modifyListenerAttributes(w *write, in *sdk.ModifyListenerAttributesInput) (*sdk.ModifyListenerAttributesOutput, error) {
	former, _, err := w.listener(in.ListenerArn)
	if err != nil {
		return nil, err
	}
	pairs := make([]pair, len(in.Attributes))
	for i, given := range in.Attributes {
		pairs[i] = pair{given.Key, given.Value}
	}
	l := change(w.listeners, former)
	l.Set, err = l.attributeSet().changed(l.Set, pairs, "Listener", "listeners with protocol '"+string(l.Protocol)+"'")
	if err != nil {
		return nil, err
	}
	return &sdk.ModifyListenerAttributesOutput{Attributes: l.attributeList()}, nil
}
