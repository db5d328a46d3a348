package recordset

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// zoneView is what the desired state of a record depends on beside its own spec.
type zoneView struct {
	// id and name of the zone; the name is canonical.
	id, name string
	// records that Route 53 holds in the zone.
	records map[key]*types.ResourceRecordSet
	// sibling returns the RecordSet of a name in the namespace, nil when there is none.
	sibling func(namespace, name string) *v1alpha1.RecordSet
	// loadBalancer returns the LoadBalancer of a name in the namespace, nil when there is none.
	loadBalancer func(namespace, name string) *v1alpha1.LoadBalancer
	// autoScalingGroup returns the AutoScalingGroup of a name in the namespace, nil when there is none.
	autoScalingGroup func(namespace, name string) *v1alpha1.AutoScalingGroup
}

// desiredRecord returns the record set that the object declares, in the form in which it is sent. An error that is a
// lifecycle.Error says how the object stands instead: invalid, or waiting for what it refers to.
func desiredRecord(obj *v1alpha1.RecordSet, zone zoneView) (*types.ResourceRecordSet, error) {
	spec := &obj.Spec
	name, err := resolveName(spec.Name, zone.name)
	if err != nil {
		return nil, invalid(err.Error())
	}
	if spec.Type == "CNAME" && name == zone.name {
		return nil, invalid(fmt.Sprintf("Route 53 refuses a CNAME at the apex of the zone %s: use type A or AAAA with spec.aliasTarget instead", zone.name))
	}
	record := &types.ResourceRecordSet{Name: aws.String(name), Type: types.RRType(spec.Type), TTL: spec.TTL}
	if spec.SetIdentifier != "" {
		record.SetIdentifier = aws.String(spec.SetIdentifier)
	}
	if spec.RoutingPolicy != nil {
		setPolicy(record, spec.RoutingPolicy)
	}
	for _, value := range spec.ResourceRecords {
		wire, err := wireValue(record.Type, string(value))
		if err != nil {
			return nil, invalid(err.Error())
		}
		if len(wire) > maxValue {
			return nil, invalid(fmt.Sprintf("a value of the record has %d characters once quoted; Route 53 takes at most %d", len(wire), maxValue))
		}
		record.ResourceRecords = append(record.ResourceRecords, types.ResourceRecord{Value: aws.String(wire)})
	}
	if record.HealthCheckId, err = desiredHealthCheck(obj); err != nil {
		return nil, err
	}
	if spec.InstancesOf != nil {
		if record.ResourceRecords, err = instanceRecords(obj, zone, keyOf(record)); err != nil {
			return nil, err
		}
	}
	if spec.AliasTarget != nil {
		if record.AliasTarget, err = desiredAlias(obj, zone); err != nil {
			return nil, err
		}
	}
	return record, nil
}

// desiredHealthCheck returns the id of the check that the record is to use, once there is one.
func desiredHealthCheck(obj *v1alpha1.RecordSet) (*string, error) {
	if obj.Spec.HealthCheck == nil {
		return awsclient.Optional(string(obj.Spec.HealthCheckID)), nil
	}
	check := obj.Status.HealthCheck
	switch {
	case check == nil || check.ID == "" && check.Reason == "" && lifecycle.Manages(obj):
		return nil, waiting(v1alpha1.ReasonCreating, "The health check of the record is being created.")
	case check.Stalled:
		return nil, lifecycle.AsError(lifecycle.Stall(check.Reason, check.Message))
	case check.Reason != "":
		return nil, waiting(check.Reason, check.Message)
	case check.ObservedGeneration != obj.Generation:
		return nil, waiting(v1alpha1.ReasonUpdating, "The health check of the record is being brought up to date.")
	case !lifecycle.Manages(obj) && slices.ContainsFunc(check.Plan, makesCheck):
		return aws.String(plannedCheck), nil
	}
	return awsclient.Optional(check.ID), nil
}

// plannedCheck stands for the id of a health check that is not made while nothing may be changed.
const plannedCheck = "(to be created)"

// makesCheck reports whether a change gives the record another health check.
func makesCheck(c v1alpha1.PlannedChange) bool {
	return c.Verb == lifecycle.VerbCreate || c.Verb == lifecycle.VerbReplace
}

// healthCheckPlan is what would be done about the object's health checks while nothing may be changed.
func healthCheckPlan(obj *v1alpha1.RecordSet) []v1alpha1.PlannedChange {
	if obj.Status.HealthCheck == nil {
		return nil
	}
	return slices.Clone(obj.Status.HealthCheck.Plan)
}

