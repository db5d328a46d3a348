package hostedzone

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/miekg/dns"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

const (
	// queryTimeout bounds one question to the resolver, queries how many are asked at a time.
	queryTimeout = 2 * time.Second
	queries      = 8
)

// resolver asks for the name servers and the DS records that the parents of zones have. It asks off the workers, at most
// twice a resync period for each zone, and makes a zone be looked at when an answer has changed.
type resolver struct {
	address string
	every   time.Duration
	clock   clock.PassiveClock
	changed chan event.GenericEvent
	slots   chan struct{}

	mu      sync.Mutex
	answers map[types.NamespacedName]*parentAnswer
}

// parentAnswer is what the parent of a zone last said.
type parentAnswer struct {
	asked   time.Time
	known   bool
	servers []string
	ds      parentDS
}

// parentDS is which keys the parent of a zone vouches for, as far as it is elsewhere.
type parentDS struct {
	// asked is set when a resolver is asked, known once it has answered.
	asked, known bool
	// records are the values of the DS records, ttl is how long resolvers may remember them.
	records []string
	ttl     time.Duration
	// fresh is how long an answer may take to be asked for anew.
	fresh time.Duration
}

func (d parentDS) equal(other parentDS) bool {
	return d.known == other.known && slices.Equal(d.records, other.records)
}

func newResolver(address string, every time.Duration, c clock.PassiveClock) *resolver {
	return &resolver{
		address: address, every: every, clock: c, answers: map[types.NamespacedName]*parentAnswer{},
		changed: make(chan event.GenericEvent, queries), slots: make(chan struct{}, queries),
	}
}

// namedByParent returns the name servers that the parent of a zone names, and whether that is known. It does not wait:
// an answer that is too old is asked for again in the background.
func (r *resolver) namedByParent(ctx context.Context, obj *v1alpha1.HostedZone) ([]string, bool) {
	answer := r.answer(ctx, obj)
	return answer.servers, answer.known
}

// vouchedByParent returns the DS records that the parent of a zone has, as namedByParent does the name servers.
func (r *resolver) vouchedByParent(ctx context.Context, obj *v1alpha1.HostedZone) parentDS {
	return r.answer(ctx, obj).ds
}

func (r *resolver) answer(ctx context.Context, obj *v1alpha1.HostedZone) parentAnswer {
	if r == nil || isPrivate(obj) || obj.Spec.DelegateFrom != nil {
		return parentAnswer{}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	key := client.ObjectKeyFromObject(obj)
	answer := r.answers[key]
	if answer == nil {
		answer = &parentAnswer{ds: parentDS{asked: true, fresh: r.every}}
		r.answers[key] = answer
	}
	if now := r.clock.Now(); answer.asked.IsZero() || now.Sub(answer.asked) >= r.every/2 {
		answer.asked = now
		go r.ask(context.WithoutCancel(ctx), obj.DeepCopy())
	}
	return *answer
}

// ask asks the resolver. An answer that cannot be had changes nothing: what was known stays.
func (r *resolver) ask(ctx context.Context, obj *v1alpha1.HostedZone) {
	r.slots <- struct{}{}
	defer func() { <-r.slots }()
	name := canonicalName(obj.Spec.Name)
	servers, err := r.query(ctx, name)
	ds := parentDS{}
	if err == nil && managesSigning(obj) {
		ds, err = r.queryDS(ctx, name)
	}
	if err != nil {
		ctrl.LoggerFrom(ctx).V(1).Info("Could not ask the resolver", "resolver", r.address, "error", err.Error())
		return
	}
	r.mu.Lock()
	answer := r.answers[client.ObjectKeyFromObject(obj)]
	news := answer != nil && (!answer.known || !slices.Equal(answer.servers, servers) || !answer.ds.equal(ds))
	if answer != nil {
		ds.asked, ds.fresh = true, r.every
		answer.known, answer.servers, answer.ds = true, servers, ds
	}
	r.mu.Unlock()
	if news {
		r.changed <- event.GenericEvent{Object: obj}
	}
}

// queryDS returns the DS records of a name, which its parent has.
func (r *resolver) queryDS(ctx context.Context, name string) (parentDS, error) {
	answer, err := r.exchange(ctx, name, dns.TypeDS)
	if err != nil {
		return parentDS{}, err
	}
	found := parentDS{known: true}
	for _, record := range answer.Answer {
		if ds, ok := record.(*dns.DS); ok && canonicalName(ds.Hdr.Name) == name {
			found.records = append(found.records, fmt.Sprintf("%d %d %d %s", ds.KeyTag, ds.Algorithm, ds.DigestType, strings.ToUpper(ds.Digest)))
			found.ttl = max(found.ttl, time.Duration(ds.Hdr.Ttl)*time.Second)
		}
	}
	slices.Sort(found.records)
	return found, nil
}

// exchange asks the resolver one question. A name that does not exist is an answer.
func (r *resolver) exchange(ctx context.Context, name string, recordType uint16) (*dns.Msg, error) {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	answer, _, err := (&dns.Client{Timeout: queryTimeout}).ExchangeContext(ctx, new(dns.Msg).SetQuestion(name, recordType), r.address)
	switch {
	case err != nil:
		return nil, err
	case answer.Rcode != dns.RcodeSuccess && answer.Rcode != dns.RcodeNameError:
		return nil, fmt.Errorf("the resolver answers %s", dns.RcodeToString[answer.Rcode])
	}
	return answer, nil
}

// query returns the name servers of a name: those of the answer, or of a referral.
func (r *resolver) query(ctx context.Context, name string) ([]string, error) {
	answer, err := r.exchange(ctx, name, dns.TypeNS)
	if err != nil {
		return nil, err
	}
	servers := []string{}
	for _, record := range slices.Concat(answer.Answer, answer.Ns) {
		if ns, ok := record.(*dns.NS); ok && canonicalName(ns.Hdr.Name) == name {
			servers = append(servers, strings.TrimSuffix(strings.ToLower(ns.Ns), "."))
		}
	}
	slices.Sort(servers)
	return slices.Compact(servers), nil
}

// forget drops what is known of an object that is gone.
func (r *resolver) forget(obj *v1alpha1.HostedZone) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.answers, client.ObjectKeyFromObject(obj))
}

// reportParent sets the condition Delegated by what the parent was found to say. It does not count for Ready: the parent
// is not the object's to change.
func reportParent(obj *v1alpha1.HostedZone, o *observed) {
	var own []string
	for _, server := range o.zone.nameServers {
		own = append(own, strings.TrimSuffix(strings.ToLower(server), "."))
	}
	slices.Sort(own)
	switch {
	case slices.Equal(own, o.parentNames):
		lifecycle.SetCondition(obj, v1alpha1.ConditionDelegated, true, v1alpha1.ReasonConverged, "The parent names the name servers of the zone.")
	case len(o.parentNames) == 0:
		lifecycle.SetCondition(obj, v1alpha1.ConditionDelegated, false, v1alpha1.ReasonReferenceNotReady, fmt.Sprintf(
			"The parent names no name servers for the zone: it should name %s.", strings.Join(own, ", ")))
	default:
		lifecycle.SetCondition(obj, v1alpha1.ConditionDelegated, false, v1alpha1.ReasonReferenceNotReady, fmt.Sprintf(
			"The parent names other name servers for the zone (%s) than it has (%s).", strings.Join(o.parentNames, ", "), strings.Join(own, ", ")))
	}
}
