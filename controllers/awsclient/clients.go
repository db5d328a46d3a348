package awsclient

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	asgtypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"
	"github.com/go-logr/logr"
	"github.com/prometheus/client_golang/prometheus"
)

// Defaults of Options.
const (
	DefaultShare    = 0.9
	DefaultPatience = 250 * time.Millisecond
)

const (
	maxIdleConns    = 32
	idleTimeout     = 50 * time.Second // below the 60 s after which AWS closes an idle connection
	answerTimeout   = 30 * time.Second
	exchangeTimeout = 60 * time.Second
)

// Options configures New. The zero value takes region, endpoint and credentials from the SDK's own
// environment and files.
type Options struct {
	// Region in place of AWS_REGION and of the profile's region.
	Region string
	// UserAgent is added to the SDK's own as name/version.
	UserAgent string
	// Clock for budgets and metrics; the system's when nil.
	Clock Clock
	// Logger takes what the SDK has to say outside of a turn, whose logger is in the context; nothing by default.
	Logger logr.Logger
	// Registerer takes the metrics; nil leaves them unregistered.
	Registerer prometheus.Registerer
	// Share of AWS's limits to use, above 0 and up to 1, as others may use the same account; DefaultShare when 0.
	Share float64
	// Patience is the longest wait for tokens in place before an attempt is refused; DefaultPatience
	// when 0, no waiting at all when negative.
	Patience time.Duration
	// Budgets by service key in place of AWS's published limits; Share applies to them too.
	Budgets map[string]Budget
	// Permit, when it is set, is asked right before every attempt: with an error, that is the answer, and nothing is sent.
	Permit func() error
	// BatchDelay is how long a read waits for others to join it in one request; 5 ms when 0.
	BatchDelay time.Duration
}

// Clients are the SDK clients of one account and region. All of them pass one set of budgets.
type Clients struct {
	Route53 *route53.Client
	ELBV2   *elasticloadbalancingv2.Client
	EC2     *ec2.Client
	ACM     *acm.Client
	STS     *sts.Client
	// AutoScaling is EC2 Auto Scaling.
	AutoScaling *autoscaling.Client
	CloudWatch  *cloudwatch.Client
	// Region the clients speak to.
	Region string

	gate           *gate
	zoneTags       *Batcher[string, map[string]string]
	loadBalancers  map[loadBalancerKey]*Batcher[string, elbtypes.LoadBalancer]
	elbTags        *Batcher[string, map[string]string]
	securityGroups *Batcher[string, ec2types.SecurityGroup]
	subnets        *Batcher[string, ec2types.Subnet]
	instances      *Batcher[string, ec2types.Instance]

	launchTemplates map[templateKey]*Batcher[string, ec2types.LaunchTemplate]

	autoScalingGroups  *Batcher[string, asgtypes.AutoScalingGroup]
	groupNotifications *Batcher[string, map[string][]string]
	scalingActivities  *Batcher[string, []asgtypes.Activity]
	scalingPolicies    *Batcher[string, asgtypes.ScalingPolicy]
	scheduledActions   *Batcher[scheduledKey, asgtypes.ScheduledUpdateGroupAction]
	alarms             *Batcher[string, cwtypes.MetricAlarm]

	clock Clock
}

