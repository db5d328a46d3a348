package testenv

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"

	"github.com/evenkeel/evenkeel/hack/awssim"
)

// Endpoint is one manager's way to AWS. Nothing passes once it is dead, so what a killed manager still has under way
// has no effect any more.
type Endpoint struct {
	server *httptest.Server
	sim    *awssim.Server

	mu       sync.Mutex
	dead     bool
	refusals []Refusal
	batches  []Batch
}

// Refusal is an error that AWS answers with in place of making a call.
type Refusal struct {
	// Method and Path (a part of it) of the calls that are refused, and their Action where the protocol has one.
	Method, Path, Action string
	Status               int
	Code                 string
	Message              string
}

// AccessDenied refuses calls as IAM does.
func AccessDenied(method, path, action string) Refusal {
	return Refusal{Method: method, Path: path, Status: http.StatusForbidden, Code: "AccessDenied",
		Message: "User: arn:aws:iam::123456789012:user/simulated is not authorized to perform: " + action + " because no identity-based policy allows the " + action + " action"}
}

// AccessDeniedTo refuses an operation of Elastic Load Balancing as IAM does.
func AccessDeniedTo(action string) Refusal {
	refusal := AccessDenied(http.MethodPost, "/", "elasticloadbalancing:"+action)
	refusal.Action = action
	return refusal
}

// Batch is one ChangeResourceRecordSets request as it was sent: its changes as "ACTION name type".
type Batch []string

func newEndpoint(sim *awssim.Server) *Endpoint {
	e := &Endpoint{sim: sim}
	e.server = httptest.NewServer(e)
	return e
}

// ServeHTTP passes a call on to the simulator, unless it is refused.
func (e *Endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	refusal := e.note(r, body)
	if refusal == nil {
		e.sim.ServeHTTP(w, r)
		return
	}
	w.WriteHeader(refusal.Status)
	fmt.Fprintf(w, `<ErrorResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Error><Type>Sender</Type><Code>%s</Code>`+
		`<Message>%s</Message></Error><RequestId>b25f48e8-84fd-11e6-80d9-574e0c4664cb</RequestId></ErrorResponse>`, refusal.Code, refusal.Message)
}

// note writes a call down and returns why it is refused, if it is.
func (e *Endpoint) note(r *http.Request, body []byte) *Refusal {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.dead {
		panic(http.ErrAbortHandler)
	}
	if r.Method == http.MethodPost && strings.Contains(r.URL.Path, "/rrset") {
		e.batches = append(e.batches, readBatch(body))
	}
	for i := range e.refusals {
		if r.Method == e.refusals[i].Method && strings.Contains(r.URL.Path, e.refusals[i].Path) && (e.refusals[i].Action == "" ||
			bytes.HasPrefix(body, []byte("Action="+e.refusals[i].Action+"&"))) {
			return &e.refusals[i]
		}
	}
	return nil
}

func readBatch(body []byte) Batch {
	var request struct {
		Changes []struct {
			Action string
			Set    struct{ Name, Type, SetIdentifier string } `xml:"ResourceRecordSet"`
		} `xml:"ChangeBatch>Changes>Change"`
	}
	if err := xml.Unmarshal(body, &request); err != nil {
		return Batch{err.Error()}
	}
	var batch Batch
	for _, c := range request.Changes {
		batch = append(batch, strings.TrimSpace(strings.Join([]string{c.Action, c.Set.Name, c.Set.Type, c.Set.SetIdentifier}, " ")))
	}
	return batch
}

// Refuse makes AWS refuse calls from now on; none at all when called without refusals.
func (e *Endpoint) Refuse(refusals ...Refusal) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.refusals = refusals
}

// Batches are the ChangeResourceRecordSets requests sent so far, refused ones included.
func (e *Endpoint) Batches() []Batch {
	e.mu.Lock()
	defer e.mu.Unlock()
	return append([]Batch{}, e.batches...)
}

func (e *Endpoint) die() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.dead = true
}

// close waits for calls under way, which is what the simulator's hooks and the race detector need.
func (e *Endpoint) close() { e.server.Close() }
