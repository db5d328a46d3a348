package hostedzone

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/judge"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// fieldQueryLogging is the name of spec.queryLogging in status.managedFields.
const fieldQueryLogging = "queryLogging"

// queryLogging is the query logging configuration of a zone: Route 53 allows one.
type queryLogging struct{ id, logGroupARN string }

func logGroup(obj *v1alpha1.HostedZone) string {
	if obj.Spec.QueryLogging == nil {
		return ""
	}
	return obj.Spec.QueryLogging.LogGroupARN
}

// observeQueryLogging reads the configuration where it can be the object's business.
func (k *Kind) observeQueryLogging(ctx context.Context, obj *v1alpha1.HostedZone, z *zone) error {
	if z.private || logGroup(obj) == "" && !lifecycle.Managed(obj, fieldQueryLogging) {
		return nil
	}
	page, err := k.clients.Route53.ListQueryLoggingConfigs(ctx, &route53.ListQueryLoggingConfigsInput{HostedZoneId: &z.id})
	if err != nil {
		return fmt.Errorf("reading the query logging of hosted zone %s: %w", z.id, err)
	}
	z.logging = nil
	for _, config := range page.QueryLoggingConfigs {
		z.logging = &queryLogging{id: aws.ToString(config.Id), logGroupARN: aws.ToString(config.CloudWatchLogsLogGroupArn)}
	}
	return nil
}

// ownsQueryLogging reports whether the zone's configuration is the object's. One of which no id was written down is: it
// was about to be made.
func ownsQueryLogging(obj *v1alpha1.HostedZone, z *zone) bool {
	return z.logging.id == obj.Status.QueryLoggingConfigID ||
		obj.Status.QueryLoggingConfigID == "" && lifecycle.Managed(obj, fieldQueryLogging)
}

// queryLoggingChanges returns the change that makes queries be logged as declared.
func queryLoggingChanges(obj *v1alpha1.HostedZone, resource string, z *zone, verb string) ([]change, error) {
	desired, current := logGroup(obj), ""
	if z.logging != nil {
		current = z.logging.logGroupARN
	}
	switch {
	case desired == current:
		return nil, nil
	case current == "", ownsQueryLogging(obj, z):
	case desired == "":
		return nil, nil
	case adoptedID(obj) == "" && lifecycle.Adoption(obj, v1alpha1.AdoptionNever) != v1alpha1.AdoptionAlways:
		return nil, lifecycle.Refuse(v1alpha1.ReasonConflict, "The queries of hosted zone %s are logged to %s by a configuration of somebody else. Declare that log group, or set spec.adoptionPolicy to Always to replace it.",
			z.id, current)
	}
	return []change{{
		plan: []v1alpha1.PlannedChange{{Verb: verb, Resource: resource, Field: fieldQueryLogging + ".logGroupARN", From: current, To: desired}},
		run: func(ctx context.Context, k *Kind, _ *v1alpha1.HostedZone, o *observed) error {
			return k.replaceQueryLogging(ctx, o.zone, desired)
		},
	}}, nil
}

// replaceQueryLogging ends what is logged and begins what is to be. Route 53 allows one configuration a zone, so there
// is a gap.
func (k *Kind) replaceQueryLogging(ctx context.Context, z *zone, logGroupARN string) error {
	if z.logging != nil {
		_, err := k.clients.Route53.DeleteQueryLoggingConfig(ctx, &route53.DeleteQueryLoggingConfigInput{Id: &z.logging.id})
		if err != nil && awsclient.Classify(err) != awsclient.NotFound {
			return fmt.Errorf("ending the query logging of hosted zone %s: %w", z.id, err)
		}
		z.logging = nil
	}
	if logGroupARN == "" {
		return nil
	}
	answer, err := k.clients.Route53.CreateQueryLoggingConfig(ctx, &route53.CreateQueryLoggingConfigInput{
		HostedZoneId: &z.id, CloudWatchLogsLogGroupArn: &logGroupARN,
	})
	var noGroup *types.NoSuchCloudWatchLogsLogGroup
	switch {
	case errors.As(err, &noGroup):
		return lifecycle.Refuse(v1alpha1.ReasonInvalidSpec, "%s", judge.Sentence(err))
	case awsclient.Classify(err) == awsclient.AlreadyExists:
		return k.findQueryLogging(ctx, z, logGroupARN, err)
	case err != nil:
		return fmt.Errorf("logging the queries of hosted zone %s: %w", z.id, err)
	}
	z.logging = &queryLogging{id: aws.ToString(answer.QueryLoggingConfig.Id), logGroupARN: logGroupARN}
	return nil
}

// findQueryLogging looks whether the configuration that stands in the way is what an earlier call made unseen.
func (k *Kind) findQueryLogging(ctx context.Context, z *zone, logGroupARN string, refusal error) error {
	page, err := k.clients.Route53.ListQueryLoggingConfigs(ctx, &route53.ListQueryLoggingConfigsInput{HostedZoneId: &z.id})
	if err != nil {
		return fmt.Errorf("reading the query logging of hosted zone %s: %w", z.id, err)
	}
	for _, config := range page.QueryLoggingConfigs {
		if aws.ToString(config.CloudWatchLogsLogGroupArn) == logGroupARN {
			z.logging = &queryLogging{id: aws.ToString(config.Id), logGroupARN: logGroupARN}
			return nil
		}
	}
	return fmt.Errorf("logging the queries of hosted zone %s: %w", z.id, refusal)
}
