package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

func keyOf(obj client.Object) client.ObjectKey { return client.ObjectKeyFromObject(obj) }

// judgeZone compares an application's zone, with all its records.
func (v *verdict) judgeZone(ctx context.Context, a *app) error {
	obj, err := live(ctx, v.user, a.zone)
	if err != nil {
		return err
	}
	if obj == nil {
		v.complain("zone %s went", a.name)
		return nil
	}
	spec := a.zone.object.Spec
	zone, err1 := v.route53.GetHostedZone(ctx, &route53.GetHostedZoneInput{Id: &obj.Status.ID})
	tags, err2 := v.route53.ListTagsForResource(ctx, &route53.ListTagsForResourceInput{ResourceId: &obj.Status.ID, ResourceType: types.TagResourceTypeHostedzone})
	records, err3 := v.route53.ListResourceRecordSets(ctx, &route53.ListResourceRecordSetsInput{HostedZoneId: &obj.Status.ID})
	if err := errors.Join(err1, err2, err3); err != nil {
		return err
	}
	v.same("the comment of zone "+a.name, aws.ToString(spec.Comment), aws.ToString(zone.HostedZone.Config.Comment))
	found := map[string]v1alpha1.TagValue{}
	for _, tag := range tags.ResourceTagSet.Tags {
		if !strings.HasPrefix(*tag.Key, "evenkeel.io/") {
			found[*tag.Key] = v1alpha1.TagValue(*tag.Value)
		}
	}
	v.same("the tags of zone "+a.name, spec.Tags, found)
	checks, err := v.checkPaths(ctx)
	if err != nil {
		return err
	}
	return v.judgeRecords(ctx, a, records.ResourceRecordSets, checks)
}

// checkPaths are the paths that health checks ask for, by their ids.
func (v *verdict) checkPaths(ctx context.Context) (map[string]string, error) {
	checks, err := v.route53.ListHealthChecks(ctx, &route53.ListHealthChecksInput{})
	if err != nil {
		return nil, err
	}
	paths := map[string]string{}
	for _, check := range checks.HealthChecks {
		paths[*check.Id] = aws.ToString(check.HealthCheckConfig.ResourcePath)
	}
	return paths, nil
}

// judgeRecords compares the records of a zone: those declared, those that validate the certificate, and no others.
func (v *verdict) judgeRecords(ctx context.Context, a *app, sets []types.ResourceRecordSet, checks map[string]string) error {
	want, have := map[string]bool{}, map[string]bool{}
	for _, t := range a.records {
		text, err := v.expectedRecord(ctx, a, &t.object.Spec)
		if err != nil {
			return err
		}
		if text != "" {
			want[text] = true
		}
	}
	validations := 0
	for i := range sets {
		switch {
		case sets[i].Type == types.RRTypeNs || sets[i].Type == types.RRTypeSoa:
		case len(sets[i].ResourceRecords) == 1 && strings.HasSuffix(*sets[i].ResourceRecords[0].Value, ".acm-validations.aws."):
			validations++
		default:
			have[describeRecord(&sets[i], checks[aws.ToString(sets[i].HealthCheckId)])] = true
		}
	}
	v.same("the records in zone "+a.name+" that validate certificates", validationsOf(a), validations)
	for text := range want {
		if !have[text] {
			v.complain("declared, and not in zone %s: %s", a.name, text)
		}
	}
	for text := range have {
		if !want[text] {
			v.complain("in zone %s, and not declared: %s", a.name, text)
		}
	}
	return nil
}

// validationsOf counts the records that validate the certificate of an application: a name and its wildcard share one.
func validationsOf(a *app) int {
	names := map[string]bool{}
	for _, name := range domainsOf(a) {
		names[strings.TrimPrefix(string(name), "*.")] = true
	}
	return len(names)
}

// describeRecord tells a record, and the path that its health check asks for.
func describeRecord(set *types.ResourceRecordSet, checked string) string {
	if set.AliasTarget != nil {
		return fmt.Sprintf("%s %s alias %s", *set.Name, set.Type, strings.TrimPrefix(strings.ToLower(strings.TrimSuffix(*set.AliasTarget.DNSName, ".")), "dualstack."))
	}
	var values []string
	for _, value := range set.ResourceRecords {
		values = append(values, *value.Value)
	}
	slices.Sort(values)
	return fmt.Sprintf("%s %s %q %d %d %v checked %q", *set.Name, set.Type, aws.ToString(set.SetIdentifier), aws.ToInt64(set.Weight), aws.ToInt64(set.TTL), values, checked)
}

// expectedRecord is describeRecord of what is declared; empty for one that need not be there.
func (v *verdict) expectedRecord(ctx context.Context, a *app, spec *v1alpha1.RecordSetSpec) (string, error) {
	name := spec.Name + "." + a.zone.object.Spec.Name + "."
	if spec.AliasTarget != nil {
		lb, err := live(ctx, v.user, a.lb)
		if err != nil || lb == nil {
			return "", err
		}
		return fmt.Sprintf("%s. %s alias %s", a.zone.object.Spec.Name, spec.Type, strings.ToLower(lb.Status.DNSName)), nil
	}
	set := &types.ResourceRecordSet{Name: &name, Type: types.RRType(spec.Type), TTL: spec.TTL}
	if spec.SetIdentifier != "" {
		set.SetIdentifier, set.Weight = aws.String(spec.SetIdentifier), &spec.RoutingPolicy.Weighted.Weight
	}
	var checked string
	if spec.HealthCheck != nil {
		checked = spec.HealthCheck.ResourcePath
	}
	values, err := v.expectedValues(ctx, a, spec)
	for _, value := range values {
		set.ResourceRecords = append(set.ResourceRecords, types.ResourceRecord{Value: aws.String(value)})
	}
	return describeRecord(set, checked), err
}

func (v *verdict) expectedValues(ctx context.Context, a *app, spec *v1alpha1.RecordSetSpec) ([]string, error) {
	if spec.InstancesOf != nil {
		return v.addresses(ctx, a)
	}
	var values []string
	for _, value := range spec.ResourceRecords {
		values = append(values, string(value))
	}
	return values, nil
}
