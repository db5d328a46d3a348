package autoscalinggroup

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
	"github.com/evenkeel/evenkeel/controllers/securitygroup"
)

// Names of optional fields in status.managedFields; those of settings are in settingvalues.go.
const fieldTag = "tags."

const (
	// maxName is the most characters that AWS allows the name of a group.
	maxName = 255
	// hashDigits is how many digits of a hash make a derived name unlike all others.
	hashDigits = 10
)

// owner is how what belongs to the object is marked.
func (k *Kind) owner(obj *v1alpha1.AutoScalingGroup) awsclient.Owner {
	return awsclient.Owner{Cluster: k.clusterID, Object: fmt.Sprintf("AutoScalingGroup/%s/%s", obj.Namespace, obj.Name)}
}

// nameOf is the name of the object's group in AWS: the one declared, the one that it has had so far, or one derived from
// the object.
func (k *Kind) nameOf(obj *v1alpha1.AutoScalingGroup) string {
	own := lifecycle.Own(obj, obj.Status.Name)
	switch {
	case obj.Spec.Name != "":
		return obj.Spec.Name
	case own != "":
		return own
	case obj.Spec.Adopt != nil:
		return obj.Spec.Adopt.Name
	}
	return derivedName(maxName, obj.Namespace+"-"+obj.Name, k.clusterID, obj.Namespace, obj.Name)
}

// derivedName makes a name of at most limit characters: what a person reads, cut short, and a hash of what tells it from
// all others.
func derivedName(limit int, readable string, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "/")))
	hash := hex.EncodeToString(sum[:])[:hashDigits]
	readable = strings.ReplaceAll(readable, ".", "-")
	readable = strings.TrimRight(readable[:min(len(readable), limit-1-hashDigits)], "-")
	return readable + "-" + hash
}

// resourceOf is how the group is called in plans and events.
func (k *Kind) resourceOf(obj *v1alpha1.AutoScalingGroup, o *observed) string {
	if o.group != nil {
		return "Auto Scaling group " + o.group.name()
	}
	return "Auto Scaling group " + k.nameOf(obj)
}

// declarations name the optional fields that the spec declares, as status.managedFields has them: each subject its own.
var declarations = []func(*v1alpha1.AutoScalingGroup) []string{
	declaredSettings, declaredTags, declaredSource,
	declaredHooks, declaredNotifications, declaredPool, declaredProcesses, declaredMetrics, declaredTargetGroups, declaredPolicies, declaredActions,
}

// declaredFields returns the optional fields that the spec declares, as status.managedFields names them.
func declaredFields(obj *v1alpha1.AutoScalingGroup) []string {
	fields := securitygroup.DeclaredFields(obj.Spec.SecurityGroup)
	for _, declared := range declarations {
		fields = append(fields, declared(obj)...)
	}
	slices.Sort(fields)
	return slices.Compact(fields)
}
