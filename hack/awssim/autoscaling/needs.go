package autoscaling

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
)

// Needs are the services that groups use. None of their methods may call back
// into this package and wait: they are called while a write is under way.
// Wake and Alarmed do not wait and may be called from anywhere.
type Needs struct {
	Network      Network
	Instances    Instances
	Templates    Templates
	TargetGroups TargetGroups
	Alarms       Alarms
	Topics       Topics
}

// Network is what groups need of EC2's networks.
type Network interface {
	Subnet(account, region, id string) (elbv2.Subnet, bool)
	// DefaultSubnet is the subnet of a zone in the default VPC.
	DefaultSubnet(account, region, zone string) (elbv2.Subnet, bool)
}

// Instances is what groups need of EC2's instances.
type Instances interface {
	// LaunchInstance makes an instance that is pending. The error is an
	// *frame.Error with EC2's code (InvalidAMIID.NotFound,
	// InsufficientInstanceCapacity); its message is shown in the activity.
	LaunchInstance(NewInstance) (Instance, error)
	// TerminateInstance begins the end of an instance, of any state; an unknown one is ignored.
	TerminateInstance(id string)
	// StopInstance and StartInstance are for warm pools; hibernate keeps the memory.
	StopInstance(id string, hibernate bool)
	StartInstance(id string)
	// ReplaceRootVolume puts an image onto the root volume of an instance that runs on, and notes the template
	// that it is of; it tells whether it could.
	ReplaceRootVolume(id, imageID string, of Template) bool
	// Instance is an instance until it is terminated, and for some time after.
	Instance(id string) (Instance, bool)
	// TagInstance sets and removes tags, those of AWS's own name space too.
	TagInstance(id string, set map[string]string, removed []string)
}

// NewInstance is an instance to be launched.
type NewInstance struct {
	Account, Region string
	// Template has everything that the fields below do not say.
	Template Template
	// ImageID is empty for the template's own.
	ImageID      string
	InstanceType string
	SubnetID     string
	// Spot asks for a Spot Instance; SpotMaxPrice may be empty.
	Spot           bool
	SpotMaxPrice   string
	PlacementGroup string
	// Tags win over the template's. They hold aws:autoscaling:groupName, by which EC2
	// sends its metrics (AWS/EC2) with the dimension AutoScalingGroupName too.
	Tags map[string]string
}

// Instance is an instance as EC2 has it.
type Instance struct {
	ID, Account, Region string
	// State is "pending", "running", "stopping", "stopped", "shutting-down" or "terminated".
	State string
	// Reason is EC2's StateTransitionReason or the message of its StateReason; it may be empty.
	Reason       string
	ImageID      string
	InstanceType string
	Zone, ZoneID string
	SubnetID     string
	VpcID        string
	Spot         bool
	Launched     time.Time
	// Impaired tells that a status check has failed.
	Impaired bool
	// Rebalance tells that a rebalance recommendation was given to a Spot Instance.
	Rebalance bool
}

// Templates is what groups need of EC2's launch templates.
type Templates interface {
	// ResolveTemplate finds a template by id (lt-…) or name, and its version by
	// number, $Latest or $Default; empty is $Default. The error is EC2's own.
	ResolveTemplate(account, region, idOrName, version string) (Template, error)
}

// Template is a version of a launch template.
type Template struct {
	ID, Name string
	Number   int64
	Data     ec2types.ResponseLaunchTemplateData
}

// TargetGroups is what groups need of Elastic Load Balancing. Nothing of it
// takes tokens of the account.
type TargetGroups interface {
	// HasTargetGroup tells whether there is a group that takes instances.
	HasTargetGroup(account, region, arn string) bool
	// RegisterInstance registers an instance on the group's own port.
	RegisterInstance(arn, instanceID, zone string) error
	// DeregisterInstance begins to drain the instance from all its ports.
	DeregisterInstance(arn, instanceID string)
	// InstanceHealth is the state of a registered instance ("initial", "healthy", "unhealthy",
	// "draining", "unused", "unavailable"), and false for one that is not there or has drained.
	InstanceHealth(arn, instanceID string) (elbv2.Target, bool)
}

// Alarms is what scaling policies and metrics need of CloudWatch. While an
// alarm is in ALARM and its actions are enabled, CloudWatch calls Alarmed for
// each policy among its actions: at once, and again after each period.
type Alarms interface {
	// PutAlarm makes or replaces an alarm and gives its ARN.
	PutAlarm(Alarm) (arn string)
	DeleteAlarms(account, region string, names []string)
	// AlarmState is how an alarm is.
	AlarmState(account, region, name string) (AlarmState, bool)
	// AlarmsOf lists the alarms that have an action.
	AlarmsOf(account, region, actionARN string) []types.Alarm
	// PutMetric records a value now.
	PutMetric(Metric)
	// MetricHistory are the values of the query that returns data, for periods that begin at from; not a number where
	// there are none.
	MetricHistory(account, region string, queries []types.MetricDataQuery, from time.Time, period time.Duration, count int) []float64
}

// Alarm is an alarm to be made.
type Alarm struct {
	Account, Region   string
	Name, Description string
	// Namespace, MetricName, Dimensions, Statistic (Average, Sum, …), Unit and
	// Period (seconds) are the metric, unless Metrics is an expression.
	Namespace, MetricName string
	Dimensions            []types.MetricDimension
	Statistic, Unit       string
	Period                int32
	Metrics               []types.TargetTrackingMetricDataQuery
	Threshold             float64
	// Comparison is GreaterThanThreshold or LessThanThreshold.
	Comparison        string
	EvaluationPeriods int32
	// Actions are the ARNs that are called in ALARM.
	Actions []string
}

// AlarmState is how an alarm is.
type AlarmState struct {
	ARN string
	// State is "OK", "ALARM" or "INSUFFICIENT_DATA".
	State string
}

// Metric is one value of a metric.
type Metric struct {
	Account, Region       string
	Namespace, MetricName string
	Dimensions            map[string]string
	Value                 float64
}

// Topics is what notifications and lifecycle hooks need of SNS.
type Topics interface {
	// Publish sends a message; the error tells that there is no such topic.
	Publish(topicARN, subject, message string) error
}
