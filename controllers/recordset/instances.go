package recordset

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	apitypes "k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// byAutoScalingGroup finds the RecordSets that have the addresses of an AutoScalingGroup's instances.
const byAutoScalingGroup = "autoScalingGroupRef"

func indexAutoScalingGroupRefs(obj client.Object) []string {
	instances := obj.(*v1alpha1.RecordSet).Spec.InstancesOf
	if instances == nil {
		return nil
	}
	return []string{apitypes.NamespacedName{Namespace: obj.GetNamespace(), Name: instances.AutoScalingGroupRef.Name}.String()}
}

// instanceRecords returns the values of a record that has the addresses of instances. None means that the record is to be
// taken away until there is one. An error says what they are waited for.
func instanceRecords(obj *v1alpha1.RecordSet, zone zoneView, k key) ([]types.ResourceRecord, error) {
	declared := obj.Spec.InstancesOf
	name := declared.AutoScalingGroupRef.Name
	group := zone.autoScalingGroup(obj.Namespace, name)
	if group == nil {
		return nil, waiting(v1alpha1.ReasonReferenceNotFound, fmt.Sprintf("AutoScalingGroup %s, which spec.instancesOf names, does not exist.", name))
	}
	addresses := addressesOf(group, declared.Address)
	switch {
	case addresses == nil:
		return nil, waiting(v1alpha1.ReasonReferenceNotReady, fmt.Sprintf("AutoScalingGroup %s, which spec.instancesOf names, %s", name, notTold(group)))
	case len(addresses) > 0:
		records := make([]types.ResourceRecord, len(addresses))
		for i := range addresses {
			records[i].Value = &addresses[i]
		}
		return records, nil
	case declared.WhenEmpty == v1alpha1.WhenEmptyRemove:
		return nil, nil
	}
	if last := zone.records[k]; last != nil && len(last.ResourceRecords) > 0 && slices.Contains(claimsIn(obj, zone.id), k) {
		return slices.Clone(last.ResourceRecords), nil
	}
	return nil, waiting(v1alpha1.ReasonReferenceNotReady, fmt.Sprintf("No instance of AutoScalingGroup %s is in service with an address of kind %s.", name, declared.Address))
}

// addressesOf are the addresses that a group tells; nil when it does not tell them (yet).
func addressesOf(group *v1alpha1.AutoScalingGroup, kind v1alpha1.InstanceAddressKind) []string {
	told := group.Status.Addresses
	switch {
	case told == nil:
		return nil
	case kind == v1alpha1.AddressPublicIPv4:
		return told.PublicIPv4
	case kind == v1alpha1.AddressIPv6:
		return told.IPv6
	}
	return told.PrivateIPv4
}

// notTold says why a group does not tell the addresses of its instances.
func notTold(group *v1alpha1.AutoScalingGroup) string {
	if stalled := meta.FindStatusCondition(group.Status.Conditions, v1alpha1.ConditionStalled); stalled != nil {
		return "is stalled: " + stalled.Message
	}
	return "has not told the addresses of its instances yet."
}

// isVacant reports whether a declared record has nothing to answer with, so that it must not be there.
func isVacant(record *types.ResourceRecordSet) bool {
	return record != nil && record.AliasTarget == nil && len(record.ResourceRecords) == 0
}

// vacate decides for an object whose record is to be taken away until there is something to put into it. The name stays
// the object's.
func (d *decider) vacate(dec *decision, record *types.ResourceRecordSet) {
	dec.record, dec.holds = record, nil
	for _, k := range claimsIn(dec.obj, d.zone.id) {
		d.release(dec, k)
	}
}

// vacancy says how an object stands whose record is taken away.
func vacancy(obj *v1alpha1.RecordSet, k *key) string {
	return fmt.Sprintf("No instance of AutoScalingGroup %s is in service with an address of kind %s: the record %s is not in Route 53 until one is (whenEmpty: Remove).",
		obj.Spec.InstancesOf.AutoScalingGroupRef.Name, obj.Spec.InstancesOf.Address, k)
}

// addressesDiffer reports whether the addresses of a group's instances have changed, or why there are none.
func addressesDiffer(before, now *v1alpha1.AutoScalingGroup) bool {
	return !equality.Semantic.DeepEqual(before.Status.Addresses, now.Status.Addresses) || notTold(before) != notTold(now)
}

// recordHealthCheck is the health check that a record uses; none while it is taken away.
func recordHealthCheck(record *types.ResourceRecordSet) string {
	if isVacant(record) {
		return ""
	}
	return aws.ToString(record.HealthCheckId)
}
