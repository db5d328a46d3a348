package loadbalancer

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
	"github.com/evenkeel/evenkeel/controllers/securitygroup"
)

// Names of optional fields in status.managedFields.
const (
	fieldTag              = "tags."
	fieldAttribute        = "attributes."
	fieldSecurityGroupIDs = "securityGroupIDs"
	fieldEnforcement      = "enforceSecurityGroupInboundRulesOnPrivateLinkTraffic"
	fieldIPAddressType    = "ipAddressType"
	fieldIPAMPools        = "ipamPools.ipv4IPAMPoolID"
	fieldSourceNAT        = "enablePrefixForIPv6SourceNAT"
	fieldCapacity         = "minimumCapacityUnits"
)

const (
	// maxName is the most characters that AWS allows the name of a load balancer or a target group.
	maxName = 32
	// hashDigits is how many digits of a hash make a derived name unlike all others.
	hashDigits = 10
)

// owner is how what belongs to the object is marked.
func (k *Kind) owner(obj *v1alpha1.LoadBalancer) awsclient.Owner {
	return awsclient.Owner{Cluster: k.clusterID, Object: fmt.Sprintf("LoadBalancer/%s/%s", obj.Namespace, obj.Name)}
}

// nameOf is the name of the object's load balancer in AWS: the one declared, or one derived from the object.
func (k *Kind) nameOf(obj *v1alpha1.LoadBalancer) string {
	switch {
	case obj.Spec.Name != "":
		return obj.Spec.Name
	case adoptsByName(obj):
		return obj.Spec.Adopt.Name
	}
	return derivedName(obj.Namespace+"-"+obj.Name, k.clusterID, obj.Namespace, obj.Name)
}

// derivedName makes a name that AWS takes: what a person reads, cut short, and a hash of what tells it from all others.
func derivedName(readable string, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "/")))
	hash := hex.EncodeToString(sum[:])[:hashDigits]
	readable = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, readable)
	readable = strings.Trim(readable, "-")
	if strings.HasPrefix(readable, "internal-") { // AWS keeps names that begin so
		readable = "lb-" + readable
	}
	readable = strings.TrimRight(readable[:min(len(readable), maxName-1-hashDigits)], "-")
	return readable + "-" + hash
}

// resourceOf is how the load balancer is called in plans and events.
func (k *Kind) resourceOf(obj *v1alpha1.LoadBalancer, o *observed) string {
	if o.lb != nil {
		return "load balancer " + o.lb.name()
	}
	return "load balancer " + k.nameOf(obj)
}

// desiredTags are the tags of the load balancer, with those that mark whose it is unless it is only watched.
func (k *Kind) desiredTags(obj *v1alpha1.LoadBalancer) map[string]string {
	tags := map[string]string{}
	if !lifecycle.Observes(obj) {
		tags = k.owner(obj).Tags()
	}
	for key, value := range obj.Spec.Tags {
		tags[key] = string(value)
	}
	return tags
}

// declaredFields returns the optional fields that the spec declares, as status.managedFields names them. Those of target
// groups, listeners and certificates are noted with them.
func declaredFields(obj *v1alpha1.LoadBalancer, o *observed) []string {
	var fields []string
	for field, declared := range map[string]bool{
		fieldSecurityGroupIDs: len(obj.Spec.SecurityGroupIDs) > 0,
		fieldEnforcement:      obj.Spec.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic != nil,
		fieldIPAddressType:    obj.Spec.IPAddressType != "",
		fieldIPAMPools:        obj.Spec.IPAMPools != nil,
		fieldSourceNAT:        obj.Spec.EnablePrefixForIPv6SourceNAT != nil,
		fieldCapacity:         obj.Spec.MinimumCapacityUnits != nil,
	} {
		if declared {
			fields = append(fields, field)
		}
	}
	for key := range obj.Spec.Tags {
		fields = append(fields, fieldTag+key)
	}
	for key := range desiredAttributes(obj) {
		fields = append(fields, fieldAttribute+key)
	}
	fields = slices.Concat(fields, securitygroup.DeclaredFields(obj.Spec.SecurityGroup), declaredGroupFields(obj), declaredListenerFields(obj, o))
	slices.Sort(fields)
	return slices.Compact(fields)
}

// scheme is the scheme that is declared; a gateway load balancer has none.
func scheme(obj *v1alpha1.LoadBalancer) types.LoadBalancerSchemeEnum {
	switch {
	case obj.Spec.Type == v1alpha1.LoadBalancerGateway:
		return ""
	case obj.Spec.Scheme == "":
		return types.LoadBalancerSchemeEnumInternetFacing
	}
	return types.LoadBalancerSchemeEnum(obj.Spec.Scheme)
}

func isNetwork(obj *v1alpha1.LoadBalancer) bool { return obj.Spec.Type == v1alpha1.LoadBalancerNetwork }
func isGateway(obj *v1alpha1.LoadBalancer) bool { return obj.Spec.Type == v1alpha1.LoadBalancerGateway }

// sdkTags are tags as Elastic Load Balancing takes them.
func sdkTags(tags map[string]string) []types.Tag {
	var list []types.Tag
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, types.Tag{Key: aws.String(key), Value: aws.String(tags[key])})
	}
	return list
}
