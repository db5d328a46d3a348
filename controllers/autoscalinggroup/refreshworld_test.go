package autoscalinggroup

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/events"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/judge"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

const (
	tick = 5 * time.Millisecond
	// mostTurns bounds how many turns an object takes to settle.
	mostTurns = 1000

	goodImage  = "ami-0123456789abcdef0"
	betterOne  = "ami-0123456789abcdef1"
	bestOne    = "ami-0123456789abcdef2"
	missingOne = "ami-0bad0000000000000"
	brokenOne  = "ami-0dead000000000000"
)

// fleet is an AutoScalingGroup that is reconciled by direct call against the simulator, with a store for an API server.
type fleet struct {
	sim     *awssim.Server
	clients *awsclient.Clients
	store   client.Client
	// others is the hand of others in AWS.
	others *autoscaling.Client
	obj    *v1alpha1.AutoScalingGroup

	reconciler *lifecycle.Reconciler[*v1alpha1.AutoScalingGroup, *observed, change]
	recorder   *events.FakeRecorder

	mu   sync.Mutex
	dead bool
}

// newFleet prepares a fleet before each spec of a container.
func newFleet(options ...func(*awssim.Options)) *fleet {
	f := new(fleet)
	BeforeEach(func(ctx context.Context) {
		latency, fast := frame.Exactly(0), frame.Fast().AutoScaling
		fast.Reaction, fast.Poll, fast.HealthChecks, fast.Patience, fast.Retry = frame.Exactly(tick), tick, 2*tick, time.Second, 2*tick
		o := awssim.Options{Profile: awssim.ProfileFast, Limits: awssim.LimitsOff, Latency: &latency, Seed: uint64(GinkgoRandomSeed()), AutoScaling: &fast}
		for _, option := range options {
			option(&o)
		}
		sim, err := awssim.New(o)
		Expect(err).NotTo(HaveOccurred())
		server := httptest.NewServer(sim)
		DeferCleanup(sim.Close)
		DeferCleanup(server.Close)
		for name, value := range map[string]string{
			"AWS_ENDPOINT_URL": server.URL, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIAEVENKEEL", "AWS_SECRET_ACCESS_KEY": "secret",
		} {
			GinkgoT().Setenv(name, value)
		}
		ample := awsclient.Budget{Account: awsclient.Rate{Capacity: 100000, Refill: 100000}}
		clients, err := awsclient.New(ctx, awsclient.Options{BatchDelay: time.Microsecond, Budgets: map[string]awsclient.Budget{
			awsclient.ServiceAutoScaling: ample, awsclient.ServiceEC2: ample, awsclient.ServiceELBV2: ample,
		}})
		Expect(err).NotTo(HaveOccurred())
		scheme := runtime.NewScheme()
		Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())
		Expect(corev1.AddToScheme(scheme)).To(Succeed())
		*f = fleet{
			sim: sim, clients: clients, others: clients.AutoScaling,
			store: fake.NewClientBuilder().WithScheme(scheme).WithStatusSubresource(&v1alpha1.AutoScalingGroup{}).
				WithIndex(&v1alpha1.RecordSet{}, byRecorded, recordedBy).Build(),
		}
		f.restart()
	})
	return f
}

var errKilled = errors.New("the process is dead")

// restart is a new controller process: it remembers nothing.
func (f *fleet) restart() {
	f.mu.Lock()
	f.dead = false
	f.mu.Unlock()
	f.sim.SetHook(nil)
	alive := func() error {
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.dead {
			return errKilled
		}
		return nil
	}
	mortal := interceptor.NewClient(f.store.(client.WithWatch), interceptor.Funcs{
		Patch: func(ctx context.Context, c client.WithWatch, obj client.Object, patch client.Patch, opts ...client.PatchOption) error {
			if err := alive(); err != nil {
				return err
			}
			return c.Patch(ctx, obj, patch, opts...)
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, sub string, obj client.Object, patch client.Patch, opts ...client.SubResourcePatchOption) error {
			if err := alive(); err != nil {
				return err
			}
			return c.SubResource(sub).Patch(ctx, obj, patch, opts...)
		},
	})
	f.recorder = events.NewFakeRecorder(1000)
	f.reconciler = &lifecycle.Reconciler[*v1alpha1.AutoScalingGroup, *observed, change]{
		Options: lifecycle.Options{Client: mortal, Writer: lifecycle.NewWriter(mortal, f.recorder), Judge: judge.Outcome, Resync: time.Hour},
		Kind:    &Kind{clients: f.clients, reader: mortal, uncached: mortal, clusterID: "test", Pauses: lifecycle.Pauses{Poll: tick, Clock: clock.RealClock{}}},
		New:     func() *v1alpha1.AutoScalingGroup { return &v1alpha1.AutoScalingGroup{} },
	}
}

