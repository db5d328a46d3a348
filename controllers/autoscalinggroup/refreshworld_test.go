package autoscalinggroup

import (
	"context"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
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
	// death is what the process dies of; nil when nothing kills it.
	death *death
}

// newFleet prepares a fleet before each spec of a container.
func newFleet(options ...func(*awssim.Options)) *fleet {
	f := new(fleet)
	BeforeEach(func(ctx context.Context) {
		fast := frame.Fast().AutoScaling
		fast.Reaction, fast.Poll, fast.HealthChecks, fast.Patience, fast.Retry = frame.Exactly(tick), tick, 2*tick, time.Second, 2*tick
		withFast := func(o *awssim.Options) { o.AutoScaling = &fast }
		sim, clients := simulated.AWS(ctx, append([]func(*awssim.Options){withFast}, options...)...)
		*f = fleet{
			sim: sim, clients: clients, others: clients.AutoScaling,
			store: simulated.Store().WithStatusSubresource(&v1alpha1.AutoScalingGroup{}).
				WithIndex(&v1alpha1.RecordSet{}, byRecorded, recordedBy).Build(),
		}
		f.restart()
	})
	return f
}

// restart is a new controller process: it remembers nothing.
func (f *fleet) restart() {
	f.mu.Lock()
	f.dead, f.death = false, nil
	f.mu.Unlock()
	f.sim.SetHook(nil)
	mortal := simulated.Guarded(f.store, func(ctx context.Context, what string, obj client.Object, do func() error) error {
		operation := "Patch"
		if what == "status" {
			operation = f.statusWrite(ctx, obj)
		}
		return f.write(operation, do)
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
	live := f.found(ctx)
	Expect(live).NotTo(BeNil(), "the object is gone")
	return live
}

// found is the object as it is now; nil when it is gone.
func (f *fleet) found(ctx context.Context) *v1alpha1.AutoScalingGroup {
	GinkgoHelper()
	found := &v1alpha1.AutoScalingGroup{}
	err := f.store.Get(ctx, client.ObjectKeyFromObject(f.obj), found)
	if apierrors.IsNotFound(err) {
		return nil
	}
	Expect(err).NotTo(HaveOccurred())
	return found
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

// slow has instances take a while until they count, so that a refresh can be met under way.
func slow(s *v1alpha1.AutoScalingGroupSpec) { s.InstanceRefresh.InstanceWarmupSeconds = aws.Int32(100) }

// resting has a refresh to an image rest in the middle, so that it is met there.
func resting(id string) func(*v1alpha1.AutoScalingGroupSpec) {
	return func(s *v1alpha1.AutoScalingGroupSpec) {
		image(id)(s)
		s.InstanceRefresh.Checkpoints = &v1alpha1.InstanceRefreshCheckpoints{Percentages: []v1alpha1.InstanceRefreshPercentage{50, 100}, DelaySeconds: aws.Int32(172800)}
	}
}

// brisk has one go through without a rest.
func brisk(id string) func(*v1alpha1.AutoScalingGroupSpec) {
	return func(s *v1alpha1.AutoScalingGroupSpec) {
		image(id)(s)
		s.InstanceRefresh.Checkpoints = nil
	}
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
		if err == nil && so(f.found(ctx), result) {
			return
		}
		time.Sleep(tick)
	}
	Fail("it does not come to that:\n" + conditionLines(f.found(ctx)))
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

// gone reports whether a deletion is done.
func gone(obj *v1alpha1.AutoScalingGroup, _ ctrl.Result) bool { return obj == nil }

func conditionLines(obj *v1alpha1.AutoScalingGroup) string {
	if obj == nil {
		return "it is gone"
	}
	return simulated.Conditions(obj)
}

// group is the group in AWS.
func (f *fleet) group(ctx context.Context) types.AutoScalingGroup {
	GinkgoHelper()
	out, err := f.others.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{})
	Expect(err).NotTo(HaveOccurred())
	Expect(out.AutoScalingGroups).To(HaveLen(1))
	return out.AutoScalingGroups[0]
}

// left are the names of what there is of groups and launch templates in AWS.
func (f *fleet) left(ctx context.Context) []string {
	GinkgoHelper()
	var names []string
	groups, err := f.others.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{})
	Expect(err).NotTo(HaveOccurred())
	for i := range groups.AutoScalingGroups {
		names = append(names, "group "+aws.ToString(groups.AutoScalingGroups[i].AutoScalingGroupName))
	}
	templates, err := f.clients.EC2.DescribeLaunchTemplates(ctx, &ec2.DescribeLaunchTemplatesInput{})
	Expect(err).NotTo(HaveOccurred())
	for i := range templates.LaunchTemplates {
		names = append(names, "template "+aws.ToString(templates.LaunchTemplates[i].LaunchTemplateName))
	}
	return names
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
func (f *fleet) calls(do func()) map[string]int { return simulated.Calls(f.sim, simulated.IsAny, do) }

// told are the events told so far.
func (f *fleet) told() string { return strings.Join(simulated.Told(f.recorder), "\n") }
