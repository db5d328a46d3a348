package recordset

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// mayShare reports whether it is enough for an object that its record is there, whoever keeps it. The records by which
// ACM validates certificates are of this kind: all certificates of an account for one name need the same, those of other
// LoadBalancers, clusters and tools among them. Such an object takes no record over that somebody else keeps, and so
// never deletes what other certificates are renewed by; when the record goes, it makes it again.
func mayShare(obj *v1alpha1.RecordSet) bool {
	owner := metav1.GetControllerOf(obj)
	return owner != nil && owner.Kind == "LoadBalancer" && owner.APIVersion == v1alpha1.GroupVersion.String()
}

// share decides for an object whose record somebody else keeps, as it is declared; false when nobody does, or otherwise.
func (d *decider) share(dec *decision, record *types.ResourceRecordSet) bool {
	k := *dec.wanted
	holder, observed := d.holders[k], d.zone.records[k]
	others := holder != nil && holder != dec.obj
	if !mayShare(dec.obj) || slices.Contains(claimsIn(dec.obj, d.zone.id), k) {
		return false
	}
	var outcome lifecycle.Outcome
	switch {
	case observed == nil && others:
		outcome = lifecycle.Wait(v1alpha1.ReasonCreating, fmt.Sprintf("The record %s is made by RecordSet %s/%s, with which this one shares it.", k, holder.Namespace, holder.Name), 0)
	case observed == nil, d.claims[k] && !others, len(differences(atTTL(record, observed.TTL), observed)) > 0:
		return false
	case others:
		outcome = lifecycle.Done(fmt.Sprintf("The record %s is in hosted zone %s as declared; RecordSet %s/%s keeps it.", k, d.zone.id, holder.Namespace, holder.Name))
	default:
		outcome = lifecycle.Done(fmt.Sprintf("The record %s is in hosted zone %s as declared; somebody else keeps it.", k, d.zone.id))
	}
	dec.outcome = &outcome
	d.stay(dec)
	return true
}

// atTTL returns a record with another TTL: how long answers may be cached is the business of whoever keeps it.
func atTTL(record *types.ResourceRecordSet, ttl *int64) *types.ResourceRecordSet {
	other := *record
	other.TTL = ttl
	return &other
}
