package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// LifecycleHookTransition is what an instance is about to do when a lifecycle hook holds it.
// +kubebuilder:validation:Enum=Launching;Terminating
type LifecycleHookTransition string

// Transitions that a lifecycle hook can hold an instance at.
const (
	// TransitionLaunching holds an instance before it comes into service (autoscaling:EC2_INSTANCE_LAUNCHING).
	TransitionLaunching LifecycleHookTransition = "Launching"
	// TransitionTerminating holds an instance before it is terminated (autoscaling:EC2_INSTANCE_TERMINATING).
	TransitionTerminating LifecycleHookTransition = "Terminating"
)

// LifecycleHookResult is what becomes of an instance whose lifecycle hook nobody completes in time.
// +kubebuilder:validation:Enum=CONTINUE;ABANDON
type LifecycleHookResult string

// GroupNotificationType is an event of a group that a topic is told of.
// +kubebuilder:validation:Enum=Launch;LaunchError;Terminate;TerminateError;TestNotification
type GroupNotificationType string

// WarmPoolState is the state in which the instances of a warm pool wait.
// +kubebuilder:validation:Enum=Stopped;Running;Hibernated
type WarmPoolState string

// ScalingProcess is a part of the work of Amazon EC2 Auto Scaling that can be suspended.
// +kubebuilder:validation:Enum=Launch;Terminate;AddToLoadBalancer;AlarmNotification;AZRebalance;HealthCheck;InstanceRefresh;ReplaceUnhealthy;ScheduledActions
type ScalingProcess string

// GroupMetric is a CloudWatch metric of a group, in the namespace AWS/AutoScaling.
// +kubebuilder:validation:Enum=GroupMinSize;GroupMaxSize;GroupDesiredCapacity;GroupInServiceInstances;GroupPendingInstances;GroupStandbyInstances;GroupTerminatingInstances;GroupTotalInstances;GroupInServiceCapacity;GroupPendingCapacity;GroupStandbyCapacity;GroupTerminatingCapacity;GroupTotalCapacity;WarmPoolDesiredCapacity;WarmPoolWarmedCapacity;WarmPoolPendingCapacity;WarmPoolTerminatingCapacity;WarmPoolTotalCapacity;GroupAndWarmPoolDesiredCapacity;GroupAndWarmPoolTotalCapacity
type GroupMetric string

// AutoScalingGroupParts are the smaller parts of an Auto Scaling group, which have calls of their own in AWS.
type AutoScalingGroupParts struct {
	// LifecycleHooks hold instances at a transition until they are completed (CompleteLifecycleAction) or time out, by
	// name; 50 at most. Those declared when the group is made hold its first instances too. Hooks that others made are left
	// alone; one removed here is deleted, whereupon instances that wait for it go on.
	// AWS API: CreateAutoScalingGroup.LifecycleHookSpecificationList, PutLifecycleHook, DeleteLifecycleHook. Mutable.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=50
	LifecycleHooks []LifecycleHook `json:"lifecycleHooks,omitempty"`

	// Notifications say which SNS topics are told of which events of the group; 10 topics at most. Topics that others
	// added are left alone; one removed here is told nothing more.
	// AWS API: PutNotificationConfiguration, DeleteNotificationConfiguration. Mutable.
	// +optional
	// +listType=map
	// +listMapKey=topicARN
	// +kubebuilder:validation:MaxItems=10
	Notifications []GroupNotification `json:"notifications,omitempty"`

	// WarmPool keeps instances ready that the group takes when it grows; {} is one with AWS's defaults. Left out, not
	// managed; removed, the pool and its instances are deleted. Not with Spot instances, nor with weightedCapacity.
	// AWS API: PutWarmPool, DeleteWarmPool. Mutable.
	// +optional
	WarmPool *WarmPool `json:"warmPool,omitempty"`

	// SuspendedProcesses are the processes that are suspended; all others run, so [] resumes whatever was suspended. Left
	// out, not managed; removed, all run. While Terminate is suspended, an object that is deleted cannot end its instances,
	// and says so. AWS API: SuspendProcesses, ResumeProcesses. Mutable.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=9
	SuspendedProcesses []ScalingProcess `json:"suspendedProcesses,omitempty"`

	// MetricsCollection sends metrics of the group to CloudWatch, once a minute. Left out, not managed; removed, none is
	// sent. AWS API: EnableMetricsCollection, DisableMetricsCollection (granularity 1Minute). Mutable.
	// +optional
	MetricsCollection *MetricsCollection `json:"metricsCollection,omitempty"`

	// ForceDelete has a deleted object's group end with all its instances at once, without draining them or waiting for
	// lifecycle hooks. Default false: the group is scaled to zero first, as hooks, load balancers and scale-in protection
	// allow, and deleted once it is empty. It can be set while the deletion is under way. Deletion protection of the group
	// stands against either. AWS API: DeleteAutoScalingGroup.ForceDelete. Mutable.
	// +optional
	ForceDelete *bool `json:"forceDelete,omitempty"`

	// DrainTimeoutSeconds is how long the instances of a deleted object's group are given to end before the object tells
	// that the deletion is blocked, and by which instances; the controller goes on waiting and never forces it.
	// 1 to 172800 (two days); default 600. Mutable, while the deletion is under way too.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=172800
	DrainTimeoutSeconds *int32 `json:"drainTimeoutSeconds,omitempty"`
}

