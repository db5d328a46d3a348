package recordset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// world is a simulated AWS and an API server in memory, on one clock that is stepped by hand. A controller in it can be
// killed at any call.
type world struct {
	ctx   context.Context
	sim   *awssim.Server
	front *httptest.Server
	clock *frame.ManualClock
	// store is the API server; mortal is the controller's way to it, which fails once the controller is dead.
	store, mortal client.Client
	// hand is somebody else's way to Route 53.
	hand *route53.Client

	controller *Reconciler
	zones      []string
	// poison makes Route 53 refuse every batch that holds it; refused are the sizes of those batches.
	poison  string
	refused []int

	mu sync.Mutex // guards what follows: calls and writes come from several goroutines
	// fuse counts down the controller's calls and writes; at zero it dies, before that one or after it took effect.
	fuse            int
	diesAfter, dead bool
	// writes to the API server and to AWS that the controller made.
	writes, awsOps int
}

// passive makes a manual clock one that Kubernetes knows.
type passive struct{ *frame.ManualClock }

func (p passive) Since(t time.Time) time.Duration { return p.Now().Sub(t) }

func newWorld(ctx context.Context, seed uint64) *world {
	w := &world{ctx: ctx, clock: frame.NewManualClock(epoch), fuse: -1}
	instant := frame.Exactly(time.Second)
	sim, err := awssim.New(awssim.Options{Profile: awssim.ProfileFast, Limits: awssim.LimitsOff, Clock: w.clock, Seed: seed,
		Propagation: &instant, Busy: span(100 * time.Millisecond), Latency: span(0)})
	Expect(err).NotTo(HaveOccurred())
	w.sim, w.front = sim, httptest.NewServer(http.HandlerFunc(w.serve))
	w.hand = route53.New(w.options("AKIASOMEBODYELSE"))

	scheme := runtime.NewScheme()
	Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())
	Expect(corev1.AddToScheme(scheme)).To(Succeed())
	builder := fake.NewClientBuilder().WithScheme(scheme).WithStatusSubresource(&v1alpha1.RecordSet{}, &v1alpha1.HostedZone{})
	Expect(addIndexes(ctx, indexer{builder})).To(Succeed())
	store := builder.Build()
	w.store = store
	w.mortal = interceptor.NewClient(store, interceptor.Funcs{
		Patch: func(ctx context.Context, c client.WithWatch, obj client.Object, patch client.Patch, o ...client.PatchOption) error {
			return w.write(func() error { return c.Patch(ctx, obj, patch, o...) })
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, sub string, obj client.Object, patch client.Patch, o ...client.SubResourcePatchOption) error {
			return w.write(func() error { return c.SubResource(sub).Patch(ctx, obj, patch, o...) })
		},
	})
	sim.SetHook(w.call)
	w.restart()
	return w
}

// serve passes requests on to the simulator, but for change batches that hold the poison: these are refused with words
// that name nobody.
func (w *world) serve(rw http.ResponseWriter, r *http.Request) {
	if w.poison == "" || r.Method != http.MethodPost {
		w.sim.ServeHTTP(rw, r)
		return
	}
	body, err := io.ReadAll(r.Body)
	if err == nil && strings.Contains(string(body), w.poison) {
		w.refused = append(w.refused, strings.Count(string(body), "<Change>"))
		rw.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(rw, `<InvalidChangeBatch xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Messages><Message>Something is wrong.</Message></Messages></InvalidChangeBatch>`)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	w.sim.ServeHTTP(rw, r)
}

func span(d time.Duration) *frame.Span { s := frame.Exactly(d); return &s }

// indexer lets the fake client have the controller's indexes.
type indexer struct{ *fake.ClientBuilder }

func (i indexer) IndexField(_ context.Context, obj client.Object, field string, extract client.IndexerFunc) error {
	i.WithIndex(obj, field, extract)
	return nil
}

func (w *world) options(accessKey string) route53.Options {
	return route53.Options{
		Region: "us-east-1", BaseEndpoint: &w.front.URL, Retryer: aws.NopRetryer{},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: "secret"}, nil
		}),
	}
}

// arm lights the fuse.
func (w *world) arm(steps int, after bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fuse, w.diesAfter = steps, after
}

// isDead reports whether the controller has died.
func (w *world) isDead() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.dead
}

// counts returns how many writes to the API server and to AWS there were.
func (w *world) counts() []int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return []int{w.writes, w.awsOps}
}

var errDead = errors.New("the controller is dead")

// burn takes one step of the fuse and reports whether the controller dies now; called with the lock held.
func (w *world) burn() bool {
	if w.fuse < 0 || w.dead {
		return w.dead
	}
	w.fuse--
	w.dead = w.fuse < 0
	return w.dead
}

// write passes a write of the controller on to the API server; when it dies, before it or after it.
func (w *world) write(do func() error) error {
	w.mu.Lock()
	wasDead := w.dead
	dies := w.burn()
	early := wasDead || dies && !w.diesAfter
	w.writes++
	w.mu.Unlock()
	if early {
		return errDead
	}
	if err := do(); err != nil {
		return err
	}
	if dies {
		return errDead
	}
	return nil
}

// call sees every call to AWS: a controller that dies in it dies before or after it took effect.
func (w *world) call(c awssim.Call) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c.Phase == awssim.After {
		if w.dead {
			c.Abort()
		}
		return
	}
	wasDead := w.dead
	dies := w.burn()
	if wasDead || dies && !w.diesAfter {
		c.Abort()
		return
	}
	if !strings.HasPrefix(c.Operation, "Get") && !strings.HasPrefix(c.Operation, "List") {
		w.awsOps++
	}
}

