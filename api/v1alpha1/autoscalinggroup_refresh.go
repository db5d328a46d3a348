package v1alpha1

// InstanceRefresh says how a changed launch template, or changed mixed instances, reach the instances that run.
// +kubebuilder:validation:XValidation:rule="!has(self.mode) || self.mode != 'Manual' || !has(self.strategy) && !has(self.minHealthyPercentage) && !has(self.maxHealthyPercentage) && !has(self.instanceWarmupSeconds) && !has(self.checkpoints) && !has(self.autoRollback) && !has(self.skipMatching) && !has(self.scaleInProtectedInstances) && !has(self.standbyInstances) && !has(self.alarms) && !has(self.bakeTimeSeconds)",message="with mode Manual no instance refresh is started: remove the other fields of instanceRefresh, or set mode to Automatic"
// +kubebuilder:validation:XValidation:rule="!has(self.maxHealthyPercentage) || has(self.minHealthyPercentage)",message="maxHealthyPercentage needs minHealthyPercentage beside it: give both"
// +kubebuilder:validation:XValidation:rule="!has(self.maxHealthyPercentage) || !has(self.minHealthyPercentage) || self.maxHealthyPercentage - self.minHealthyPercentage <= 100",message="maxHealthyPercentage can be 100 above minHealthyPercentage at most: raise the one or lower the other"
type InstanceRefresh struct {
	// Mode is Automatic (the default): a changed launch template or changed mixed instances start an instance refresh,
	// which replaces the instances, and the group itself takes the change over when all of them are replaced; or Manual: the
	// group is changed at once, and only instances that are launched later are as changed. Leaving instanceRefresh out is
	// like Manual. From Manual to Automatic, the instances that are outdated are replaced. AWS API: StartInstanceRefresh,
	// UpdateAutoScalingGroup. Mutable.
	// +optional
	Mode InstanceRefreshMode `json:"mode,omitempty"`

	// Strategy is Rolling (AWS's default), which terminates instances and launches new ones, or ReplaceRootVolume, which
	// replaces only the root volume of each: for changes of the imageID in spec.mixedInstances.overrides, all of which need
	// one. AWS API: StartInstanceRefresh.Strategy. Mutable, for the next refresh.
	// +optional
	Strategy InstanceRefreshStrategy `json:"strategy,omitempty"`

	// MinHealthyPercentage of the desired capacity that stays in service and healthy: 0 to 100. Default: that of
	// spec.instanceMaintenancePolicy, else 90. 100 replaces one instance at a time, 0 all at once; a group of one instance has
	// none for a while unless maxHealthyPercentage is above 100. AWS API: RefreshPreferences.MinHealthyPercentage. Mutable,
	// for the next refresh.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	MinHealthyPercentage *int32 `json:"minHealthyPercentage,omitempty"`

	// MaxHealthyPercentage of the desired capacity that may be in service or on its way there: 100 to 200, at most 100 above
	// minHealthyPercentage, which it needs beside it. Default: that of spec.instanceMaintenancePolicy, else 100. Above 100 new
	// instances are launched before old ones go. AWS API: RefreshPreferences.MaxHealthyPercentage. Mutable, for the next
	// refresh.
	// +optional
	// +kubebuilder:validation:Minimum=100
	// +kubebuilder:validation:Maximum=200
	MaxHealthyPercentage *int32 `json:"maxHealthyPercentage,omitempty"`

	// InstanceWarmupSeconds that a new instance is in service before it counts as replaced. Default:
	// spec.defaultInstanceWarmupSeconds, else the grace period of spec.healthCheck. AWS API: RefreshPreferences.InstanceWarmup.
	// Mutable, for the next refresh.
	// +optional
	// +kubebuilder:validation:Minimum=0
	InstanceWarmupSeconds *int32 `json:"instanceWarmupSeconds,omitempty"`

	// Checkpoints at which a refresh rests. Mutable, for the next refresh.
	// +optional
	Checkpoints *InstanceRefreshCheckpoints `json:"checkpoints,omitempty"`

	// AutoRollback brings the former launch template back by itself when a refresh fails or one of alarms goes off. Default
	// false. It needs an AMI by its id: not one that an SSM parameter names ("resolve:ssm:"). AWS API:
	// RefreshPreferences.AutoRollback. Mutable, for the next refresh.
	// +optional
	AutoRollback *bool `json:"autoRollback,omitempty"`

	// SkipMatching leaves instances alone that are as declared already. Default false; true when outdated instances are
	// left over from an earlier change. AWS API: RefreshPreferences.SkipMatching. Mutable, for the next refresh.
	// +optional
	SkipMatching *bool `json:"skipMatching,omitempty"`

	// ScaleInProtectedInstances says what a refresh does with instances that are protected from scale-in: Wait (AWS's
	// default), which fails the refresh after an hour, Refresh, which replaces them all the same, or Ignore. AWS API:
	// RefreshPreferences.ScaleInProtectedInstances. Mutable, for the next refresh.
	// +optional
	ScaleInProtectedInstances ScaleInProtectedInstances `json:"scaleInProtectedInstances,omitempty"`

	// StandbyInstances says what a refresh does with instances in Standby: Wait (AWS's default), which fails the refresh
	// after an hour, Terminate, which replaces them, or Ignore. AWS API: RefreshPreferences.StandbyInstances. Mutable, for the
	// next refresh.
	// +optional
	StandbyInstances StandbyInstances `json:"standbyInstances,omitempty"`

	// Alarms of CloudWatch, by name, any of which fails a refresh when it is in state ALARM: up to 10. AWS API:
	// RefreshPreferences.AlarmSpecification. Mutable, for the next refresh.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=10
	Alarms []InstanceRefreshAlarm `json:"alarms,omitempty"`

	// BakeTimeSeconds that a refresh watches its alarms after all instances are replaced, before it is done: 0 (the default)
	// to 172,800. AWS API: RefreshPreferences.BakeTime. Mutable, for the next refresh.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=172800
	BakeTimeSeconds *int32 `json:"bakeTimeSeconds,omitempty"`
}