// LifecycleHook holds instances at a transition.
// +kubebuilder:validation:XValidation:rule="has(self.notificationTargetARN) == has(self.roleARN)",message="a lifecycle hook needs both notificationTargetARN and roleARN (the role that may write to the target), or neither"
// +kubebuilder:validation:XValidation:rule="!has(self.notificationMetadata) || has(self.notificationTargetARN)",message="notificationMetadata is sent to the target of a lifecycle hook: give notificationTargetARN and roleARN too, or remove it"
type LifecycleHook struct {
	// Name of the hook, unique in the group: 1 to 255 letters, digits, "-", "_" and "/".
	// AWS API: LifecycleHookName.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_/-]+$`
	Name string `json:"name"`

	// Transition at which instances are held: Launching (before they come into service) or Terminating (after they have
	// left their load balancers). AWS API: LifecycleTransition. Mutable.
	Transition LifecycleHookTransition `json:"transition"`

	// HeartbeatTimeoutSeconds is how long an instance is held unless it is told to go on; each heartbeat
	// (RecordLifecycleActionHeartbeat) begins it anew, up to 48 hours or 100 times the timeout. 30 to 7200; AWS's default
	// is 3600. AWS API: HeartbeatTimeout. Mutable.
	// +optional
	// +kubebuilder:validation:Minimum=30
	// +kubebuilder:validation:Maximum=7200
	HeartbeatTimeoutSeconds *int32 `json:"heartbeatTimeoutSeconds,omitempty"`

	// DefaultResult is what happens when the time is up: CONTINUE, or ABANDON (AWS's default), which terminates an instance
	// that launches and skips the other hooks of one that terminates. AWS API: DefaultResult. Mutable.
	// +optional
	DefaultResult LifecycleHookResult `json:"defaultResult,omitempty"`

	// NotificationTargetARN of the SNS topic or SQS queue that is told of each instance that is held. AWS sends it a test
	// message whenever the hook is changed. Needs roleARN. AWS API: NotificationTargetARN. Mutable.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:Pattern=`^arn:[a-z-]+:(sns|sqs):[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]+$`
	NotificationTargetARN string `json:"notificationTargetARN,omitempty"`

	// RoleARN of the IAM role that lets Auto Scaling write to the target. AWS API: RoleARN. Mutable.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:Pattern=`^arn:[a-z-]+:iam::[0-9]{12}:role/.+$`
	RoleARN string `json:"roleARN,omitempty"`

	// NotificationMetadata is sent with each message to the target: 1 to 4000 characters. AWS has no call that empties it:
	// when it is removed, the hook is deleted and made anew once no instance waits for it.
	// AWS API: NotificationMetadata. Mutable.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=4000
	NotificationMetadata string `json:"notificationMetadata,omitempty"`
}

// GroupNotification tells a topic of events of a group.
type GroupNotification struct {
	// TopicARN of the SNS topic. AWS sends it a test message whenever the types change.
	// AWS API: PutNotificationConfiguration.TopicARN.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1600
	// +kubebuilder:validation:Pattern=`^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_.-]+$`
	TopicARN string `json:"topicARN"`

	// Types of events that the topic is told of: Launch, LaunchError, Terminate, TerminateError
	// (autoscaling:EC2_INSTANCE_LAUNCH and so on) and TestNotification. AWS API: NotificationTypes. Mutable.
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=5
	Types []GroupNotificationType `json:"types"`
}

