package hostedzone

import (
	"fmt"
	"maps"
	"slices"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// Names of optional fields in status.managedFields.
const (
	fieldComment = "comment"
	fieldTag     = "tags."
)

// desiredZone returns the zone that the object declares, with the tags that mark whose it is.
func (k *Kind) desiredZone(obj *v1alpha1.HostedZone) *zone {
	tags := map[string]string{}
	if !lifecycle.Observes(obj) {
		tags = k.owner(obj).Tags()
	}
	for tagKey, value := range obj.Spec.Tags {
		tags[tagKey] = string(value)
	}
	return &zone{
		name: canonicalName(obj.Spec.Name), private: isPrivate(obj), delegationSetID: obj.Spec.DelegationSetID,
		comment: comment(obj), tags: tags,
	}
}

// owner is how the object's zone is marked.
func (k *Kind) owner(obj *v1alpha1.HostedZone) awsclient.Owner {
	return awsclient.Owner{Cluster: k.clusterID, Object: fmt.Sprintf("HostedZone/%s/%s", obj.Namespace, obj.Name)}
}

// declaredFields returns the optional fields that the spec declares, as status.managedFields names them.
func declaredFields(obj *v1alpha1.HostedZone) []string {
	var fields []string
	if obj.Spec.Comment != nil {
		fields = append(fields, fieldComment)
	}
	for _, tagKey := range slices.Sorted(maps.Keys(obj.Spec.Tags)) {
		fields = append(fields, fieldTag+tagKey)
	}
	if obj.Spec.QueryLogging != nil {
		fields = append(fields, fieldQueryLogging)
	}
	return slices.Concat(fields, declaredSigning(obj), declaredVPCs(obj))
}