// restart replaces a controller, dead or alive, by a new one that knows nothing.
func (w *world) restart() {
	w.mu.Lock()
	w.dead, w.fuse = false, -1
	w.mu.Unlock()
	w.controller = New(Options{
		Options: lifecycle.Options{
			Client: w.mortal, Writer: lifecycle.NewWriter(w.mortal, &events.FakeRecorder{}), Resync: 5 * time.Minute,
			Judge: func(err error) lifecycle.Outcome {
				var decided *lifecycle.Error
				if errors.As(err, &decided) {
					return decided.Outcome
				}
				return lifecycle.Fail(v1alpha1.ReasonAWSError, awsclient.Message(err), err)
			},
		},
		Route53: route53.New(w.options("AKIACONTROLLER")), Clock: passive{w.clock},
		BatchInterval: 500 * time.Millisecond, FirstPoll: 500 * time.Millisecond,
	})
}

// turn looks once at every zone, as the work queue would have it after an event.
func (w *world) turn(afresh bool) {
	for _, id := range w.zones {
		w.controller.zones.get(id).touch(afresh)
		_, _ = w.controller.Reconcile(w.ctx, request{ZoneID: id})
	}
	w.clock.Advance(300 * time.Millisecond)
}

// settle lets the controller work in peace until nothing has changed for a while. It reports whether it came to rest.
func (w *world) settle() bool {
	w.sim.ClearFaults()
	turns := 0
	for range 2 {
		w.restart()
		for quiet := 0; quiet < 8; quiet++ {
			if turns++; turns > 300 {
				return false
			}
			before := w.standing()
			w.turn(false)
			if w.standing() != before {
				quiet = 0
			}
			w.clock.Advance(time.Duration(quiet) * 20 * time.Second) // past parkings, too
		}
	}
	return true
}

func (w *world) makeZone(name string) {
	out, err := w.hand.CreateHostedZone(w.ctx, &route53.CreateHostedZoneInput{Name: &name, CallerReference: aws.String(fmt.Sprint(name, len(w.zones)))})
	Expect(err).NotTo(HaveOccurred())
	w.zones = append(w.zones, strings.TrimPrefix(*out.HostedZone.Id, "/hostedzone/"))
}

// records returns what Route 53 holds in a zone, the apex NS and SOA left out.
func (w *world) records(id string) map[key]*types.ResourceRecordSet {
	z, ok := w.sim.Zone(id)
	Expect(ok).To(BeTrue())
	found := map[key]*types.ResourceRecordSet{}
	for i := range z.RecordSets {
		r := &z.RecordSets[i]
		if k := keyOf(r); !k.isApexAuthority(canonicalName(z.Name)) {
			found[k] = r
		}
	}
	return found
}

// objects returns all RecordSets, the oldest first.
func (w *world) objects() []*v1alpha1.RecordSet {
	var list v1alpha1.RecordSetList
	Expect(w.store.List(w.ctx, &list)).To(Succeed())
	objects := make([]*v1alpha1.RecordSet, len(list.Items))
	for i := range list.Items {
		objects[i] = &list.Items[i]
	}
	slices.SortFunc(objects, bySeniority)
	return objects
}

// create creates an object as the API server would.
func (w *world) create(obj *v1alpha1.RecordSet) {
	obj.Finalizers, obj.ResourceVersion = nil, ""
	obj.CreationTimestamp = metav1.NewTime(w.clock.Now())
	obj.Status.ObservedGeneration = -1
	Expect(w.store.Create(w.ctx, obj)).To(Succeed())
}

// edit changes the spec of an object and counts its generation up, which the fake client does not.
func (w *world) edit(obj *v1alpha1.RecordSet, change func(*v1alpha1.RecordSetSpec)) {
	change(&obj.Spec)
	obj.Generation++
	Expect(client.IgnoreNotFound(w.store.Update(w.ctx, obj))).To(Succeed())
}

// remove deletes an object.
func (w *world) remove(obj *v1alpha1.RecordSet) {
	Expect(client.IgnoreNotFound(w.store.Delete(w.ctx, obj))).To(Succeed())
}

// put changes a record in Route 53 by another hand; a refusal is theirs to bear.
func (w *world) put(zone string, action types.ChangeAction, r *types.ResourceRecordSet) bool {
	w.clock.Advance(200 * time.Millisecond) // past the moment in which the zone is busy
	w.sim.SetHook(nil)
	defer w.sim.SetHook(w.call)
	faults := w.sim.Faults()
	w.sim.ClearFaults()
	defer func() {
		for _, fault := range faults {
			Expect(w.sim.AddFault(fault)).To(Succeed())
		}
	}()
	_, err := w.hand.ChangeResourceRecordSets(w.ctx, &route53.ChangeResourceRecordSetsInput{HostedZoneId: &zone,
		ChangeBatch: &types.ChangeBatch{Changes: []types.Change{{Action: action, ResourceRecordSet: r}}}})
	return err == nil
}

func (w *world) close() {
	w.front.Close()
	Expect(w.sim.Close()).To(Succeed())
}

// sortedKeys returns the keys of a zone's records in a fixed order.
func sortedKeys(records map[key]*types.ResourceRecordSet) []key {
	return slices.SortedFunc(maps.Keys(records), func(a, b key) int { return strings.Compare(a.String(), b.String()) })
}