// WarmPool keeps instances ready for a group.
// +kubebuilder:validation:XValidation:rule="!has(self.maxGroupPreparedCapacity) || !has(self.minSize) || self.maxGroupPreparedCapacity >= self.minSize",message="warmPool.maxGroupPreparedCapacity counts the instances of group and pool together, so it must not be below warmPool.minSize: raise it or lower minSize"
type WarmPool struct {
	// PoolState is how the instances wait: Stopped (AWS's default), Running or Hibernated (needs a template with hibernation
	// and an encrypted EBS root). AWS API: PoolState. Mutable.
	// +optional
	PoolState WarmPoolState `json:"poolState,omitempty"`

	// MinSize is how many instances the pool has at least: 0 (AWS's default) to 10000. AWS API: MinSize. Mutable.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=10000
	MinSize *int32 `json:"minSize,omitempty"`

	// MaxGroupPreparedCapacity bounds the instances of group and pool together: 0 to 10000. Removed, it is the group's
	// maxSize again, AWS's default. AWS API: MaxGroupPreparedCapacity. Mutable.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=10000
	MaxGroupPreparedCapacity *int32 `json:"maxGroupPreparedCapacity,omitempty"`

	// ReuseOnScaleIn returns instances to the pool when the group shrinks, rather than terminating them. AWS's default is
	// false. AWS API: InstanceReusePolicy.ReuseOnScaleIn. Mutable.
	// +optional
	ReuseOnScaleIn *bool `json:"reuseOnScaleIn,omitempty"`
}

// MetricsCollection says which metrics of a group are sent.
type MetricsCollection struct {
	// Metrics that are sent; all others are not. Left out, all that there are.
	// AWS API: EnableMetricsCollection.Metrics. Mutable.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=20
	Metrics []GroupMetric `json:"metrics,omitempty"`
}

// AutoScalingGroupInstances tells of the instances of a group.
type AutoScalingGroupInstances struct {
	// InstanceStates count the instances of the group by lifecycle state.
	// +optional
	// +listType=map
	// +listMapKey=lifecycleState
	InstanceStates []InstanceStateCount `json:"instanceStates,omitempty"`

	// Instances of the group, in the order of their ids: 50 at most, where those in service are left out first;
	// instancesTotal counts them all. Those of a warm pool are not listed.
	// +optional
	// +listType=map
	// +listMapKey=id
	Instances []GroupInstance `json:"instances,omitempty"`

	// InstancesTotal is the number of instances, when instances does not list them all.
	// +optional
	InstancesTotal int64 `json:"instancesTotal,omitempty"`

	// InstancesChanged is when the controller last saw the instances, or the size of the warm pool, change.
	// +optional
	InstancesChanged *metav1.Time `json:"instancesChanged,omitempty"`

	// WarmPool tells of the warm pool; absent without one.
	// +optional
	WarmPool *WarmPoolStatus `json:"warmPool,omitempty"`

	// FailedActivity is the newest scaling activity that failed, while fewer instances are in service than desired and
	// no later launch has succeeded.
	// +optional
	FailedActivity *FailedActivity `json:"failedActivity,omitempty"`

	// CapacityReachedGeneration is the last generation for which as many instances were in service as desired. For the
	// current one, the minimum is enough from then on.
	// +optional
	CapacityReachedGeneration int64 `json:"capacityReachedGeneration,omitempty"`
}

// InstanceStateCount counts instances in one state.
type InstanceStateCount struct {
	// LifecycleState as AWS names it, for instance InService, Pending:Wait or Standby.
	LifecycleState string `json:"lifecycleState"`
	// Count is how many instances are in it.
	Count int32 `json:"count"`
}

// GroupInstance is an instance of a group.
type GroupInstance struct {
	// ID of the instance, i-….
	ID string `json:"id"`
	// AvailabilityZone that it runs in.
	// +optional
	AvailabilityZone string `json:"availabilityZone,omitempty"`
	// InstanceType of it.
	// +optional
	InstanceType string `json:"instanceType,omitempty"`
	// LifecycleState as AWS names it: InService, Pending, Pending:Wait, Standby, Terminating:Wait, …
	LifecycleState string `json:"lifecycleState"`
	// HealthStatus is Healthy or Unhealthy (it is going to be replaced).
	// +optional
	HealthStatus string `json:"healthStatus,omitempty"`
	// LaunchTemplateVersion that it was launched from; empty when it was launched from something else.
	// +optional
	LaunchTemplateVersion string `json:"launchTemplateVersion,omitempty"`
	// ProtectedFromScaleIn tells that the group does not end it in order to shrink.
	// +optional
	ProtectedFromScaleIn bool `json:"protectedFromScaleIn,omitempty"`
}

// WarmPoolStatus tells of a warm pool.
type WarmPoolStatus struct {
	// Size is the number of its instances.
	Size int32 `json:"size"`
	// Status is PendingDelete while the pool is being deleted.
	// +optional
	Status string `json:"status,omitempty"`
}

// FailedActivity is a scaling activity that failed.
type FailedActivity struct {
	// ID of the activity.
	ID string `json:"id"`
	// Time when it began.
	Time metav1.Time `json:"time"`
	// Status is Failed, or Cancelled when a lifecycle hook or a person ended it.
	Status string `json:"status"`
	// Description is what was tried, in AWS's words.
	// +optional
	Description string `json:"description,omitempty"`
	// Message is why it failed, in AWS's words.
	// +optional
	Message string `json:"message,omitempty"`
}