// InstanceRefreshMode is how a changed launch template reaches running instances.
// +kubebuilder:validation:Enum=Automatic;Manual
type InstanceRefreshMode string

// InstanceRefreshStrategy is how an instance refresh updates an instance.
// +kubebuilder:validation:Enum=Rolling;ReplaceRootVolume
type InstanceRefreshStrategy string

// ScaleInProtectedInstances is what an instance refresh does with instances that are protected from scale-in.
// +kubebuilder:validation:Enum=Wait;Refresh;Ignore
type ScaleInProtectedInstances string

// StandbyInstances is what an instance refresh does with instances in Standby.
// +kubebuilder:validation:Enum=Wait;Terminate;Ignore
type StandbyInstances string

// InstanceRefreshAlarm is the name of an alarm of CloudWatch.
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=255
type InstanceRefreshAlarm string

// Values of InstanceRefreshMode.
const (
	// InstanceRefreshAutomatic: a change starts an instance refresh.
	InstanceRefreshAutomatic InstanceRefreshMode = "Automatic"
	// InstanceRefreshManual: a change is for new instances only.
	InstanceRefreshManual InstanceRefreshMode = "Manual"
)

// InstanceRefreshCheckpoints are points at which a refresh rests, so that it can be looked at.
// +kubebuilder:validation:XValidation:rule="self.percentages.all(p, self.percentages.exists_one(q, q == p)) && self.percentages.isSorted()",message="percentages must ascend, each given once: for instance [20, 50, 100]"
type InstanceRefreshCheckpoints struct {
	// Percentages of the instances after whose replacement a refresh rests, 1 to 100 each, ascending. Unless 100 is the last,
	// a refresh ends there, and the other instances stay outdated. AWS API: RefreshPreferences.CheckpointPercentages.
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=100
	Percentages []InstanceRefreshPercentage `json:"percentages"`

	// DelaySeconds of each rest: 0 to 172,800; default 3,600. AWS API: RefreshPreferences.CheckpointDelay.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=172800
	DelaySeconds *int32 `json:"delaySeconds,omitempty"`
}

