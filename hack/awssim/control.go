package awssim

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
	"github.com/evenkeel/evenkeel/hack/awssim/route53"
)

const controlPrefix = "/_sim/"

// controls lists the control API; an unknown path is answered with it.
var controls = []string{
	"GET /_sim/meter", "DELETE /_sim/meter",
	"GET /_sim/faults", "POST /_sim/faults", "DELETE /_sim/faults",
	"POST /_sim/reset",
	"GET /_sim/state", "PUT /_sim/state",
	"GET /_sim/vpcs", "POST /_sim/vpcs",
	"GET /_sim/endpoints", "POST /_sim/endpoints",
	"GET /_sim/healthchecks", "POST /_sim/healthchecks/{id}",
	"POST /_sim/loggroups", "POST /_sim/kmskeys",
	"GET /_sim/listeners", "GET /_sim/loadbalancers",
	"GET /_sim/instances", "POST /_sim/instances/{id}/kill", "POST /_sim/instances/{id}/stop",
	"POST /_sim/instances/{id}/impair", "POST /_sim/instances/{id}/load",
	"POST /_sim/zones/{zone}/fail", "POST /_sim/zones/{zone}/heal", "GET /_sim/sns",
	"GET /_sim/acm/ca.pem", "POST /_sim/acm/approve",
}

// controlHandler answers with a value for JSON, or an error that says what is
// wrong with the request. The id is that of the path, when it has one.
type controlHandler func(id string, body []byte) (any, error)

func (s *Server) controlRoutes() *http.ServeMux {
	mux := http.NewServeMux()
	handlers := s.controlHandlers()
	maps.Copy(handlers, s.instanceControls())
	for pattern, handle := range handlers {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			body, _ := r.Context().Value(bodyKey{}).([]byte)
			value, err := handle(r.PathValue("id"), body)
			if err != nil {
				sendJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
				return
			}
			sendJSON(w, http.StatusOK, value)
		})
	}
	mux.HandleFunc("GET /_sim/acm/ca.pem", s.getAuthority)
	return mux
}

func (s *Server) controlHandlers() map[string]controlHandler {
	done := map[string]bool{"ok": true}
	show := func(of func() any) controlHandler {
		return func(string, []byte) (any, error) { return of(), nil }
	}
	do := func(what func()) controlHandler {
		return func(string, []byte) (any, error) { what(); return done, nil }
	}
	take := func(what func(body []byte) error) controlHandler {
		return func(_ string, body []byte) (any, error) { return done, what(body) }
	}
	return map[string]controlHandler{
		"GET /_sim/meter":     show(func() any { return s.Meter() }),
		"DELETE /_sim/meter":  do(s.ResetMeter),
		"GET /_sim/faults":    show(func() any { return s.Faults() }),
		"POST /_sim/faults":   take(s.postFaults),
		"DELETE /_sim/faults": do(s.ClearFaults),
		"POST /_sim/reset":    do(s.Reset),
		"GET /_sim/state": func(string, []byte) (any, error) {
			raw, err := s.StateJSON()
			return json.RawMessage(raw), err
		},
		"PUT /_sim/state":        take(s.LoadState),
		"GET /_sim/vpcs":         show(func() any { return s.env.VPCs.All() }),
		"POST /_sim/vpcs":        take(s.postVPC),
		"GET /_sim/endpoints":    show(func() any { return s.env.Endpoints.All() }),
		"POST /_sim/endpoints":   take(s.postEndpoints),
		"GET /_sim/healthchecks": show(func() any { return s.HealthChecks() }),
		"POST /_sim/healthchecks/{id}": func(id string, body []byte) (any, error) {
			return done, s.postHealthCheck(id, body)
		},
		"POST /_sim/loggroups":    take(s.postLogGroup),
		"GET /_sim/listeners":     show(func() any { return s.Listeners() }),
		"GET /_sim/loadbalancers": show(func() any { return s.LoadBalancers() }),
		"POST /_sim/kmskeys":      take(s.postKMSKey),
		"POST /_sim/acm/approve":  take(s.postApproval),
	}
}

// bodyKey carries the body that the server has read already.
type bodyKey struct{}

func (s *Server) serveControl(w http.ResponseWriter, r *http.Request, body []byte, readErr error) {
	if readErr != nil {
		sendJSON(w, http.StatusBadRequest, map[string]string{"error": readErr.Error()})
		return
	}
	if _, pattern := s.control.Handler(r); pattern == "" {
		sendJSON(w, http.StatusNotFound, map[string]any{
			"error": fmt.Sprintf("there is no %s %s", r.Method, r.URL.Path),
			"have":  controls,
		})
		return
	}
	s.control.ServeHTTP(w, r.WithContext(withBody(r, body)))
}

