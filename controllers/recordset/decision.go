package recordset

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// change is one step for one record set: what Plan prints and Manage sends.
type change struct {
	key    key
	action types.ChangeAction
	record *types.ResourceRecordSet
	plan   []v1alpha1.PlannedChange
}

// Plan tells what the change does.
func (c change) Plan() []v1alpha1.PlannedChange { return c.plan }

// member is a RecordSet that takes part in a zone's turn.
type member struct {
	// obj is the newest known state of the object. It is not changed.
	obj *v1alpha1.RecordSet
	// here is set when the object declares a record of this zone; otherwise it has left and still owns one.
	here bool
	// flying is set while a change made for the object is known to be on its way, or has just arrived.
	flying bool
	// outcome, when it is decided already: the zone that the object refers to cannot be used.
	outcome *lifecycle.Outcome
}

// decision is what a turn decided for one RecordSet.
type decision struct {
	member
	// wanted is the key of the record that the object declares in this zone; nil when it declares none here.
	wanted *key
	// record is what is declared, completed with what is left to others.
	record *types.ResourceRecordSet
	// holds are the keys of this zone that the object owns once the decision is carried out.
	holds []key
	// changes to be made in Route 53, all in one batch.
	changes []change
	// adoption is set when an existing record, identical or to be changed, is taken over.
	adoption []v1alpha1.PlannedChange
	// sent is set once Route 53 has accepted the changes.
	sent bool
	// drifted is set when the changes repair what others did.
	drifted bool
	// hushed is set when what was done is told by an event of the zone, together with others.
	hushed bool
	// doubtful is set when the object claimed its record before this turn, and it is not known what came of that.
	doubtful bool
	// failed is set when the object could not be written to the API server.
	failed bool
	// heirs are the objects that take over records from this one: it lets go only after they have claimed them.
	heirs []*v1alpha1.RecordSet
}

// plan is the change list of the decision as Plan prints it.
func (d *decision) plan() []v1alpha1.PlannedChange {
	return append(slices.Clone(d.adoption), lifecycle.PlanOf(d.changes)...)
}

// toSend reports whether changes are to be made that Route 53 has not accepted yet.
func (d *decision) toSend() bool {
	return len(d.changes) > 0 && !d.sent && d.outcome == nil && lifecycle.Manages(d.obj)
}
