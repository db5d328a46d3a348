package loadbalancer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/internal/simulated"
	"github.com/evenkeel/evenkeel/controllers/judge"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

const (
	testCluster = "test"
	moment      = 5 * time.Millisecond
	// mostTurns bounds how many turns an object takes to settle.
	mostTurns = 400
)

// world is a LoadBalancer that is reconciled by direct call against the simulator, with a store for an API server.
type world struct {
	sim     *awssim.Server
	clients *awsclient.Clients
	store   client.Client
	// others is the hand of others in AWS.
	others *sdk.Client
	obj    *v1alpha1.LoadBalancer

	reconciler *lifecycle.Reconciler[*v1alpha1.LoadBalancer, *observed, change]
	recorder   *events.FakeRecorder

	mu   sync.Mutex
	dead bool
}

// newWorld prepares a world before each spec of a container.
func newWorld(options ...func(*awssim.Options)) *world {
	w := new(world)
	BeforeEach(func(ctx context.Context) {
		quick, soon := frame.Exactly(time.Millisecond), frame.Exactly(2*moment)
		fast := func(o *awssim.Options) {
			o.LoadBalancing = &frame.LoadBalancing{
				Provisioning: quick, NetworkProvisioning: quick, Registration: soon, NetworkRegistration: soon, Draining: 2 * moment,
				Lingering: quick, NetworkLingering: quick, Reserving: quick, TrustStore: quick,
			}
		}
		sim, clients := simulated.AWS(ctx, append([]func(*awssim.Options){fast}, options...)...)
		*w = world{
			sim: sim, clients: clients, others: clients.ELBV2,
			store: simulated.Store().WithStatusSubresource(&v1alpha1.LoadBalancer{}).
				WithIndex(&v1alpha1.RecordSet{}, byKeeper, keptBy).Build(),
		}
		w.restart()
	})
	return w
}

var errKilled = errors.New("the process is dead")

// restart is a new controller process: it remembers nothing.
func (w *world) restart() {
	w.mu.Lock()
	w.dead = false
	w.mu.Unlock()
	w.sim.SetHook(nil)
	mortal := simulated.Guarded(w.store, func(_ context.Context, _ string, _ client.Object, do func() error) error {
		if w.isDead() {
			return errKilled
		}
		return do()
	})
	w.recorder = events.NewFakeRecorder(1000)
	w.reconciler = &lifecycle.Reconciler[*v1alpha1.LoadBalancer, *observed, change]{
		Options: lifecycle.Options{Client: mortal, Writer: lifecycle.NewWriter(mortal, w.recorder), Judge: judge.Outcome, Resync: time.Hour},
		Kind:    &Kind{clients: w.clients, reader: mortal, secrets: mortal, clusterID: testCluster, Pauses: lifecycle.Pauses{Poll: moment, Clock: clock.RealClock{}}},
		New:     func() *v1alpha1.LoadBalancer { return &v1alpha1.LoadBalancer{} },
	}
}

// isDead reports whether the process has been killed.
func (w *world) isDead() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.dead
}

// create makes the object known.
func (w *world) create(ctx context.Context, obj *v1alpha1.LoadBalancer) {
	GinkgoHelper()
	obj.Namespace, obj.UID, obj.Generation = "default", cmp.Or(obj.UID, "0b9d6d04-6a43-4a2c-8d0e-1c2f3a4b5c6d"), 1
	Expect(w.store.Create(ctx, obj)).To(Succeed())
	w.obj = obj
}

// live is the object as it is now.
func (w *world) live(ctx context.Context) *v1alpha1.LoadBalancer {
	GinkgoHelper()
	live := &v1alpha1.LoadBalancer{}
	Expect(w.store.Get(ctx, client.ObjectKeyFromObject(w.obj), live)).To(Succeed())
	return live
}

// edit changes the spec.
func (w *world) edit(ctx context.Context, change func(*v1alpha1.LoadBalancerSpec)) {
	GinkgoHelper()
	live := w.live(ctx)
	change(&live.Spec)
	live.Generation++
	Expect(w.store.Update(ctx, live)).To(Succeed())
}

// turn reconciles once.
func (w *world) turn(ctx context.Context) (ctrl.Result, error) {
	return w.reconciler.Reconcile(ctx, ctrl.Request{NamespacedName: client.ObjectKeyFromObject(w.obj)})
}

// settle reconciles until the object is Ready and nothing moves any more.
func (w *world) settle(ctx context.Context) {
	GinkgoHelper()
	for range mostTurns {
		result, err := w.turn(ctx)
		live := w.live(ctx)
		if err == nil && isReady(live) && result.RequeueAfter > time.Minute {
			return
		}
		time.Sleep(moment)
	}
	Fail("it does not settle:\n" + simulated.Conditions(w.live(ctx)))
}