// postFaults takes one fault or a list of them.
func (s *Server) postFaults(body []byte) error {
	var faults []Fault
	if err := frame.StrictJSON(body, &faults); err != nil {
		var one Fault
		if err := frame.StrictJSON(body, &one); err != nil {
			return fmt.Errorf("the body is not a fault: %w", err)
		}
		faults = []Fault{one}
	}
	for _, fault := range faults {
		if err := fault.check(); err != nil {
			return err
		}
	}
	for _, fault := range faults {
		if err := s.AddFault(fault); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) postVPC(body []byte) error {
	var vpc frame.VPC
	if err := frame.StrictJSON(body, &vpc); err != nil {
		return fmt.Errorf("the body is not a VPC: %w", err)
	}
	if vpc.ID == "" || vpc.Region == "" {
		return fmt.Errorf(`a VPC needs "id" and "region"`)
	}
	if vpc.Account == "" {
		vpc.Account = frame.DefaultAccount
	}
	s.AddVPC(vpc)
	return nil
}

// postEndpoints maps all endpoints of an object, or none when one cannot be.
func (s *Server) postEndpoints(body []byte) error {
	var endpoints map[string]string
	if err := frame.StrictJSON(body, &endpoints); err != nil {
		return fmt.Errorf(`the body is not like {"192.0.2.30:443": "127.0.0.1:18443"}: %w`, err)
	}
	trial := frame.NewEndpoints(nil)
	for endpoint, address := range endpoints {
		if err := trial.Set(endpoint, address); err != nil {
			return err
		}
	}
	for endpoint, address := range endpoints {
		if err := s.SetEndpoint(endpoint, address); err != nil {
			return err
		}
	}
	return nil
}

func (s *Server) postHealthCheck(id string, body []byte) error {
	var state route53.CheckState
	if err := frame.StrictJSON(body, &state); err != nil {
		return fmt.Errorf(`the body is not like {"healthy": false} or {"alarm": "ALARM"}: %w`, err)
	}
	return s.SetHealthCheck(id, state)
}

func (s *Server) postLogGroup(body []byte) error {
	var group route53.LogGroup
	if err := frame.StrictJSON(body, &group); err != nil {
		return fmt.Errorf(`the body is not like {"arn": "…", "missing": true, "denied": true}: %w`, err)
	}
	return s.SetLogGroup(group)
}

func (s *Server) postKMSKey(body []byte) error {
	var key struct {
		ARN string `json:"arn"`
		Bad string `json:"bad"`
		// Failing makes Route 53 itself fail with the key.
		Failing bool `json:"failing"`
	}
	if err := frame.StrictJSON(body, &key); err != nil {
		return fmt.Errorf(`the body is not like {"arn": "…", "bad": "the key is disabled"}: %w`, err)
	}
	if err := s.SetKMSKey(key.ARN, key.Bad); err != nil {
		return err
	}
	s.FailKMSKey(key.ARN, key.Failing)
	return nil
}

// postApproval does what clicks in the validation mails of a certificate do.
func (s *Server) postApproval(body []byte) error {
	var approved struct {
		ARN string `json:"arn"`
	}
	if err := frame.StrictJSON(body, &approved); err != nil {
		return fmt.Errorf(`the body is not like {"arn": "arn:aws:acm:…"}: %w`, err)
	}
	return s.ApproveCertificate(approved.ARN)
}

// getAuthority shows who issues certificates, for curl --cacert.
func (s *Server) getAuthority(w http.ResponseWriter, _ *http.Request) {
	text, err := s.CertificateAuthority()
	if err != nil {
		sendJSON(w, http.StatusInternalServerError, map[string]string{"error": err.Error()})
		return
	}
	send(w, frame.Response{Status: http.StatusOK, Header: http.Header{"Content-Type": {"application/x-pem-file"}}, Body: []byte(text)})
}

func sendJSON(w http.ResponseWriter, status int, value any) {
	raw, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		status, raw = http.StatusInternalServerError, []byte(fmt.Sprintf(`{"error": %q}`, err))
	}
	send(w, frame.Response{
		Status: status,
		Header: http.Header{"Content-Type": {"application/json"}},
		Body:   append(raw, '\n'),
	})
}