// create makes a group of three instances known that refreshes them, and waits until it is Ready.
func (f *fleet) create(ctx context.Context, change ...func(*v1alpha1.AutoScalingGroupSpec)) {
	GinkgoHelper()
	obj := &v1alpha1.AutoScalingGroup{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web", UID: "0b9d6d04-6a43-4a2c-8d0e-1c2f3a4b5c6d", Generation: 1},
		Spec: v1alpha1.AutoScalingGroupSpec{
			MinSize: 1, MaxSize: 6, DesiredCapacity: aws.Int32(3), SubnetIDs: []v1alpha1.SubnetID{"subnet-0a", "subnet-0b"},
			LaunchTemplate: &v1alpha1.LaunchTemplate{ImageID: goodImage, InstanceType: "t2.micro"},
			InstanceRefresh: &v1alpha1.InstanceRefresh{
				MinHealthyPercentage: aws.Int32(100), MaxHealthyPercentage: aws.Int32(200), InstanceWarmupSeconds: aws.Int32(0), AutoRollback: aws.Bool(true),
			},
		},
	}
	for _, each := range change {
		each(&obj.Spec)
	}
	Expect(f.store.Create(ctx, obj)).To(Succeed())
	f.obj = obj
	f.settle(ctx)
}

// live is the object as it is now.
func (f *fleet) live(ctx context.Context) *v1alpha1.AutoScalingGroup {
	GinkgoHelper()
	live := &v1alpha1.AutoScalingGroup{}
	Expect(f.store.Get(ctx, client.ObjectKeyFromObject(f.obj), live)).To(Succeed())
	return live
}

// edit changes the spec.
func (f *fleet) edit(ctx context.Context, change func(*v1alpha1.AutoScalingGroupSpec)) {
	GinkgoHelper()
	live := f.live(ctx)
	change(&live.Spec)
	live.Generation++
	Expect(f.store.Update(ctx, live)).To(Succeed())
}

// image declares another image.
func image(id string) func(*v1alpha1.AutoScalingGroupSpec) {
	return func(s *v1alpha1.AutoScalingGroupSpec) { s.LaunchTemplate.ImageID = id }
}

// turn reconciles once.
func (f *fleet) turn(ctx context.Context) (ctrl.Result, error) {
	return f.reconciler.Reconcile(ctx, ctrl.Request{NamespacedName: client.ObjectKeyFromObject(f.obj)})
}

// until reconciles until something is so.
func (f *fleet) until(ctx context.Context, so func(obj *v1alpha1.AutoScalingGroup, result ctrl.Result) bool) {
	GinkgoHelper()
	for range mostTurns {
		result, err := f.turn(ctx)
		if err == nil && so(f.live(ctx), result) {
			return
		}
		time.Sleep(tick)
	}
	Fail("it does not come to that:\n" + conditionLines(f.live(ctx)))
}

// atRest reports whether a turn found nothing more to wait for.
func atRest(obj *v1alpha1.AutoScalingGroup, result ctrl.Result) bool {
	return meta.IsStatusConditionTrue(obj.Status.Conditions, v1alpha1.ConditionReady) && obj.Status.ObservedGeneration == obj.Generation && result.RequeueAfter > time.Minute
}

func (f *fleet) settle(ctx context.Context) {
	GinkgoHelper()
	f.until(ctx, atRest)
}

// stands reports whether the Ready condition has a reason and a message with some words.
func stands(reason string, words ...string) func(*v1alpha1.AutoScalingGroup, ctrl.Result) bool {
	return func(obj *v1alpha1.AutoScalingGroup, _ ctrl.Result) bool {
		ready := meta.FindStatusCondition(obj.Status.Conditions, v1alpha1.ConditionReady)
		for _, word := range words {
			if !strings.Contains(ready.Message, word) {
				return false
			}
		}
		return ready.Reason == reason && ready.Status == metav1.ConditionFalse && obj.Status.ObservedGeneration == obj.Generation
	}
}

func conditionLines(obj *v1alpha1.AutoScalingGroup) string {
	var lines []string
	for _, c := range obj.Status.Conditions {
		lines = append(lines, c.Type+"="+string(c.Status)+" "+c.Reason+": "+c.Message)
	}
	return strings.Join(lines, "\n")
}