// setPolicy writes the routing policy as the API has it.
func setPolicy(record *types.ResourceRecordSet, policy *v1alpha1.RoutingPolicy) {
	switch {
	case policy.Weighted != nil:
		record.Weight = aws.Int64(policy.Weighted.Weight)
	case policy.Latency != nil:
		record.Region = types.ResourceRecordSetRegion(policy.Latency.Region)
	case policy.Failover != nil:
		record.Failover = types.ResourceRecordSetFailover(policy.Failover.Role)
	case policy.MultivalueAnswer != nil:
		record.MultiValueAnswer = aws.Bool(true)
	case policy.Geolocation != nil:
		record.GeoLocation = &types.GeoLocation{
			ContinentCode: awsclient.Optional(policy.Geolocation.ContinentCode), CountryCode: awsclient.Optional(policy.Geolocation.CountryCode),
			SubdivisionCode: awsclient.Optional(policy.Geolocation.SubdivisionCode),
		}
	case policy.Geoproximity != nil:
		near := policy.Geoproximity
		record.GeoProximityLocation = &types.GeoProximityLocation{
			AWSRegion: awsclient.Optional(string(near.AWSRegion)), LocalZoneGroup: awsclient.Optional(near.LocalZoneGroup), Bias: near.Bias,
		}
		if near.Coordinates != nil {
			record.GeoProximityLocation.Coordinates = &types.Coordinates{
				Latitude: aws.String(near.Coordinates.Latitude), Longitude: aws.String(near.Coordinates.Longitude),
			}
		}
	case policy.CIDR != nil:
		record.CidrRoutingConfig = &types.CidrRoutingConfig{
			CollectionId: aws.String(policy.CIDR.CollectionID), LocationName: aws.String(policy.CIDR.LocationName),
		}
	}
}

// maxValue is the most characters of one value (API reference, ResourceRecord.Value).
const maxValue = 4000

// desiredAlias resolves the target of an alias. The target of a reference must be in Route 53 already, since Route 53
// refuses an alias to a record that is not there.
func desiredAlias(obj *v1alpha1.RecordSet, zone zoneView) (*types.AliasTarget, error) {
	target := obj.Spec.AliasTarget
	evaluate := aws.ToBool(target.EvaluateTargetHealth)
	switch {
	case target.LoadBalancerRef != nil:
		return loadBalancerAlias(obj, zone)
	case target.RecordSetRef == nil:
		return &types.AliasTarget{
			DNSName: aws.String(target.DNSName), HostedZoneId: aws.String(target.HostedZoneID), EvaluateTargetHealth: evaluate,
		}, nil
	}
	ref := target.RecordSetRef.Name
	other := zone.sibling(obj.Namespace, ref)
	switch {
	case other == nil:
		return nil, waiting(v1alpha1.ReasonReferenceNotFound, fmt.Sprintf("RecordSet %s, which the alias refers to, does not exist.", ref))
	case other.Spec.Type != obj.Spec.Type:
		return nil, invalid(fmt.Sprintf("the alias is of type %s and refers to RecordSet %s of type %s: Route 53 wants the same type", obj.Spec.Type, ref, other.Spec.Type))
	}
	name, err := resolveName(other.Spec.Name, zone.name)
	if err != nil {
		return nil, waiting(v1alpha1.ReasonReferenceNotReady, fmt.Sprintf("RecordSet %s, which the alias refers to, is not in this zone.", ref))
	}
	if _, found := zone.records[key{name, string(other.Spec.Type), other.Spec.SetIdentifier}]; !found {
		return nil, waiting(v1alpha1.ReasonReferenceNotReady, fmt.Sprintf("RecordSet %s, which the alias refers to, is not in Route 53 yet.", ref))
	}
	return &types.AliasTarget{DNSName: aws.String(name), HostedZoneId: aws.String(zone.id), EvaluateTargetHealth: evaluate}, nil
}

// overlay completes a desired record with what the spec leaves out and others may have set on the observed one: a
// field that is not declared is not managed. A health check that is made for another object does not stay: it goes with
// that object.
func overlay(obj *v1alpha1.RecordSet, desired, observed *types.ResourceRecordSet, checks map[string]*v1alpha1.RecordSet) *types.ResourceRecordSet {
	if observed == nil || observed.HealthCheckId == nil || desired.HealthCheckId != nil || obj.Status.UsedHealthCheckID != "" {
		return desired
	}
	if owner := checks[*observed.HealthCheckId]; owner != nil && owner != obj {
		return desired
	}
	merged := *desired
	merged.HealthCheckId = observed.HealthCheckId
	return &merged
}

// inlineChecks returns the health checks that are made for an object.
func inlineChecks(obj *v1alpha1.RecordSet) []string {
	if obj.Status.HealthCheck == nil {
		return nil
	}
	return append([]string{obj.Status.HealthCheck.ID}, obj.Status.HealthCheck.Previous...)
}

func invalid(problem string) error {
	return lifecycle.AsError(lifecycle.Stall(v1alpha1.ReasonInvalidSpec, lifecycle.Sentence(problem)))
}

func waiting(reason, message string) error {
	return lifecycle.AsError(lifecycle.Wait(reason, message, 0))
}
