package autoscaling_test

import (
	"cmp"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/autoscaling"
	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// world is EC2, Elastic Load Balancing, CloudWatch and SNS as groups need them:
// three zones, the template "web" with versions 1 to 3, the target group tg.
// Instances run as soon as they are launched, and drain until they are let go.
type world struct {
	mu        sync.Mutex
	now       func() time.Time
	instances map[string]autoscaling.Instance
	launched  []autoscaling.NewInstance
	tags      map[string]map[string]string
	full      map[string]bool // zones without capacity
	refuse    error           // what every launch fails with
	stuck     bool            // instances stay pending
	broken    bool            // root volumes cannot be replaced

	targets   map[string]elbtypes.TargetHealthStateEnum // by target group and instance
	unwell    bool                                      // targets that are registered become unhealthy
	drains    bool                                      // targets drain until drained is called
	alarms    map[string]autoscaling.Alarm
	states    map[string]string
	metrics   map[string]float64
	history   func(at time.Time) float64 // of what predictive policies forecast
	published []string
}

const targetGroup = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/0123456789abcdef"

func newWorld() *world {
	return &world{
		instances: map[string]autoscaling.Instance{}, tags: map[string]map[string]string{}, full: map[string]bool{},
		targets: map[string]elbtypes.TargetHealthStateEnum{}, alarms: map[string]autoscaling.Alarm{}, states: map[string]string{}, metrics: map[string]float64{},
	}
}

func (w *world) needs() autoscaling.Needs {
	return autoscaling.Needs{Network: w, Instances: w, Templates: w, TargetGroups: w, Alarms: w, Topics: w}
}

func (w *world) Subnet(_, region, id string) (elbv2.Subnet, bool) {
	letter, ok := map[string]string{"subnet-a": "a", "subnet-b": "b", "subnet-c": "c"}[id]
	return elbv2.Subnet{ID: id, VpcID: "vpc-1", Zone: "us-east-1" + letter, ZoneID: "use1-az" + letter}, ok && region == "us-east-1"
}

func (w *world) DefaultSubnet(account, region, zone string) (elbv2.Subnet, bool) {
	return w.Subnet(account, region, "subnet-"+zone[len(zone)-1:])
}

func (w *world) LaunchInstance(n autoscaling.NewInstance) (autoscaling.Instance, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	subnet, _ := w.Subnet(n.Account, n.Region, n.SubnetID)
	if w.refuse != nil {
		return autoscaling.Instance{}, w.refuse
	}
	if w.full[subnet.Zone] {
		return autoscaling.Instance{}, frame.Errorf("InsufficientInstanceCapacity", "We currently do not have sufficient %s capacity in %s.", n.InstanceType, subnet.Zone)
	}
	made := autoscaling.Instance{
		ID: fmt.Sprintf("i-%017x", len(w.launched)+1), Account: n.Account, Region: n.Region, State: "running", InstanceType: n.InstanceType,
		ImageID: cmp.Or(n.ImageID, aws.ToString(n.Template.Data.ImageId)), Zone: subnet.Zone, ZoneID: subnet.ZoneID, SubnetID: subnet.ID, VpcID: subnet.VpcID, Spot: n.Spot, Launched: w.now(),
	}
	if w.stuck {
		made.State = "pending"
	}
	w.launched = append(w.launched, n)
	w.instances[made.ID], w.tags[made.ID] = made, n.Tags
	return made, nil
}

func (w *world) edit(id string, f func(*autoscaling.Instance)) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if one, ok := w.instances[id]; ok {
		f(&one)
		w.instances[id] = one
	}
}

func (w *world) state(id, state string) {
	w.edit(id, func(i *autoscaling.Instance) { i.State = state })
}

func (w *world) TerminateInstance(id string)    { w.state(id, "terminated") }
func (w *world) StopInstance(id string, _ bool) { w.state(id, "stopped") }
func (w *world) StartInstance(id string)        { w.state(id, "running") }

func (w *world) ReplaceRootVolume(id, imageID string, _ autoscaling.Template) bool {
	w.edit(id, func(i *autoscaling.Instance) { i.ImageID = imageID })
	return !w.broken
}

func (w *world) Instance(id string) (autoscaling.Instance, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	one, ok := w.instances[id]
	return one, ok
}

func (w *world) TagInstance(id string, set map[string]string, removed []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.tags[id] = frame.Tags(w.tags[id]).With(set, removed)
}

func (w *world) ResolveTemplate(_, _, idOrName, version string) (autoscaling.Template, error) {
	if idOrName != "lt-1" && idOrName != "web" {
		return autoscaling.Template{}, frame.Errorf("InvalidLaunchTemplateName.NotFoundException", "The specified launch template, with template name %s, does not exist.", idOrName)
	}
	number, ok := map[string]int64{"": 1, "$Default": 1, "$Latest": 3, "1": 1, "2": 2, "3": 3}[version]
	if !ok {
		return autoscaling.Template{}, frame.Errorf("InvalidLaunchTemplateId.VersionNotFound", "Could not find launch template version %s.", version)
	}
	return autoscaling.Template{ID: "lt-1", Name: "web", Number: number, Data: ec2types.ResponseLaunchTemplateData{
		ImageId: aws.String(fmt.Sprintf("ami-%d", number)), InstanceType: ec2types.InstanceTypeT3Micro,
	}}, nil
}

func (w *world) HasTargetGroup(_, _, arn string) bool { return arn == targetGroup }

func (w *world) RegisterInstance(arn, id, _ string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.targets[arn+id] = elbtypes.TargetHealthStateEnumHealthy
	if w.unwell {
		w.targets[arn+id] = elbtypes.TargetHealthStateEnumUnhealthy
	}
	return nil
}

func (w *world) DeregisterInstance(arn, id string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, there := w.targets[arn+id]; there && w.drains {
		w.targets[arn+id] = elbtypes.TargetHealthStateEnumDraining
		return
	}
	delete(w.targets, arn+id)
}

// drained lets all go that drain.
func (w *world) drained() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for key, state := range w.targets {
		if state == elbtypes.TargetHealthStateEnumDraining {
			delete(w.targets, key)
		}
	}
}

func (w *world) InstanceHealth(arn, id string) (elbv2.Target, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	state, there := w.targets[arn+id]
	return elbv2.Target{ID: id, State: state}, there
}

func (w *world) PutAlarm(a autoscaling.Alarm) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.alarms[a.Name] = a
	return "arn:aws:cloudwatch:us-east-1:123456789012:alarm:" + a.Name
}

func (w *world) DeleteAlarms(_, _ string, names []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, name := range names {
		delete(w.alarms, name)
	}
}

func (w *world) AlarmState(_, _, name string) (autoscaling.AlarmState, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	state, ok := w.states[name]
	return autoscaling.AlarmState{State: state}, ok
}

func (w *world) AlarmsOf(_, _, _ string) []types.Alarm { return nil }

func (w *world) PutMetric(m autoscaling.Metric) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.metrics[m.MetricName] = m.Value
}

func (w *world) MetricHistory(_, _ string, _ []types.MetricDataQuery, from time.Time, period time.Duration, count int) []float64 {
	var values []float64
	for i := range count {
		value := math.NaN()
		if w.history != nil {
			value = w.history(from.Add(time.Duration(i) * period))
		}
		values = append(values, value)
	}
	return values
}

func (w *world) Publish(topic, subject, _ string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if topic != topicARN {
		return fmt.Errorf("there is no topic %s", topic)
	}
	w.published = append(w.published, subject)
	return nil
}

const topicARN = "arn:aws:sns:us-east-1:123456789012:events"
