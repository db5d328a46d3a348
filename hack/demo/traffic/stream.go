package traffic

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/evenkeel/evenkeel/hack/demo/record"
)

const (
	// Rate is how many requests are sent a second.
	Rate = 25
	// patience is how long a person waits for an answer.
	patience = 2 * time.Second
)

// Stream is a steady stream of requests, each by a new connection, as those of new visitors are.
type Stream struct {
	// URL is what is asked for. Its host is looked up by Resolver; Bound tells where on this machine an address is.
	URL, Host string
	Resolver  *Resolver
	Bound     func(address string) string
	Recorder  *record.Recorder

	mu       sync.Mutex
	next     int
	versions map[string]int64
}

// Send sends requests until the context ends, and returns once the last has been answered.
func (s *Stream) Send(ctx context.Context) {
	var flying sync.WaitGroup
	defer flying.Wait()
	ticker := time.NewTicker(time.Second / Rate)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		flying.Go(func() { s.once(context.WithoutCancel(ctx)) })
	}
}

// Versions are the launch template versions of the instances that have answered.
func (s *Stream) Versions() map[string]int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	taken := map[string]int64{}
	for id, version := range s.versions {
		taken[id] = version
	}
	return taken
}

// once sends one request and records what came of it.
func (s *Stream) once(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	sent := time.Now()
	from, err := s.Ask(ctx)
	failure := ""
	if err != nil {
		failure = failureOf(err)
	}
	s.Recorder.Request(sent, time.Now(), from.ID, failure)
}

// Answer is what an instance says of itself.
type Answer struct {
	ID      string `json:"instanceId"`
	Zone    string `json:"zone"`
	Version int64  `json:"launchTemplateVersion"`
}

// statusError is an answer that is none.
type statusError int

func (e statusError) Error() string { return fmt.Sprintf("HTTP %d", int(e)) }

// Ask sends one request.
func (s *Stream) Ask(ctx context.Context) (Answer, error) {
	addresses, err := s.Resolver.Addresses(ctx, s.Host, time.Now())
	if err != nil {
		return Answer{}, err
	}
	s.mu.Lock()
	address := net.JoinHostPort(addresses[s.next%len(addresses)], "80")
	s.next++
	s.mu.Unlock()
	transport := &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, s.Bound(address))
		},
	}
	defer transport.CloseIdleConnections()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
	if err != nil {
		return Answer{}, fmt.Errorf("making a request: %w", err)
	}
	response, err := (&http.Client{Transport: transport}).Do(request)
	if err != nil {
		return Answer{}, err
	}
	defer response.Body.Close()
	raw, err := io.ReadAll(response.Body)
	if err != nil {
		return Answer{}, fmt.Errorf("reading the answer: %w", err)
	}
	var answer Answer
	if response.StatusCode != http.StatusOK {
		// Whose answer it is may be in it all the same.
		_ = json.Unmarshal(raw, &answer)
		return answer, statusError(response.StatusCode)
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		return answer, fmt.Errorf("reading the answer: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.versions == nil {
		s.versions = map[string]int64{}
	}
	s.versions[answer.ID] = answer.Version
	return answer, nil
}

// failureOf names what went wrong in a few words, the same for what is alike.
func failureOf(err error) string {
	var status statusError
	switch {
	case errors.As(err, &status):
		return status.Error()
	case errors.Is(err, errNoAnswer):
		return errNoAnswer.Error()
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "connection reset"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return "no answer in " + patience.String()
	}
	return "connection failed"
}
