package awssim

import (
	"fmt"
	"net/http"
	"slices"
	"sync/atomic"
	"time"

	"github.com/evenkeel/evenkeel/hack/awssim/acm"
	"github.com/evenkeel/evenkeel/hack/awssim/autoscaling"
	"github.com/evenkeel/evenkeel/hack/awssim/cloudwatch"
	"github.com/evenkeel/evenkeel/hack/awssim/dataplane"
	"github.com/evenkeel/evenkeel/hack/awssim/dnsserver"
	"github.com/evenkeel/evenkeel/hack/awssim/ec2"
	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
	"github.com/evenkeel/evenkeel/hack/awssim/instances"
	"github.com/evenkeel/evenkeel/hack/awssim/route53"
	"github.com/evenkeel/evenkeel/hack/awssim/sns"
	"github.com/evenkeel/evenkeel/hack/awssim/sts"
)

// Server is a local AWS. It is safe for concurrent use.
type Server struct {
	env        *frame.Environment
	services   []*served
	route53    *route53.Service
	ec2        *ec2.Service
	acm        *acm.Service
	elbv2      *elbv2.Service
	cloudwatch *cloudwatch.Service
	sns        *sns.Service
	groups     *autoscaling.Service
	// fleet is nil when instances do not answer.
	fleet  *instances.Fleet
	report reporter
	// plane is nil when load balancers do not forward.
	plane   *dataplane.Plane
	meter   *meter
	faults  *faultSet
	control *http.ServeMux
	hook    atomic.Pointer[func(Call)]
	state   stateFile
}

// served is a service with what the server keeps around it.
type served struct {
	frame.Service
	frame.Definition
	operations map[string]frame.Operation
	limiter    *frame.Limiter
}

// New makes a server, and loads its state file if there is one.
func New(options Options) (*Server, error) {
	timing, err := options.timing()
	if err != nil {
		return nil, err
	}
	clock := options.Clock
	if clock == nil {
		clock = frame.RealClock{}
	}
	s := &Server{meter: newMeter()}
	s.env = &frame.Environment{
		Clock:      clock,
		Timing:     timing,
		Random:     frame.NewRandom(options.Seed),
		Identities: frame.NewIdentities(clock),
		VPCs:       frame.NewVPCs(),
		Endpoints:  frame.NewEndpoints(s.endpoint(options.Endpoints)),
		Changed:    s.stateChanged,
	}
	s.faults = &faultSet{random: s.env.Random}
	s.route53 = route53.New(s.env, options.Quotas)
	s.SetResolver(options.Resolver)
	s.route53.SetAddresses(addressesFrom(dnsserver.NewResolver(s.dnsOptions(dnsserver.Options{}))))
	s.ec2 = ec2.New(s.env, options.EC2Quotas)
	s.acm = acm.New(s.env, options.ACMQuotas)
	s.acm.SetLookup(targetsFrom(dnsserver.NewResolver(s.dnsOptions(dnsserver.Options{}))))
	s.elbv2 = elbv2.New(s.env, options.LoadBalancingQuotas, s.ec2, s.acm)
	s.acm.SetUsers(s.elbv2.CertificateUsers)
	s.cloudwatch, s.sns = cloudwatch.New(s.env), sns.New(s.env)
	s.cloudwatch.OnAction(s.notify)
	s.startGroups(options)
	for _, service := range []frame.Service{s.route53, sts.New(s.env), s.ec2, s.acm, s.elbv2, s.cloudwatch, s.sns, s.groups} {
		if err := s.serve(service, options.Limits); err != nil {
			return nil, err
		}
	}
	s.control = s.controlRoutes()
	s.startInstances(options)
	if err := s.openStateFile(options.StateFile); err != nil {
		return nil, err
	}
	s.startDataPlane(options)
	s.reportInstances()
	return s, nil
}

func (s *Server) serve(service frame.Service, limits Limits) error {
	definition := service.Definition()
	rates, err := limits.of(definition.Rates)
	if err != nil {
		return err
	}
	definition.Rates = rates
	operations := map[string]frame.Operation{}
	for _, operation := range definition.Operations {
		operations[operation.Name] = operation
	}
	s.services = append(s.services, &served{
		Service:    service,
		Definition: definition,
		operations: operations,
		limiter:    frame.NewLimiter(s.env.Clock, rates),
	})
	return nil
}