// InstanceRefreshPercentage is a part of a group's instances.
// +kubebuilder:validation:Minimum=1
// +kubebuilder:validation:Maximum=100
type InstanceRefreshPercentage int32

// InstanceRefreshStatus tells of the newest instance refresh that was seen, and what must be known of those that this
// object started.
type InstanceRefreshStatus struct {
	// ID of the refresh. AWS API: InstanceRefresh.InstanceRefreshId.
	// +optional
	ID string `json:"id,omitempty"`

	// Status of the refresh: Pending, InProgress, Baking, Successful, Failed, Cancelling, Cancelled, RollbackInProgress,
	// RollbackSuccessful or RollbackFailed. AWS API: InstanceRefresh.Status.
	// +optional
	Status string `json:"status,omitempty"`

	// Reason that AWS gives for the status. AWS API: InstanceRefresh.StatusReason.
	// +optional
	Reason string `json:"reason,omitempty"`

	// PercentageComplete of the instances are replaced. AWS API: InstanceRefresh.PercentageComplete.
	// +optional
	PercentageComplete *int32 `json:"percentageComplete,omitempty"`

	// InstancesToUpdate are still to be replaced. AWS API: InstanceRefresh.InstancesToUpdate.
	// +optional
	InstancesToUpdate *int32 `json:"instancesToUpdate,omitempty"`

	// TargetVersion is the launch template and its version that the refresh brings, as "lt-0123456789abcdef0:7"; empty when
	// it replaces instances by the group's own.
	// +optional
	TargetVersion string `json:"targetVersion,omitempty"`

	// StartedByOthers is set when the refresh is not this object's.
	// +optional
	StartedByOthers bool `json:"startedByOthers,omitempty"`

	// Rollback of the refresh, once there is one. AWS API: InstanceRefresh.RollbackDetails.
	// +optional
	Rollback *InstanceRefreshRollback `json:"rollback,omitempty"`

	// OutdatedInstances is how many instances are not as declared: of another launch template, version or type.
	// +optional
	OutdatedInstances int64 `json:"outdatedInstances,omitempty"`

	// Attempt is what this object started last, or is about to.
	// +optional
	Attempt *InstanceRefreshAttempt `json:"attempt,omitempty"`

	// SettledSource is a hash of the launch template and mixed instances that have reached the group and its instances.
	// +optional
	SettledSource string `json:"settledSource,omitempty"`
}

// InstanceRefreshRollback tells how far a rollback is.
type InstanceRefreshRollback struct {
	// Reason of the rollback. AWS API: RollbackDetails.RollbackReason.
	// +optional
	Reason string `json:"reason,omitempty"`

	// PercentageComplete of the instances to be rolled back are. AWS API: RollbackDetails.PercentageCompleteOnRollback.
	// +optional
	PercentageComplete *int32 `json:"percentageComplete,omitempty"`

	// InstancesToUpdate are still to be rolled back. AWS API: RollbackDetails.InstancesToUpdateOnRollback.
	// +optional
	InstancesToUpdate *int32 `json:"instancesToUpdate,omitempty"`
}

// InstanceRefreshAttempt is a refresh of this object's. One that failed is not started again until the spec changes.
type InstanceRefreshAttempt struct {
	// Source is a hash of the launch template and mixed instances that it brings.
	Source string `json:"source"`

	// Spec is a hash of the spec that it was started for, without the sizes, which change by themselves; empty while it is
	// only due.
	// +optional
	Spec string `json:"spec,omitempty"`

	// ID of the refresh; empty until AWS has given one. AWS API: InstanceRefresh.InstanceRefreshId.
	// +optional
	ID string `json:"id,omitempty"`

	// Previous is the newest refresh of the group before this one.
	// +optional
	Previous string `json:"previous,omitempty"`

	// Superseded is set when a newer change made this object cancel it.
	// +optional
	Superseded bool `json:"superseded,omitempty"`

	// Failure is why it failed, in AWS's words.
	// +optional
	Failure string `json:"failure,omitempty"`
}
