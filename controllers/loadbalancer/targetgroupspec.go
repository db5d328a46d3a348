package loadbalancer

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// Names under which status.managedFields lists parts of target groups and listeners.
const (
	fieldHealthCheck = "healthCheck."
	fieldTargets     = "targets."
)

// desiredTargetGroup is a target group as the spec declares it.
type desiredTargetGroup struct {
	spec       *v1alpha1.TargetGroup
	name       string
	awsName    string
	shape      shape
	check      settings
	attributes settings
	tags       map[string]string
	targets    []target
}

// desiredTargetGroups are the declared target groups.
func (k *Kind) desiredTargetGroups(obj *v1alpha1.LoadBalancer, o *observed) []desiredTargetGroup {
	groups := make([]desiredTargetGroup, len(obj.Spec.TargetGroups))
	for i := range obj.Spec.TargetGroups {
		groups[i] = k.desiredTargetGroup(obj, o, &obj.Spec.TargetGroups[i])
	}
	return groups
}

func (k *Kind) desiredTargetGroup(obj *v1alpha1.LoadBalancer, o *observed, tg *v1alpha1.TargetGroup) desiredTargetGroup {
	d := desiredTargetGroup{spec: tg, name: string(tg.Name), shape: declaredShape(obj, o, tg)}
	d.awsName = groupName(string(obj.UID), obj.Name, d.name, d.shape)
	d.check, d.attributes = declaredHealthCheck(tg.HealthCheck), declaredGroupAttributes(tg.Attributes)
	d.tags = k.ownTags(obj, tg.Tags)
	d.tags[tagTargetGroup] = d.name
	for _, t := range tg.Targets {
		d.targets = append(d.targets, declaredTarget(t, d.shape))
	}
	return d
}

func declaredShape(obj *v1alpha1.LoadBalancer, o *observed, tg *v1alpha1.TargetGroup) shape {
	s := shape{
		lbType: lbType(obj), targetType: types.TargetTypeEnum(tg.TargetType), protocol: types.ProtocolEnum(tg.Protocol),
		version: string(tg.ProtocolVersion), port: aws.ToInt32(tg.Port), vpcID: string(tg.VPCID),
		ipAddressType: types.TargetGroupIpAddressTypeEnum(tg.IPAddressType), controlPort: aws.ToInt32(tg.TargetControlPort),
	}
	if s.vpcID == "" {
		s.vpcID = vpcID(obj, o)
	}
	return s.complete()
}

func declaredHealthCheck(check *v1alpha1.TargetHealthCheck) settings {
	declared := settings{}
	if check == nil {
		return declared
	}
	declared.putFlag(checkEnabled, check.Enabled)
	declared.putText(checkProtocol, string(check.Protocol))
	declared.putText(checkPort, check.Port)
	declared.putText(checkPath, check.Path)
	declared.putText(checkMatcher, check.Matcher)
	declared.put(checkInterval, check.IntervalSeconds)
	declared.put(checkTimeout, check.TimeoutSeconds)
	declared.put(checkHealthy, check.HealthyThresholdCount)
	declared.put(checkUnhealthy, check.UnhealthyThresholdCount)
	return declared
}

func (s settings) put(key string, value *int32) {
	if value != nil {
		s[key] = fmt.Sprint(*value)
	}
}

func (s settings) putFlag(key string, value *bool) {
	if value != nil {
		s[key] = strconv.FormatBool(*value)
	}
}

func (s settings) putText(key, value string) {
	if value != "" {
		s[key] = value
	}
}

