package awssim

import (
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

const controlPrefix = "/_sim/"

// controls lists the control API; an unknown path is answered with it.
var controls = []string{
	"GET /_sim/meter", "DELETE /_sim/meter",
	"GET /_sim/faults", "POST /_sim/faults", "DELETE /_sim/faults",
	"POST /_sim/reset",
	"GET /_sim/state", "PUT /_sim/state",
	"GET /_sim/vpcs", "POST /_sim/vpcs",
}

// controlHandler answers with a value for JSON, or an error that says what is
// wrong with the request.
type controlHandler func(body []byte) (any, error)

func (s *Server) controlRoutes() *http.ServeMux {
	done := map[string]bool{"ok": true}
	handlers := map[string]controlHandler{
		"GET /_sim/meter":     func([]byte) (any, error) { return s.Meter(), nil },
		"DELETE /_sim/meter":  func([]byte) (any, error) { s.ResetMeter(); return done, nil },
		"GET /_sim/faults":    func([]byte) (any, error) { return s.Faults(), nil },
		"POST /_sim/faults":   func(body []byte) (any, error) { return done, s.postFaults(body) },
		"DELETE /_sim/faults": func([]byte) (any, error) { s.ClearFaults(); return done, nil },
		"POST /_sim/reset":    func([]byte) (any, error) { s.Reset(); return done, nil },
		"GET /_sim/state": func([]byte) (any, error) {
			raw, err := s.StateJSON()
			return json.RawMessage(raw), err
		},
		"PUT /_sim/state": func(body []byte) (any, error) { return done, s.LoadState(body) },
		"GET /_sim/vpcs":  func([]byte) (any, error) { return s.env.VPCs.All(), nil },
		"POST /_sim/vpcs": func(body []byte) (any, error) { return done, s.postVPC(body) },
	}
	mux := http.NewServeMux()
	for pattern, handle := range handlers {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			body, _ := r.Context().Value(bodyKey{}).([]byte)
			value, err := handle(body)
			if err != nil {
				sendJSON(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
				return
			}
			sendJSON(w, http.StatusOK, value)
		})
	}
	return mux
}

// bodyKey carries the body that the server has read already.
type bodyKey struct{}

func (s *Server) serveControl(w http.ResponseWriter, r *http.Request, body []byte, readErr error) {
	if readErr != nil {
		sendJSON(w, http.StatusBadRequest, map[string]string{"error": readErr.Error()})
		return
	}
	handler, pattern := s.control.Handler(r)
	if pattern == "" {
		sendJSON(w, http.StatusNotFound, map[string]any{
			"error": fmt.Sprintf("there is no %s %s", r.Method, r.URL.Path),
			"have":  controls,
		})
		return
	}
	handler.ServeHTTP(w, r.WithContext(withBody(r, body)))
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
