package autoscalinggroup

import (
	"context"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/internal/simulated"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
	"github.com/evenkeel/evenkeel/hack/awssim"
)

// world is a kind that works against the simulator by direct call, with a store for an API server.
type world struct {
	sim   *awssim.Server
	kind  *Kind
	store client.Client
}

// newWorld prepares a world before each spec of a container.
func newWorld() *world {
	w := new(world)
	BeforeEach(func(ctx context.Context) {
		sim, clients := simulated.AWS(ctx)
		store := simulated.Store().WithIndex(&v1alpha1.RecordSet{}, byRecorded, recordedBy).Build()
		*w = world{sim: sim, store: store, kind: &Kind{
			clients: clients, reader: store, uncached: store, clusterID: "test", Pauses: lifecycle.Pauses{Poll: time.Millisecond, Clock: clock.RealClock{}},
		}}
	})
	return w
}

// aGroup is a group of no instances with a launch template of its own.
func aGroup(with ...func(*v1alpha1.AutoScalingGroup)) *v1alpha1.AutoScalingGroup {
	obj := &v1alpha1.AutoScalingGroup{
		ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "web", UID: "0b9d6d04-6a43-4a2c-8d0e-1c2f3a4b5c6d", Generation: 1, Finalizers: []string{v1alpha1.Finalizer}},
		Spec: v1alpha1.AutoScalingGroupSpec{
			SubnetIDs:      []v1alpha1.SubnetID{"subnet-0a"},
			LaunchTemplate: &v1alpha1.LaunchTemplate{ImageID: "ami-0123456789abcdef0", InstanceType: "t2.micro"},
		},
	}
	for _, f := range with {
		f(obj)
	}
	return obj
}

// turn observes, compares and makes the changes, as lifecycle does, and returns the plan by lines.
func (w *world) turn(ctx context.Context, obj *v1alpha1.AutoScalingGroup) []string {
	GinkgoHelper()
	o, err := w.kind.Observe(ctx, obj)
	Expect(err).NotTo(HaveOccurred())
	changes, err := w.kind.Diff(obj, o)
	Expect(err).NotTo(HaveOccurred())
	w.kind.Claim(obj, o, changes)
	var lines []string
	for _, c := range changes {
		for _, p := range c.Plan() {
			lines = append(lines, strings.TrimSpace(p.Verb+" "+strings.Join(strings.Fields(p.Resource+" "+p.Field), " ")))
		}
		Expect(w.kind.Apply(ctx, obj, o, c)).To(Succeed())
	}
	w.kind.Report(obj, o)
	return lines
}

// calls are the calls that a turn makes, reads of what is shared with others left out, by operation.
func (w *world) calls(ctx context.Context, obj *v1alpha1.AutoScalingGroup) map[string]int {
	GinkgoHelper()
	return simulated.Calls(w.sim, func(operation string) bool { return !strings.HasPrefix(operation, "Describe") }, func() { w.turn(ctx, obj) })
}
