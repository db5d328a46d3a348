package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

// auditPolicy has the API server note the measured user's writes, and nothing else.
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
omitManagedFields: true
rules:
  - level: Metadata
    users: [` + measured + `]
    verbs: [create, update, patch, delete, deletecollection]
  - level: None
`

// auditLog is the API server's audit log.
type auditLog struct{ path string }

func (a auditLog) configure(control *envtest.Environment, dir string) error {
	policy := filepath.Join(dir, "audit-policy.yaml")
	if err := os.WriteFile(policy, []byte(auditPolicy), 0o600); err != nil {
		return err
	}
	control.ControlPlane.GetAPIServer().Configure().Set("audit-policy-file", policy).Set("audit-log-path", a.path)
	return nil
}

// writes are Kubernetes writes since a mark.
type writes struct {
	// byKind counts them by "verb resource", with the HTTP status when it was refused.
	byKind map[string]int
	// first and last are when the API server took the first and answered the last write to an object of ours.
	first, last time.Time
}

// mark is where the log ends now.
func (a auditLog) mark() (int64, error) {
	info, err := os.Stat(a.path)
	if os.IsNotExist(err) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// entry is what is read of a line of the log.
type entry struct {
	Verb      string `json:"verb"`
	ObjectRef struct {
		Resource    string `json:"resource"`
		Subresource string `json:"subresource"`
		APIGroup    string `json:"apiGroup"`
	} `json:"objectRef"`
	ResponseStatus struct {
		Code int `json:"code"`
	} `json:"responseStatus"`
	Received time.Time `json:"requestReceivedTimestamp"`
	Answered time.Time `json:"stageTimestamp"`
}

// since counts the writes after a mark.
func (a auditLog) since(mark int64) (w writes, err error) {
	w.byKind = map[string]int{}
	file, err := os.Open(a.path)
	if os.IsNotExist(err) {
		return w, nil
	}
	if err != nil {
		return w, err
	}
	defer file.Close()
	if _, err := file.Seek(mark, io.SeekStart); err != nil {
		return w, err
	}
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e entry
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			return w, fmt.Errorf("reading the audit log: %w", err)
		}
		w.add(e)
	}
	return w, lines.Err()
}

func (w *writes) add(e entry) {
	kind := e.Verb + " " + e.ObjectRef.Resource
	if e.ObjectRef.Subresource != "" {
		kind += "/" + e.ObjectRef.Subresource
	}
	if e.ResponseStatus.Code >= 400 {
		kind += fmt.Sprintf(" (%d)", e.ResponseStatus.Code)
	}
	w.byKind[kind]++
	if e.ObjectRef.Resource != "recordsets" {
		return
	}
	if w.first.IsZero() || e.Received.Before(w.first) {
		w.first = e.Received
	}
	if e.Answered.After(w.last) {
		w.last = e.Answered
	}
}