// declaredGroupAttributes are the attributes of a target group by AWS's keys.
func declaredGroupAttributes(a *v1alpha1.TargetGroupAttributes) settings {
	declared := settings{}
	if a == nil {
		return declared
	}
	for key, value := range a.Other {
		declared[key] = string(value)
	}
	declared.put(keyDeregistrationDelay, a.DeregistrationDelaySeconds)
	declared.putStickiness(a.Stickiness)
	declared.putText(keyCrossZone, crossZoneValue(a.CrossZone))
	declared.putText(keyAlgorithm, string(a.LoadBalancingAlgorithmType))
	if a.AnomalyMitigationEnabled != nil {
		declared[keyAnomalyMitigation] = map[bool]string{true: "on", false: switchedOff}[*a.AnomalyMitigationEnabled]
	}
	declared.put(keySlowStart, a.SlowStartSeconds)
	declared.putThresholds(keyDNSFailover, a.DNSFailover)
	declared.putThresholds(keyUnhealthyRouting, a.UnhealthyStateRouting)
	declared.putFlag(keyMultiValueHeaders, a.LambdaMultiValueHeadersEnabled)
	declared.putFlag(keyDeregistrationTermination, a.DeregistrationConnectionTerminationEnabled)
	declared.putFlag(keyPreserveClientIP, a.PreserveClientIPEnabled)
	declared.putFlag(keyProxyProtocol, a.ProxyProtocolV2Enabled)
	declared.putFlag(keyUnhealthyTermination, a.UnhealthyConnectionTerminationEnabled)
	declared.put(keyUnhealthyDraining, a.UnhealthyDrainingIntervalSeconds)
	declared.putText(keyFailoverDeregistration, string(a.TargetFailover))
	declared.putText(keyFailoverUnhealthy, string(a.TargetFailover))
	declared.putFlag(keyResetUnhealthy, a.SendTCPResetOnUnhealthyEnabled)
	declared.putFlag(keyResetDeregistration, a.SendTCPResetOnDeregistrationEnabled)
	return declared
}

func (s settings) putStickiness(stickiness *v1alpha1.TargetGroupStickiness) {
	if stickiness == nil {
		return
	}
	s[keyStickinessEnabled] = strconv.FormatBool(stickiness.Enabled)
	s.putText(keyStickinessType, string(stickiness.Type))
	s.putText(keyAppCookieName, stickiness.CookieName)
	if stickiness.Type == v1alpha1.StickinessAppCookie {
		s.put(keyAppCookieDuration, stickiness.DurationSeconds)
		return
	}
	s.put(keyLBCookieDuration, stickiness.DurationSeconds)
}

func (s settings) putThresholds(prefix string, thresholds *v1alpha1.MinimumHealthyTargets) {
	if thresholds == nil {
		return
	}
	for suffix, value := range map[string]*int32{"count": thresholds.Count, "percentage": thresholds.Percentage} {
		s.put(prefix+suffix, value)
		if value != nil && *value == 0 {
			s[prefix+suffix] = switchedOff
		}
	}
}

func crossZoneValue(value v1alpha1.CrossZone) string {
	switch value {
	case v1alpha1.CrossZoneEnabled:
		return on
	case v1alpha1.CrossZoneDisabled:
		return off
	}
	return string(value)
}

// declaredGroupFields returns the optional fields of target groups that the spec declares, as status.managedFields
// names them.
func declaredGroupFields(obj *v1alpha1.LoadBalancer) []string {
	var fields []string
	for i := range obj.Spec.TargetGroups {
		tg := &obj.Spec.TargetGroups[i]
		add := func(prefix string, keys []string) {
			for _, key := range keys {
				fields = append(fields, groupField(string(tg.Name), prefix+key))
			}
		}
		add(fieldHealthCheck, slices.Sorted(maps.Keys(declaredHealthCheck(tg.HealthCheck))))
		add(fieldAttribute, slices.Sorted(maps.Keys(declaredGroupAttributes(tg.Attributes))))
		add(fieldTag, slices.Sorted(maps.Keys(tg.Tags)))
		for _, t := range tg.Targets {
			add(fieldTargets, []string{declaredTarget(t, shape{port: aws.ToInt32(tg.Port)}).key()})
		}
	}
	slices.Sort(fields)
	return slices.Compact(fields)
}
