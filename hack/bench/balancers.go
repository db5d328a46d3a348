package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

const (
	balancerCount = 8
	// balancerCalls is what a look at one load balancer may cost. Looks at several together share calls.
	balancerCalls = 14

	balancerListeners = 2
	listenerRules     = 10
	balancerGroups    = 5
)

// balancing is how long Elastic Load Balancing takes: long enough to be waited for, short for a load run.
var balancing = frame.LoadBalancing{
	Provisioning: frame.Exactly(time.Second), NetworkProvisioning: frame.Exactly(time.Second),
	Registration: frame.Exactly(time.Second), NetworkRegistration: frame.Exactly(time.Second),
	Lingering: frame.Exactly(time.Second), NetworkLingering: frame.Exactly(time.Second),
	Reserving: frame.Exactly(time.Second), TrustStore: frame.Exactly(time.Second),
}

// balancers measures what a look at load balancers costs that are as declared: at one, and at several that are due together,
// as after a start of the controller.
func balancers(ctx context.Context, b *bench) (results []*result, err error) {
	w, err := b.newWorld(ctx, "balancers")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	for _, n := range []int{1, balancerCount} {
		r, err := w.lookAtBalancers(ctx, n)
		if err != nil {
			return results, err
		}
		results = append(results, r)
	}
	return results, nil
}

func (w *world) lookAtBalancers(ctx context.Context, n int) (*result, error) {
	r := &result{Row: "balancer", Work: fmt.Sprintf("one look at %d LoadBalancer of %d listeners, %d rules and %d target groups", n, balancerListeners, balancerListeners*listenerRules, balancerGroups)}
	if n > 1 {
		r.Row, r.Work = "balancers", strings.Replace(r.Work, "LoadBalancer", "LoadBalancers, due together,", 1)
	}
	if err := w.makeBalancers(ctx, n); err != nil {
		return nil, err
	}
	before, throttled := w.aws.sim.Meter().Calls, w.aws.throttles()
	writes, err := w.audit.mark()
	if err != nil {
		return nil, err
	}
	m, err := w.start()
	if err != nil {
		return nil, err
	}
	defer m.Stop() //nolint:errcheck // what it has done is counted
	counted := func() map[string]int {
		calls := map[string]int{}
		for call, made := range w.aws.sim.Meter().Calls {
			service, operation, _ := strings.Cut(call, "/")
			if made -= before[call]; made > 0 && (service == "elasticloadbalancing" || service == "ec2") {
				calls[operation] = made
			}
		}
		return calls
	}
	last, since := -1, time.Now()
	err = m.Poll(ctx, 2*time.Minute, "the look at all load balancers", func() (bool, error) {
		if total := sum(counted()); total != last {
			last, since = total, time.Now()
		}
		return counted()["DescribeTargetHealth"] >= n*balancerGroups && time.Since(since) > settling, nil
	})
	if err != nil {
		return nil, err
	}
	r.Seconds, r.Calls, r.Throttles = since.Sub(m.Started).Seconds(), counted(), w.aws.throttles()-throttled
	written, err := w.audit.since(writes)
	if err != nil {
		return nil, err
	}
	r.Writes = written.byKind
	r.atMost("AWS calls", r.total(), n*balancerCalls-(n-1)/2)
	r.atMost("throttles", r.Throttles, 0)
	r.atMost("Kubernetes writes", r.totalWrites(), 0)
	return r, nil
}

// makeBalancers declares load balancers up to so many and waits until all are Ready; no manager runs when it returns.
func (w *world) makeBalancers(ctx context.Context, n int) (err error) {
	for i := range n {
		if err := client.IgnoreAlreadyExists(w.admin.Create(ctx, balancer(w.namespace, i))); err != nil {
			return fmt.Errorf("creating a LoadBalancer: %w", err)
		}
	}
	w.say("  waiting for %d LoadBalancers", n)
	m, err := w.start()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Stop()) }()
	return m.Poll(ctx, 5*time.Minute, "the LoadBalancers to become Ready", func() (bool, error) {
		var list v1alpha1.LoadBalancerList
		if err := w.admin.List(ctx, &list, client.InNamespace(w.namespace)); err != nil {
			return false, err
		}
		ready := 0
		for i := range list.Items {
			if meta.IsStatusConditionTrue(list.Items[i].Status.Conditions, v1alpha1.ConditionReady) {
				ready++
			}
		}
		return ready >= n, nil
	})
}

// balancer is a load balancer of an ordinary size.
func balancer(namespace string, i int) *v1alpha1.LoadBalancer {
	obj := &v1alpha1.LoadBalancer{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: fmt.Sprintf("balancer-%d", i)},
		Spec: v1alpha1.LoadBalancerSpec{
			Type: v1alpha1.LoadBalancerApplication, SubnetIDs: []v1alpha1.SubnetID{"subnet-0a", "subnet-0b"},
			SecurityGroup: &v1alpha1.SecurityGroup{Ingress: []v1alpha1.SecurityGroupRule{{Protocol: "tcp", Port: aws.Int32(80), CIDRs: []v1alpha1.IPv4CIDR{"0.0.0.0/0"}}}},
			Attributes:    &v1alpha1.LoadBalancerAttributes{IdleTimeoutSeconds: aws.Int32(120)},
		},
	}
	group := func(i int) v1alpha1.TargetGroupName {
		return v1alpha1.TargetGroupName(fmt.Sprintf("group-%d", i%balancerGroups))
	}
	forward := func(i int) []v1alpha1.Action {
		return []v1alpha1.Action{{Forward: &v1alpha1.ForwardAction{TargetGroups: []v1alpha1.ForwardTargetGroup{{Name: group(i)}}}}}
	}
	for i := range balancerGroups {
		obj.Spec.TargetGroups = append(obj.Spec.TargetGroups, v1alpha1.TargetGroup{
			Name: group(i), Protocol: v1alpha1.ProtocolHTTP, Port: aws.Int32(80), TargetType: v1alpha1.TargetTypeIP,
		})
	}
	for l := range balancerListeners {
		listener := v1alpha1.Listener{Port: int32(80 + l), Protocol: "HTTP", DefaultActions: forward(0)}
		for r := range listenerRules {
			listener.Rules = append(listener.Rules, v1alpha1.ListenerRule{
				Priority: int32(r + 1), Actions: forward(r),
				Conditions: []v1alpha1.RuleCondition{{PathPattern: []v1alpha1.PathPattern{v1alpha1.PathPattern(fmt.Sprintf("/%d", r))}}},
			})
		}
		obj.Spec.Listeners = append(obj.Spec.Listeners, listener)
	}
	return obj
}
