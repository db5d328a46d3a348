package acm

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
	"github.com/evenkeel/evenkeel/hack/awssim/jsonrpc"
)

// Quotas are the service quotas of an account in a region; a zero is AWS's default.
type Quotas struct {
	Certificates int
	// Names are the domain names of one certificate.
	Names int
	Tags  int
}

func (q Quotas) withDefaults() Quotas {
	return Quotas{Certificates: cmp.Or(q.Certificates, 2500), Names: cmp.Or(q.Names, 10), Tags: cmp.Or(q.Tags, 50)}
}

// Service is the simulated ACM.
type Service struct {
	env    *frame.Environment
	quotas Quotas
	store  *frame.Store[content]
	// lookup gives the targets of a name's CNAME records in public DNS.
	lookup atomic.Pointer[func(name string) []string]
	users  users
	// pairs are the certificates read for servers, by ARN.
	pairs sync.Map

	mu     sync.Mutex
	closed bool
	stop   func()
}

// New makes the service without certificates.
func New(env *frame.Environment, quotas Quotas) *Service {
	s := &Service{env: env, quotas: quotas.withDefaults()}
	s.store = frame.NewStore(env.Clock, emptyContent(nil), nil)
	s.SetLookup(func(string) []string { return nil })
	s.SetUsers(func(string) []string { return nil })
	return s
}

// SetLookup sets what answers for the CNAME records of public DNS.
func (s *Service) SetLookup(lookup func(name string) []string) { s.lookup.Store(&lookup) }

// SetUsers sets what tells which resources use a certificate.
func (s *Service) SetUsers(of func(arn string) []string) { s.users.set(of) }

// Close ends the asking of DNS.
func (s *Service) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.stop != nil {
		s.stop()
	}
}

// Reset forgets all certificates. The certificate authority stays, so that who
// trusts it still does.
func (s *Service) Reset() {
	s.users.forget()
	s.pairs.Clear()
	s.store.Replace(emptyContent(s.store.Now().Authority))
}

// State is everything.
func (s *Service) State() any { return s.store.Now() }

// Load replaces everything by what State gave.
func (s *Service) Load(raw json.RawMessage) error {
	loaded := &content{}
	if err := frame.StrictJSON(raw, loaded); err != nil {
		return err
	}
	if loaded.Certificates == nil {
		loaded.Certificates = map[string]certificate{}
	}
	for arn, c := range loaded.Certificates {
		if c.ARN != arn || len(c.Names) == 0 {
			return fmt.Errorf(`the certificate %q needs its "arn" and "names"`, arn)
		}
	}
	s.users.forget()
	s.store.Replace(loaded)
	s.watch()
	return nil
}

// KeepHistory records earlier states for stale reads.
func (s *Service) KeepHistory(on bool) { s.store.KeepHistory(on) }

// Definition tells the server how to serve ACM.
func (s *Service) Definition() frame.Definition {
	operations := []frame.Operation{
		write(s, "RequestCertificate", s.request),
		read(s, "DescribeCertificate", s.describe),
		frame.Op("DeleteCertificate", s.remove),
		read(s, "ListCertificates", s.list),
		read(s, "GetCertificate", s.get),
		write(s, "ImportCertificate", s.importCertificate),
		write(s, "AddTagsToCertificate", s.addTags),
		write(s, "RemoveTagsFromCertificate", s.removeTags),
		read(s, "ListTagsForCertificate", s.listTags),
		write(s, "UpdateCertificateOptions", s.updateOptions),
		write(s, "ResendValidationEmail", s.resend),
		write(s, "RenewCertificate", s.renew),
	}
	return frame.Definition{
		Name: "acm", Protocol: jsonrpc.New("CertificateManager", wireNames, frame.Names(operations)...), Rates: rates(), Operations: operations,
	}
}

var wireNames = jsonrpc.Names{
	"Filters.ExportOption":     "exportOption",
	"Filters.ExtendedKeyUsage": "extendedKeyUsage",
	"Filters.KeyTypes":         "keyTypes",
	"Filters.KeyUsage":         "keyUsage",
	"Filters.ManagedBy":        "managedBy",
}

// rates are requests a second, with buckets of as much.
func rates() frame.Rates {
	of := func(n float64) frame.Bucket { return frame.Bucket{Capacity: n, Refill: n} }
	return frame.Rates{
		Code:    "ThrottlingException",
		Default: &frame.Bucket{Capacity: 5, Refill: 5},
		Operations: map[string]frame.Bucket{
			"DescribeCertificate": of(10), "DeleteCertificate": of(10), "ListTagsForCertificate": of(10), "GetCertificate": of(10),
			"ListCertificates": of(1), "ImportCertificate": of(1), "ResendValidationEmail": of(1),
		},
	}
}

// turn is one call: what it knows, and the state it sees. A write may change
// the certificates of its state.
type turn struct {
	*frame.Request
	*content
	now time.Time
}

func read[In, Out any](s *Service, name string, do func(*turn, *In) (*Out, error)) frame.Operation {
	return frame.Op(name, func(_ context.Context, r *frame.Request, in *In) (*Out, error) {
		if err := s.look(); err != nil {
			return nil, err
		}
		return do(&turn{r, s.store.View(r), s.env.Clock.Now()}, in)
	})
}

func write[In, Out any](s *Service, name string, do func(*turn, *In) (*Out, error)) frame.Operation {
	return frame.Op(name, func(_ context.Context, r *frame.Request, in *In) (out *Out, err error) {
		if err := s.look(); err != nil {
			return nil, err
		}
		err = s.change(func(draft *content, now time.Time) error {
			out, err = do(&turn{r, draft, now}, in)
			return err
		})
		return out, err
	})
}

// change publishes what is done to a draft of the present state.
func (s *Service) change(do func(draft *content, now time.Time) error) error {
	err := s.store.Change(func(before *content) (*content, error) {
		draft := before.clone()
		return draft, do(draft, s.env.Clock.Now())
	})
	if err != nil {
		return err
	}
	s.env.Changed()
	s.watch()
	return nil
}
