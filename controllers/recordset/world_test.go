package recordset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/internal/sandbox"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// world is a sandbox with a controller of RecordSets in it.
type world struct {
	*sandbox.World
	controller *Reconciler
	zones      []string
	// poison makes Route 53 refuse every batch that holds it; refused are the sizes of those batches.
	poison  string
	refused []int
	// reserve stands for the request budget; nothing is metered when it is nil.
	reserve Reserve
}

func newWorld(ctx context.Context, seed uint64) *world {
	inner, err := sandbox.New(ctx, seed, AddIndexes)
	Expect(err).NotTo(HaveOccurred())
	w := &world{World: inner}
	w.Front = http.HandlerFunc(w.serve)
	w.restart()
	return w
}

// serve passes requests on to the simulator, but for change batches that hold the poison: these are refused with words
// that name nobody.
func (w *world) serve(rw http.ResponseWriter, r *http.Request) {
	if w.poison == "" || r.Method != http.MethodPost {
		w.Sim.ServeHTTP(rw, r)
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
	w.Sim.ServeHTTP(rw, r)
}

// counts returns how many writes to the API server and to AWS there were.
func (w *world) counts() []int {
	writes, awsOps := w.Counts()
	return []int{writes, awsOps}
}

// restart replaces a controller, dead or alive, by a new one that knows nothing.
func (w *world) restart() {
	w.Revive()
	w.controller = New(Options{
		Options: w.Lifecycle(func(err error) lifecycle.Outcome {
			var decided *lifecycle.Error
			if errors.As(err, &decided) {
				return decided.Outcome
			}
			return lifecycle.Fail(v1alpha1.ReasonAWSError, awsclient.Message(err), err)
		}),
		Route53: w.Clients.Route53, Reserve: w.reserve, Clock: w.Clock, BatchInterval: 500 * time.Millisecond, FirstPoll: 500 * time.Millisecond,
	})
}

// turn looks once at every zone, as the work queue would have it after an event.
func (w *world) turn(afresh bool) {
	for _, id := range w.zones {
		_ = w.controller.Look(w.Ctx, id, afresh)
	}
	w.Clock.Advance(300 * time.Millisecond)
}

// settle lets the controller work in peace until nothing has changed for a while. It reports whether it came to rest.
func (w *world) settle() bool {
	w.Sim.ClearFaults()
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
			w.Clock.Advance(time.Duration(quiet) * 20 * time.Second) // past parkings, too
		}
	}
	return true
}

func (w *world) makeZone(name string) {
	out, err := w.Hand.CreateHostedZone(w.Ctx, &route53.CreateHostedZoneInput{Name: &name, CallerReference: aws.String(fmt.Sprint(name, len(w.zones)))})
	Expect(err).NotTo(HaveOccurred())
	w.zones = append(w.zones, strings.TrimPrefix(*out.HostedZone.Id, "/hostedzone/"))
}

// records returns what Route 53 holds in a zone, the apex NS and SOA left out.
func (w *world) records(id string) map[key]*types.ResourceRecordSet {
	z, ok := w.Sim.Zone(id)
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
	Expect(w.Store.List(w.Ctx, &list)).To(Succeed())
	objects := make([]*v1alpha1.RecordSet, len(list.Items))
	for i := range list.Items {
		objects[i] = &list.Items[i]
	}
	slices.SortFunc(objects, bySeniority)
	return objects
}

// create creates an object as the API server would.
func (w *world) create(obj *v1alpha1.RecordSet) { Expect(w.Create(obj)).To(Succeed()) }

// edit changes the spec of an object.
func (w *world) edit(obj *v1alpha1.RecordSet, change func(*v1alpha1.RecordSetSpec)) {
	change(&obj.Spec)
	Expect(w.Update(obj)).To(Succeed())
}

// remove deletes an object.
func (w *world) remove(obj *v1alpha1.RecordSet) { Expect(w.Delete(obj)).To(Succeed()) }

// put changes a record in Route 53 by another hand; a refusal is theirs to bear.
func (w *world) put(zone string, action types.ChangeAction, r *types.ResourceRecordSet) bool {
	var err error
	w.ByHand(func() {
		_, err = w.Hand.ChangeResourceRecordSets(w.Ctx, &route53.ChangeResourceRecordSetsInput{HostedZoneId: &zone,
			ChangeBatch: &types.ChangeBatch{Changes: []types.Change{{Action: action, ResourceRecordSet: r}}}})
	})
	return err == nil
}

func (w *world) close() { Expect(w.Close()).To(Succeed()) }

// sortedKeys returns the keys of a zone's records in a fixed order.
func sortedKeys(records map[key]*types.ResourceRecordSet) []key {
	return slices.SortedFunc(maps.Keys(records), func(a, b key) int { return strings.Compare(a.String(), b.String()) })
}