// settleAs reconciles until the Ready condition has a reason and a message with some words.
func (w *world) settleAs(ctx context.Context, reason string, words ...string) {
	GinkgoHelper()
	for range mostTurns {
		_, _ = w.turn(ctx)
		ready := conditionOf(w.live(ctx), v1alpha1.ConditionReady)
		if ready.Reason == reason && !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(ready.Message, word) }) {
			return
		}
		time.Sleep(moment)
	}
	Fail(fmt.Sprintf("it does not become %s %q:\n%s", reason, words, simulated.Conditions(w.live(ctx))))
}

func isReady(obj *v1alpha1.LoadBalancer) bool {
	return conditionOf(obj, v1alpha1.ConditionReady).Status == metav1.ConditionTrue && obj.Status.ObservedGeneration == obj.Generation
}

func conditionOf(obj *v1alpha1.LoadBalancer, conditionType string) metav1.Condition {
	for _, c := range obj.Status.Conditions {
		if c.Type == conditionType {
			return c
		}
	}
	return metav1.Condition{}
}

// expectQuiet expects that two more turns write nothing: not to AWS, not to the API server.
func (w *world) expectQuiet(ctx context.Context) {
	GinkgoHelper()
	version := w.live(ctx).ResourceVersion
	Expect(w.writes(func() {
		for range 2 {
			_, err := w.turn(ctx)
			Expect(err).NotTo(HaveOccurred())
		}
	})).To(BeEmpty())
	Expect(w.live(ctx).ResourceVersion).To(Equal(version), "the status is written anew")
}

// told are the events told so far.
func (w *world) told() []string { return simulated.Told(w.recorder) }

// webBalancer is a LoadBalancer with one listener that forwards to one target group with two targets.
func webBalancer(change ...func(*v1alpha1.LoadBalancerSpec)) *v1alpha1.LoadBalancer {
	obj := &v1alpha1.LoadBalancer{ObjectMeta: metav1.ObjectMeta{Name: "web"}, Spec: v1alpha1.LoadBalancerSpec{
		Type: v1alpha1.LoadBalancerApplication, SubnetIDs: []v1alpha1.SubnetID{"subnet-0a", "subnet-0b"}, SecurityGroupIDs: []v1alpha1.SecurityGroupID{"sg-0shared"},
		TargetGroups: []v1alpha1.TargetGroup{{
			Name: "blue", Protocol: v1alpha1.ProtocolHTTP, Port: aws.Int32(8080), TargetType: v1alpha1.TargetTypeIP,
			Targets: []v1alpha1.Target{{ID: "10.0.1.10"}, {ID: "10.0.1.11", Port: aws.Int32(9090)}},
		}},
		Listeners: []v1alpha1.Listener{{Port: 80, Protocol: "HTTP", DefaultActions: forward("blue")}},
	}}
	for _, f := range change {
		f(&obj.Spec)
	}
	return obj
}

// forward is the list of actions that forwards to target groups of the spec.
func forward(names ...v1alpha1.TargetGroupName) []v1alpha1.Action {
	f := &v1alpha1.ForwardAction{}
	for _, name := range names {
		f.TargetGroups = append(f.TargetGroups, v1alpha1.ForwardTargetGroup{Name: name})
	}
	return []v1alpha1.Action{{Forward: f}}
}

// group is the one target group in AWS of a name of the spec.
func (w *world) group(ctx context.Context, name string) *targetGroup {
	GinkgoHelper()
	o := w.observe(ctx)
	i := slices.IndexFunc(o.groups, func(g *targetGroup) bool { return g.name == name })
	Expect(i).To(BeNumerically(">=", 0), "no target group "+name)
	return o.groups[i]
}

// observe reads AWS as the controller does.
func (w *world) observe(ctx context.Context) *observed {
	GinkgoHelper()
	o, err := w.reconciler.Kind.Observe(ctx, w.live(ctx))
	Expect(err).NotTo(HaveOccurred())
	return o
}

// attributes are all attributes of a target group in AWS.
func (w *world) attributes(ctx context.Context, arn string) settings {
	GinkgoHelper()
	out, err := w.others.DescribeTargetGroupAttributes(ctx, &sdk.DescribeTargetGroupAttributesInput{TargetGroupArn: &arn})
	Expect(err).NotTo(HaveOccurred())
	all := settings{}
	for _, a := range out.Attributes {
		all[*a.Key] = aws.ToString(a.Value)
	}
	return all
}

// settleHealthy waits until all targets are healthy.
func (w *world) settleHealthy(ctx context.Context) {
	GinkgoHelper()
	Eventually(func() []string { return w.unserved(ctx) }).WithTimeout(10 * time.Second).Should(BeEmpty())
}

// register registers targets by somebody else's hand.
func (w *world) register(ctx context.Context, arn string, targets ...types.TargetDescription) {
	GinkgoHelper()
	_, err := w.others.RegisterTargets(ctx, &sdk.RegisterTargetsInput{TargetGroupArn: &arn, Targets: targets})
	Expect(err).NotTo(HaveOccurred())
}
