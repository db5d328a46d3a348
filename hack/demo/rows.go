package main

import (
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// row is how an object stands, as people look at it.
type row struct {
	name, record, recordType string
	ready, reason, message   string
	stalled, gone            bool
}

// rowOf reads an object. It counts as Ready only once that is about its present generation.
func rowOf(obj object) row {
	r := row{name: reference(obj), ready: "-", reason: "-"}
	switch o := obj.(type) {
	case *v1alpha1.HostedZone:
		r.record, r.recordType = strings.TrimSuffix(o.Spec.Name, ".")+".", "zone"
	case *v1alpha1.RecordSet:
		r.record, r.recordType = o.Status.FQDN, string(o.Spec.Type)
		if r.record == "" {
			r.record = o.Spec.Name
		}
	}
	status := obj.CommonStatus()
	condition := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionReady)
	if condition != nil && condition.ObservedGeneration == obj.GetGeneration() {
		r.ready, r.reason, r.message = string(condition.Status), condition.Reason, condition.Message
	}
	if obj.GetDeletionTimestamp() != nil && r.isReady() {
		r.ready, r.reason, r.message = "False", v1alpha1.ReasonDeleting, "The object is being deleted."
	}
	r.stalled = meta.IsStatusConditionTrue(status.Conditions, v1alpha1.ConditionStalled)
	return r
}

func (r row) isReady() bool { return r.ready == string(metav1.ConditionTrue) }

// board is the state of all objects that are watched.
type board struct {
	order   []string // identities, those of the manifests first
	rows    map[string]row
	objects map[string]object
}

// newBoard lists the objects of the manifests first.
func newBoard(declared []object) *board {
	b := &board{rows: map[string]row{}, objects: map[string]object{}}
	for _, obj := range declared {
		b.order = append(b.order, identity(obj))
	}
	return b
}

// identity is unique among the objects of a board.
func identity(obj client.Object) string { return obj.GetNamespace() + "/" + reference(obj) }

// update takes in what a watch told, and reports how the object stands and whether that is new.
func (b *board) update(e event) (row, bool) {
	id := identity(e.object)
	now := rowOf(e.object)
	before, known := b.rows[id]
	if e.gone {
		now = row{name: now.name, record: now.record, recordType: now.recordType, gone: true}
		delete(b.rows, id)
		delete(b.objects, id)
		return now, known
	}
	if !slices.Contains(b.order, id) {
		b.order = append(b.order, id)
	}
	b.rows[id], b.objects[id] = now, e.object
	return now, !known || before != now
}

// list returns the rows there are, in order.
func (b *board) list() []row {
	var rows []row
	for _, id := range b.order {
		if r, ok := b.rows[id]; ok {
			rows = append(rows, r)
		}
	}
	return rows
}

// allReady reports whether each of the objects is Ready.
func (b *board) allReady(declared []object) bool {
	return !slices.ContainsFunc(declared, func(obj object) bool { return !b.rows[identity(obj)].isReady() })
}

// telling reports whether there is something to tell: not while the controller has yet to look.
func (r row) telling() bool { return r.gone || r.message != "" }

// line tells a row without a table.
func (r row) line() string {
	if r.gone {
		return strings.Join([]string{r.name, r.record, r.recordType, "deleted"}, " ")
	}
	parts := []string{r.name, r.record, r.recordType, "Ready=" + r.ready, r.reason}
	if !r.isReady() && r.message != "" {
		parts[len(parts)-1] += ":"
		parts = append(parts, r.message)
	}
	return strings.Join(parts, " ")
}
