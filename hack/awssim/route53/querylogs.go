package route53

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// loggingConfig is a query logging configuration.
type loggingConfig struct {
	ID      string `json:"id"`
	Account string `json:"account"`
	// Zone is the bare id of the zone whose queries are logged.
	Zone     string `json:"zone"`
	LogGroup string `json:"logGroup"`
}

func (c *loggingConfig) identity() (account, id string) { return c.Account, c.ID }

func (c *loggingConfig) described() types.QueryLoggingConfig {
	return types.QueryLoggingConfig{Id: &c.ID, HostedZoneId: &c.Zone, CloudWatchLogsLogGroupArn: &c.LogGroup}
}

// LogGroup is a log group of CloudWatch Logs as far as Route 53 sees it.
type LogGroup struct {
	ARN string `json:"arn"`
	// Missing tells that there is no such group, Denied that no resource
	// policy lets Route 53 write to it.
	Missing bool `json:"missing,omitempty"`
	Denied  bool `json:"denied,omitempty"`
}

var logGroupARN = regexp.MustCompile(`^arn:aws:logs:([a-z0-9-]+):(\d{12}):log-group:([.\-_/#A-Za-z0-9]{1,512})$`)

// SetLogGroup makes a log group known. Without it, all groups named
// /aws/route53/… in us-east-1 exist and let Route 53 write.
func (s *Service) SetLogGroup(group LogGroup) error {
	if !logGroupARN.MatchString(group.ARN) {
		return fmt.Errorf("%q is not the ARN of a log group: arn:aws:logs:us-east-1:%s:log-group:NAME",
			group.ARN, frame.DefaultAccount)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outside.LogGroups = with(s.outside.LogGroups, group.ARN, group)
	return nil
}

func (s *Service) checkLogGroup(account, arn string) error {
	parts := logGroupARN.FindStringSubmatch(arn)
	switch {
	case parts == nil:
		return frame.Errorf(invalidInput, "Invalid request: '%s' is not the ARN of a CloudWatch Logs log group.", arn)
	case parts[1] != "us-east-1":
		return frame.Errorf(invalidInput, "Invalid request: the log group %s must be in us-east-1.", arn)
	case parts[2] != account:
		return frame.Errorf(invalidInput, "Invalid request: the log group %s must be of the account %s.", arn, account)
	}
	group, known := s.outside.LogGroups[arn]
	switch {
	case group.Missing, !known && !strings.HasPrefix(parts[3], "/aws/route53/"):
		return frame.StatusErrorf(http.StatusNotFound, "NoSuchCloudWatchLogsLogGroup",
			"There is no CloudWatch Logs log group with the specified ARN: %s", arn)
	case group.Denied:
		return frame.Errorf("InsufficientCloudWatchLogsResourcePolicy",
			"Amazon Route 53 doesn't have the permissions required to create log streams and send query logs to the log group %s.", arn)
	}
	return nil
}

func (s *Service) createQueryLoggingConfig(_ context.Context, r *frame.Request, in *sdk.CreateQueryLoggingConfigInput,
) (*sdk.CreateQueryLoggingConfigOutput, error) {
	var broken frame.Violations
	broken.Required(in.HostedZoneId, "hostedZoneId")
	broken.Required(in.CloudWatchLogsLogGroupArn, "cloudWatchLogsLogGroupArn")
	if err := broken.Err(invalidInput); err != nil {
		return nil, err
	}
	next := s.now()
	z, err := next.zones.find(r, in.HostedZoneId)
	if err != nil {
		return nil, err
	}
	if z.private {
		return nil, frame.Errorf(invalidInput, "Invalid request: query logging supports only public hosted zones, and %s is private.", z.id)
	}
	for _, config := range next.logging {
		if config.Zone == z.id {
			return nil, frame.StatusErrorf(http.StatusConflict, "QueryLoggingConfigAlreadyExists",
				"A query logging configuration already exists for the hosted zone %s: %s", z.id, config.ID)
		}
	}
	if err := s.checkLogGroup(z.account, *in.CloudWatchLogsLogGroupArn); err != nil {
		return nil, err
	}
	config := &loggingConfig{
		ID: s.env.Random.RequestID(), Account: z.account, Zone: z.id, LogGroup: *in.CloudWatchLogsLogGroupArn,
	}
	next.logging = with(next.logging, config.ID, config)
	s.publish(next)
	described := config.described()
	return &sdk.CreateQueryLoggingConfigOutput{
		Location:           aws.String("https://route53.amazonaws.com" + version + "/queryloggingconfig/" + config.ID),
		QueryLoggingConfig: &described,
	}, nil
}

func (c content) loggingConfig(r *frame.Request, id *string) (*loggingConfig, error) {
	if config, ok := own(c.logging, r, id); ok {
		return config, nil
	}
	return nil, frame.StatusErrorf(http.StatusNotFound, "NoSuchQueryLoggingConfig",
		"There is no DNS query logging configuration with the specified ID: %s", aws.ToString(id))
}

func (s *Service) getQueryLoggingConfig(_ context.Context, r *frame.Request, in *sdk.GetQueryLoggingConfigInput,
) (*sdk.GetQueryLoggingConfigOutput, error) {
	config, err := s.view(r).loggingConfig(r, in.Id)
	if err != nil {
		return nil, err
	}
	described := config.described()
	return &sdk.GetQueryLoggingConfigOutput{QueryLoggingConfig: &described}, nil
}

func (s *Service) listQueryLoggingConfigs(_ context.Context, r *frame.Request, in *sdk.ListQueryLoggingConfigsInput,
) (*sdk.ListQueryLoggingConfigsOutput, error) {
	seen := s.view(r)
	configs := ownedBy(seen.logging, r.Caller.Account)
	if in.HostedZoneId != nil {
		z, err := seen.zones.find(r, in.HostedZoneId)
		if err != nil {
			return nil, err
		}
		configs = slices.DeleteFunc(configs, func(c *loggingConfig) bool { return c.Zone != z.id })
	}
	page, next, err := pageByToken(configs, in.NextToken, in.MaxResults, itemsPerPage)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListQueryLoggingConfigsOutput{QueryLoggingConfigs: []types.QueryLoggingConfig{}, NextToken: next}
	for _, config := range page {
		out.QueryLoggingConfigs = append(out.QueryLoggingConfigs, config.described())
	}
	return out, nil
}

func (s *Service) deleteQueryLoggingConfig(_ context.Context, r *frame.Request, in *sdk.DeleteQueryLoggingConfigInput,
) (*sdk.DeleteQueryLoggingConfigOutput, error) {
	next := s.now()
	config, err := next.loggingConfig(r, in.Id)
	if err != nil {
		return nil, err
	}
	next.logging = without(next.logging, config.ID)
	s.publish(next)
	return &sdk.DeleteQueryLoggingConfigOutput{}, nil
}