// Meter tells the calls counted since start or the last reset.
func (s *Server) Meter() Meter { return s.meter.read() }

// ResetMeter starts counting anew.
func (s *Server) ResetMeter() { s.meter.reset() }

// AddFault breaks calls to come. The error says what is wrong with the fault.
func (s *Server) AddFault(fault Fault) error {
	if err := fault.check(); err != nil {
		return err
	}
	if fault.Kind == Stale {
		s.keepHistory(true)
	}
	s.faults.add(fault)
	return nil
}

// Faults lists the faults that are set, with what is left of their counts.
func (s *Server) Faults() []Fault { return s.faults.list() }

// ClearFaults removes all faults.
func (s *Server) ClearFaults() {
	s.faults.clear()
	s.keepHistory(false)
}

func (s *Server) keepHistory(on bool) {
	for _, service := range s.services {
		service.KeepHistory(on)
	}
}

// Reset returns to the initial world: no zones, the first network, no faults, full
// buckets, nothing mapped, the meter at zero. The hook stays.
func (s *Server) Reset() {
	s.ClearFaults()
	// Nothing cannot be wrong.
	_ = s.env.Endpoints.Replace(nil)
	s.groups.Reset() // before EC2, so that no group replaces the instances that go
	for _, service := range s.services {
		service.Reset()
		service.limiter.Reset()
	}
	s.meter.reset()
	s.stateChanged()
}

// Zones is the present content of all hosted zones, the oldest first; it is neither metered nor throttled. The record sets are shared and
// must not be written to.
func (s *Server) Zones() []route53.Zone { return s.route53.Zones() }

// Zone is one of Zones by its bare or prefixed id.
func (s *Server) Zone(id string) (route53.Zone, bool) { return s.route53.Zone(id) }

// Generation changes whenever the content of Zones does.
func (s *Server) Generation() uint64 { return s.route53.Generation() }

// SetResolver sets what answers TestDNSAnswer; nil answers as the DNS server
// does that is given no options.
func (s *Server) SetResolver(resolver route53.Resolver) {
	if resolver == nil {
		resolver = answerFrom(dnsserver.NewResolver(s.dnsOptions(dnsserver.Options{})))
	}
	s.route53.SetResolver(resolver)
}

// Phase is a moment in a call.
type Phase string

// Before is when a call has arrived and nothing has happened; After is when
// it took effect, or was refused, and nothing has been answered.
const (
	Before Phase = "Before"
	After  Phase = "After"
)

// Call is what a hook learns of an operation.
type Call struct {
	Service, Operation string
	Phase              Phase
	// Err is why the operation was refused; nil in the Before phase.
	Err error

	aborted *bool
}

// Abort closes the connection without an answer: in the Before phase with no
// effect at all, in the After phase with the effect the call has had.
func (c Call) Abort() { *c.aborted = true }

// SetHook calls hook synchronously before and after each operation, throttled
// and failing ones included; nil removes it. Calls come concurrently.
func (s *Server) SetHook(hook func(Call)) {
	if hook == nil {
		s.hook.Store(nil)
		return
	}
	s.hook.Store(&hook)
}

// tell calls the hook and reports whether it aborted the call.
func (s *Server) tell(r *frame.Request, phase Phase, err error) bool {
	hook := s.hook.Load()
	if hook == nil {
		return false
	}
	aborted := false
	(*hook)(Call{Service: r.Service, Operation: r.Operation, Phase: phase, Err: err, aborted: &aborted})
	return aborted
}

func (s *Server) service(name string) *served {
	at := slices.IndexFunc(s.services, func(c *served) bool { return c.Name == name })
	if at < 0 {
		return nil
	}
	return s.services[at]
}

// wait lets wall time pass, or less when the caller goes away.
func wait(r *http.Request, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
	}
}

// String names the services, for the binary's greeting.
func (s *Server) String() string {
	names := make([]string, len(s.services))
	for i, service := range s.services {
		names[i] = service.Name
	}
	return fmt.Sprint(names)
}