// group is the group in AWS.
func (f *fleet) group(ctx context.Context) types.AutoScalingGroup {
	GinkgoHelper()
	out, err := f.others.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{})
	Expect(err).NotTo(HaveOccurred())
	Expect(out.AutoScalingGroups).To(HaveLen(1))
	return out.AutoScalingGroups[0]
}

// version is the version that the group itself launches.
func (f *fleet) version(ctx context.Context) string {
	GinkgoHelper()
	return aws.ToString(f.group(ctx).LaunchTemplate.Version)
}

// serving are the versions of the instances in service, counted.
func (f *fleet) serving(ctx context.Context) map[string]int {
	GinkgoHelper()
	found := map[string]int{}
	for _, one := range f.group(ctx).Instances {
		if one.LifecycleState == types.LifecycleStateInService {
			found[aws.ToString(one.LaunchTemplate.Version)]++
		}
	}
	return found
}

// history are the refreshes of the group, the newest first.
func (f *fleet) history(ctx context.Context) []types.InstanceRefresh {
	GinkgoHelper()
	var found []types.InstanceRefresh
	pages := autoscaling.NewDescribeInstanceRefreshesPaginator(f.others, &autoscaling.DescribeInstanceRefreshesInput{AutoScalingGroupName: f.group(ctx).AutoScalingGroupName})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		Expect(err).NotTo(HaveOccurred())
		found = append(found, page.InstanceRefreshes...)
	}
	return found
}

// statuses are how the refreshes stand, the newest first.
func (f *fleet) statuses(ctx context.Context) []string {
	GinkgoHelper()
	var found []string
	for _, one := range f.history(ctx) {
		found = append(found, string(one.Status))
	}
	return found
}

// calls counts the calls that something makes, by operation.
func (f *fleet) calls(do func()) map[string]int {
	counted := func() map[string]int {
		counts := map[string]int{}
		for call, n := range f.sim.Meter().Calls {
			_, operation, _ := strings.Cut(call, "/")
			counts[operation] += n
		}
		return counts
	}
	before := counted()
	do()
	made := counted()
	for operation, n := range before {
		if made[operation] -= n; made[operation] == 0 {
			delete(made, operation)
		}
	}
	return made
}

// told are the events told so far.
func (f *fleet) told() string {
	told := ""
	for {
		select {
		case event := <-f.recorder.Events:
			told += event + "\n"
		default:
			return told
		}
	}
}

// killedUntil reconciles like until, with a process that dies at the nth step, before or after it took effect; it returns
// whether one died. A new one goes on. A step is a call to AWS: any that writes and, of each read, the first since the last
// write, for to ask again and again changes nothing.
func (f *fleet) killedUntil(ctx context.Context, n int, phase awssim.Phase, so func(*v1alpha1.AutoScalingGroup, ctrl.Result) bool) bool {
	GinkgoHelper()
	died, death := false, &death{at: n, phase: phase, seen: map[string]bool{}}
	for range mostTurns {
		mortal, cancel := context.WithCancel(ctx)
		if !died {
			f.killAt(death, cancel)
		}
		result, err := f.turn(mortal)
		cancel()
		f.mu.Lock()
		dead := f.dead
		f.mu.Unlock()
		if dead {
			died = true
			f.restart()
			continue
		}
		if err == nil && so(f.live(ctx), result) {
			f.sim.SetHook(nil)
			return died
		}
		time.Sleep(cmp.Or(min(result.RequeueAfter, 10*tick), tick))
	}
	Fail("it does not come to that:\n" + conditionLines(f.live(ctx)))
	return false
}

// death is that of a process at a step.
type death struct {
	at     int
	phase  awssim.Phase
	writes int
	seen   map[string]bool
}

// due reports whether this call is the step.
func (d *death) due(call awssim.Call) bool {
	if call.Phase != d.phase {
		return false
	}
	if !strings.HasPrefix(call.Operation, "Describe") {
		d.writes++
	}
	step := fmt.Sprint(call.Operation, d.writes)
	if d.seen[step] {
		return false
	}
	d.seen[step] = true
	d.at--
	return d.at == 0
}

func (f *fleet) killAt(d *death, cancel context.CancelFunc) {
	f.sim.SetHook(func(call awssim.Call) {
		f.mu.Lock()
		defer f.mu.Unlock()
		switch {
		case f.dead:
			call.Abort()
		case d.due(call):
			f.dead = true
			call.Abort()
			cancel()
		}
	})
}