// New builds the clients from the SDK's default configuration chain. It makes no AWS call of its own.
func New(ctx context.Context, o Options) (*Clients, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	m, err := newMetrics(o.Registerer)
	if err != nil {
		return nil, fmt.Errorf("registering the AWS metrics: %w", err)
	}
	g := &gate{options: o, metrics: m, budgets: map[string]Budget{}, limiters: map[string]*limiter{}}
	cfg, err := config.LoadDefaultConfig(ctx, loadOptions(o, g)...)
	if err != nil {
		return nil, fmt.Errorf("loading the AWS configuration: %w", err)
	}
	if cfg.Region == "" {
		return nil, errors.New("no AWS region is configured: set AWS_REGION, or a region in the AWS profile")
	}
	cfg.Credentials = credentials{cfg.Credentials}
	c := &Clients{
		Route53: route53.NewFromConfig(cfg), ELBV2: elasticloadbalancingv2.NewFromConfig(cfg), EC2: ec2.NewFromConfig(cfg),
		ACM: acm.NewFromConfig(cfg), STS: sts.NewFromConfig(cfg), Region: cfg.Region, gate: g,
		AutoScaling: autoscaling.NewFromConfig(cfg), CloudWatch: cloudwatch.NewFromConfig(cfg), clock: o.Clock,
	}
	c.zoneTags = NewBatcher(zoneTagsPerCall, o.BatchDelay, c.listZoneTags)
	c.loadBalancers = map[loadBalancerKey]*Batcher[string, elbtypes.LoadBalancer]{
		byARN: c.loadBalancerBatcher(byARN, o.BatchDelay), byName: c.loadBalancerBatcher(byName, o.BatchDelay),
	}
	c.elbTags = NewBatcher(elbPerCall, o.BatchDelay, c.describeELBTags)
	c.securityGroups = NewBatcher(ec2PerCall, o.BatchDelay, c.describeSecurityGroups)
	c.instances = NewBatcher(ec2PerCall, o.BatchDelay, c.describeInstances)
	c.subnets = NewBatcher(ec2PerCall, o.BatchDelay, c.describeSubnets)
	c.launchTemplates = c.launchTemplateBatchers(groupDelays * o.BatchDelay)
	c.autoScalingGroups = NewBatcher(groupsPerCall, groupDelays*o.BatchDelay, c.describeAutoScalingGroups)
	c.groupNotifications = NewBatcher(groupsPerCall, o.BatchDelay, c.describeGroupNotifications)
	c.scalingActivities = NewBatcher(groupsPerCall, o.BatchDelay, c.describeScalingActivities)
	c.scalingPolicies = NewBatcher(scalingNamesPerCall, o.BatchDelay, c.describePolicies)
	c.scheduledActions = NewBatcher(scalingNamesPerCall, o.BatchDelay, c.describeScheduledActions)
	c.alarms = NewBatcher(alarmsPerCall, o.BatchDelay, c.describeAlarms)
	return c, nil
}

func loadOptions(o Options, g *gate) []func(*config.LoadOptions) error {
	// The SDK adds AWS_CA_BUNDLE to its own buildable client, and to no other.
	client := awshttp.NewBuildableClient().WithTimeout(exchangeTimeout).WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConns, t.MaxIdleConnsPerHost = maxIdleConns, maxIdleConns
		t.IdleConnTimeout = idleTimeout
		t.ResponseHeaderTimeout = answerTimeout
	})
	steps := []func(*middleware.Stack) error{g.install}
	if name, version, found := strings.Cut(o.UserAgent, "/"); found {
		steps = append(steps, awsmiddleware.AddUserAgentKeyValue(name, version))
	} else if name != "" {
		steps = append(steps, awsmiddleware.AddUserAgentKey(name))
	}
	options := []func(*config.LoadOptions) error{
		config.WithHTTPClient(client), config.WithRetryer(newRetryer), config.WithLogger(sdkLogger{o.Logger}), config.WithAPIOptions(steps),
	}
	if o.Region != "" {
		options = append(options, config.WithRegion(o.Region))
	}
	return options
}

func (o *Options) complete() error {
	if o.Clock == nil {
		o.Clock = wallClock{}
	}
	if o.Share == 0 {
		o.Share = DefaultShare
	}
	if o.Share < 0 || o.Share > 1 {
		return fmt.Errorf("the share of AWS's request limits must be above 0 and at most 1, got %v", o.Share)
	}
	if o.Patience == 0 {
		o.Patience = DefaultPatience
	}
	o.Patience = max(o.Patience, 0)
	if o.BatchDelay == 0 {
		o.BatchDelay = batchDelay
	}
	for service, budget := range o.Budgets {
		if err := budget.validate(); err != nil {
			return fmt.Errorf("the request budget of %s: %w", service, err)
		}
	}
	return nil
}

// Identity asks sts:GetCallerIdentity who these credentials are: the probe at start-up. The call
// needs no permission, so its failure is one of region, endpoint or credentials.
func (c *Clients) Identity(ctx context.Context) (account, arn string, err error) {
	out, err := c.STS.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
	if err != nil {
		return "", "", fmt.Errorf("asking AWS for the caller's identity: %w", err)
	}
	return aws.ToString(out.Account), aws.ToString(out.Arn), nil
}
