package v1alpha1

// Decimal is a number in decimal notation, as text: "60", "0.5", "-10". Without an exponent.
// +kubebuilder:validation:MaxLength=31
// +kubebuilder:validation:Pattern=`^-?[0-9]{1,15}(\.[0-9]{1,14})?$`
type Decimal string

// ScalingPolicy says when and how the desired capacity of the group changes. A policy that is listed is managed as a whole:
// what is left out of it has AWS's default. A policy's kind changes by replacement, under its name and with another ARN.
// AWS API: PutScalingPolicy, DeletePolicy.
// +kubebuilder:validation:XValidation:rule="[has(self.targetTracking), has(self.step), has(self.simple), has(self.predictive)].exists_one(x, x)",message="give exactly one of targetTracking, step, simple and predictive"
type ScalingPolicy struct {
	// Name of the policy in the group, 1 to 255 characters without control characters. AWS API: PolicyName. Another name is
	// another policy.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[^\x00-\x1f\x7f]+$`
	Name string `json:"name"`

	// Enabled false keeps the policy and its alarms, but it does not scale; default true. AWS API: Enabled. Mutable.
	// +optional
	Enabled *bool `json:"enabled,omitempty"`

	// TargetTracking keeps a metric at a value, as a thermostat does. Auto Scaling makes the alarms for it, which
	// status.scalingPolicies names and which are never touched. AWS API: PolicyType TargetTrackingScaling.
	// +optional
	TargetTracking *TargetTrackingPolicy `json:"targetTracking,omitempty"`

	// Step changes the capacity by how far a metric is beyond the threshold of an alarm. AWS API: PolicyType StepScaling.
	// +optional
	Step *StepPolicy `json:"step,omitempty"`

	// Simple changes the capacity when an alarm goes off, and then waits for a cooldown. AWS API: PolicyType SimpleScaling.
	// +optional
	Simple *SimplePolicy `json:"simple,omitempty"`

	// Predictive forecasts the load from what it was in the past two weeks, and scales out ahead of it.
	// AWS API: PolicyType PredictiveScaling.
	// +optional
	Predictive *PredictivePolicy `json:"predictive,omitempty"`
}

// TargetTrackingPolicy keeps a metric at a value. AWS API: TargetTrackingConfiguration.
// +kubebuilder:validation:XValidation:rule="has(self.predefinedMetric) != has(self.customizedMetric)",message="give exactly one of targetTracking.predefinedMetric and targetTracking.customizedMetric"
// +kubebuilder:validation:XValidation:rule="double(self.targetValue) > 0.0",message="targetTracking.targetValue must be greater than 0"
type TargetTrackingPolicy struct {
	// PredefinedMetric is one of the metrics that Auto Scaling knows. AWS API: PredefinedMetricSpecification. Mutable.
	// +optional
	PredefinedMetric *PredefinedTrackingMetric `json:"predefinedMetric,omitempty"`

	// CustomizedMetric is any CloudWatch metric that falls as the group grows. AWS API: CustomizedMetricSpecification.
	// Mutable.
	// +optional
	CustomizedMetric *CustomizedTrackingMetric `json:"customizedMetric,omitempty"`

	// TargetValue is what the metric is to be, greater than 0: a percentage, bytes or requests per minute and instance, or
	// what the customized metric counts. AWS API: TargetValue. Mutable.
	TargetValue Decimal `json:"targetValue"`

	// DisableScaleIn true only ever adds instances; default false. AWS API: DisableScaleIn. Mutable.
	// +optional
	DisableScaleIn *bool `json:"disableScaleIn,omitempty"`

	// EstimatedInstanceWarmupSeconds is how long a new instance does not count; default the group's
	// defaultInstanceWarmupSeconds, else its default cooldown. AWS API: EstimatedInstanceWarmup. Mutable.
	// +optional
	// +kubebuilder:validation:Minimum=0
	EstimatedInstanceWarmupSeconds *int32 `json:"estimatedInstanceWarmupSeconds,omitempty"`
}

// PredefinedTrackingMetric is a metric that Auto Scaling knows. AWS API: PredefinedMetricSpecification.
// +kubebuilder:validation:XValidation:rule="(self.type == 'ALBRequestCountPerTarget') == (has(self.resourceLabel) || has(self.loadBalancerRef))",message="the metric ALBRequestCountPerTarget, and no other, is of a target group: give loadBalancerRef with targetGroup, or resourceLabel"
// +kubebuilder:validation:XValidation:rule="has(self.loadBalancerRef) == has(self.targetGroup) && !(has(self.resourceLabel) && has(self.loadBalancerRef))",message="give loadBalancerRef and targetGroup together, or resourceLabel alone"
type PredefinedTrackingMetric struct {
	// Type is ASGAverageCPUUtilization (percent), ASGAverageNetworkIn, ASGAverageNetworkOut (bytes a minute and instance) or
	// ALBRequestCountPerTarget (requests a minute and target). AWS API: PredefinedMetricType. Mutable.
	// +kubebuilder:validation:Enum=ASGAverageCPUUtilization;ASGAverageNetworkIn;ASGAverageNetworkOut;ALBRequestCountPerTarget
	Type string `json:"type"`

	MetricTargetGroup `json:",inline"`
}

// MetricTargetGroup names the target group whose requests are counted. It must be attached to the group (spec.targetGroups).
type MetricTargetGroup struct {
	// LoadBalancerRef names the application LoadBalancer that has the target group; the policy waits until it is there and
	// attached. AWS API: ResourceLabel, together with targetGroup. Mutable.
	// +optional
	LoadBalancerRef *LoadBalancerReference `json:"loadBalancerRef,omitempty"`

	// TargetGroup is the name of a target group in that LoadBalancer's spec.targetGroups. Mutable.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	TargetGroup string `json:"targetGroup,omitempty"`

	// ResourceLabel names the target group of a load balancer that others keep:
	// "app/<load balancer>/<id>/targetgroup/<target group>/<id>". AWS API: ResourceLabel. Mutable.
	// +optional
	// +kubebuilder:validation:MaxLength=1023
	// +kubebuilder:validation:Pattern=`^app/[^/]+/[0-9a-f]+/targetgroup/[^/]+/[0-9a-f]+$`
	ResourceLabel string `json:"resourceLabel,omitempty"`
}

// CustomizedTrackingMetric is a metric of one's own, or one computed from several. AWS API: CustomizedMetricSpecification.
// +kubebuilder:validation:XValidation:rule="has(self.metrics) ? ![has(self.namespace), has(self.name), has(self.dimensions), has(self.statistic), has(self.unit), has(self.periodSeconds)].exists(x, x) : has(self.namespace) && has(self.name) && has(self.statistic)",message="give namespace, name and statistic of one metric, or a list of metrics and none of the other fields"
// +kubebuilder:validation:XValidation:rule="!has(self.metrics) || self.metrics.all(q, (!has(q.periodSeconds) || q.periodSeconds in [10, 30, 60]) && (!has(q.metricStat) || !has(q.metricStat.periodSeconds) || q.metricStat.periodSeconds in [10, 30, 60]))",message="the periodSeconds of a target tracking metric is 10, 30 or 60"
type CustomizedTrackingMetric struct {
	// Namespace of the metric, for instance AWS/SQS. AWS API: Namespace. Mutable.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	Namespace string `json:"namespace,omitempty"`

	// Name of the metric. AWS API: MetricName. Mutable.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	Name string `json:"name,omitempty"`

	// Dimensions of the metric, 30 at most: exactly those that it is published with. AWS API: Dimensions. Mutable.
	// +optional
	Dimensions MetricDimensions `json:"dimensions,omitempty"`

	// Statistic is Average, Minimum, Maximum, SampleCount or Sum. AWS API: Statistic. Mutable.
	// +optional
	// +kubebuilder:validation:Enum=Average;Minimum;Maximum;SampleCount;Sum
	Statistic string `json:"statistic,omitempty"`

	// Unit that values must have been published with; default any. AWS API: Unit. Mutable.
	// +optional
	Unit MetricUnit `json:"unit,omitempty"`

	// PeriodSeconds is 10, 30 or 60 (the default). AWS API: Period. Mutable.
	// +optional
	// +kubebuilder:validation:Enum=10;30;60
	PeriodSeconds *int32 `json:"periodSeconds,omitempty"`

	// Metrics are what the metric is computed from, and the expression that does so. AWS API: Metrics. Mutable.
	// +optional
	Metrics MetricQueries `json:"metrics,omitempty"`
}

// AdjustmentType says how an adjustment is meant: added to the capacity, set as capacity, or a percentage of it.
// +kubebuilder:validation:Enum=ChangeInCapacity;ExactCapacity;PercentChangeInCapacity
type AdjustmentType string

// StepPolicy changes the capacity by how far a metric is beyond the threshold of its alarm.
// +kubebuilder:validation:XValidation:rule="!has(self.minAdjustmentMagnitude) || self.adjustmentType == 'PercentChangeInCapacity'",message="step.minAdjustmentMagnitude goes with adjustmentType PercentChangeInCapacity: remove it"
// +kubebuilder:validation:XValidation:rule="self.adjustmentType != 'ExactCapacity' || self.steps.all(s, s.scalingAdjustment >= 0)",message="adjustmentType ExactCapacity sets the capacity: give a scalingAdjustment of 0 or more"
// +kubebuilder:validation:XValidation:rule="self.steps.filter(s, !has(s.metricIntervalLowerBound)).size() <= 1 && self.steps.filter(s, !has(s.metricIntervalUpperBound)).size() <= 1",message="at most one step is without metricIntervalLowerBound, and at most one without metricIntervalUpperBound"
// +kubebuilder:validation:XValidation:rule="self.steps.filter(s, !has(s.metricIntervalLowerBound) || !self.steps.exists(t, has(t.metricIntervalUpperBound) && double(t.metricIntervalUpperBound) == double(s.metricIntervalLowerBound))).size() == 1 && self.steps.all(s, self.steps.exists_one(t, has(t.metricIntervalLowerBound) == has(s.metricIntervalLowerBound) && (!has(s.metricIntervalLowerBound) || double(t.metricIntervalLowerBound) == double(s.metricIntervalLowerBound))) && self.steps.exists_one(t, has(t.metricIntervalUpperBound) == has(s.metricIntervalUpperBound) && (!has(s.metricIntervalUpperBound) || double(t.metricIntervalUpperBound) == double(s.metricIntervalUpperBound))))",message="steps must follow one another without a gap or an overlap: let each begin (metricIntervalLowerBound) where another ends (metricIntervalUpperBound)"
// +kubebuilder:validation:XValidation:rule="self.steps.all(s, !has(s.metricIntervalLowerBound) || double(s.metricIntervalLowerBound) >= 0.0) || self.steps.exists(s, !has(s.metricIntervalLowerBound))",message="steps that begin below 0 must go down without end: leave out metricIntervalLowerBound of the lowest"
// +kubebuilder:validation:XValidation:rule="self.steps.all(s, !has(s.metricIntervalUpperBound) || double(s.metricIntervalUpperBound) <= 0.0) || self.steps.exists(s, !has(s.metricIntervalUpperBound))",message="steps that end above 0 must go up without end: leave out metricIntervalUpperBound of the highest"
type StepPolicy struct {
	// AdjustmentType is ChangeInCapacity, ExactCapacity or PercentChangeInCapacity. AWS API: AdjustmentType. Mutable.
	AdjustmentType AdjustmentType `json:"adjustmentType"`

	// Steps tile the distances of the metric from the alarm's threshold, 1 to 20. Their order means nothing.
	// AWS API: StepAdjustments. Mutable.
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=20
	Steps []StepAdjustment `json:"steps"`

	// MinAdjustmentMagnitude is the least by which a percentage changes the capacity; at least 1.
	// AWS API: MinAdjustmentMagnitude. Mutable.
	// +optional
	// +kubebuilder:validation:Minimum=1
	MinAdjustmentMagnitude *int32 `json:"minAdjustmentMagnitude,omitempty"`

	// MetricAggregationType is Minimum, Maximum or Average (the default): how the values of a period become one.
	// AWS API: MetricAggregationType. Mutable.
	// +optional
	// +kubebuilder:validation:Enum=Minimum;Maximum;Average
	MetricAggregationType string `json:"metricAggregationType,omitempty"`

	// EstimatedInstanceWarmupSeconds is how long a new instance does not count; default the group's
	// defaultInstanceWarmupSeconds, else its default cooldown. AWS API: EstimatedInstanceWarmup. Mutable.
	// +optional
	// +kubebuilder:validation:Minimum=0
	EstimatedInstanceWarmupSeconds *int32 `json:"estimatedInstanceWarmupSeconds,omitempty"`

	// Alarm that calls the policy. Left out, none is made: give the policy's ARN (status.scalingPolicies) to one of your own.
	// Mutable; removed, it is deleted.
	// +optional
	Alarm *ScalingAlarm `json:"alarm,omitempty"`
}

// StepAdjustment is what is done while the metric is in an interval. AWS API: StepAdjustment.
// +kubebuilder:validation:XValidation:rule="has(self.metricIntervalLowerBound) || has(self.metricIntervalUpperBound)",message="give at least one of metricIntervalLowerBound and metricIntervalUpperBound"
// +kubebuilder:validation:XValidation:rule="!has(self.metricIntervalLowerBound) || !has(self.metricIntervalUpperBound) || double(self.metricIntervalLowerBound) < double(self.metricIntervalUpperBound)",message="metricIntervalLowerBound must be less than metricIntervalUpperBound"
type StepAdjustment struct {
	// MetricIntervalLowerBound is where the interval begins, as distance from the alarm's threshold; left out, it has no
	// lower end. AWS API: MetricIntervalLowerBound. Mutable.
	// +optional
	MetricIntervalLowerBound *Decimal `json:"metricIntervalLowerBound,omitempty"`

	// MetricIntervalUpperBound is where the interval ends, as distance from the alarm's threshold; left out, it has no upper
	// end. AWS API: MetricIntervalUpperBound. Mutable.
	// +optional
	MetricIntervalUpperBound *Decimal `json:"metricIntervalUpperBound,omitempty"`

	// ScalingAdjustment by which, or to which, the capacity changes; a percentage with PercentChangeInCapacity. Negative to
	// scale in. AWS API: ScalingAdjustment. Mutable.
	ScalingAdjustment int32 `json:"scalingAdjustment"`
}

// SimplePolicy changes the capacity when its alarm goes off, and then waits for a cooldown.
// +kubebuilder:validation:XValidation:rule="!has(self.minAdjustmentMagnitude) || self.adjustmentType == 'PercentChangeInCapacity'",message="simple.minAdjustmentMagnitude goes with adjustmentType PercentChangeInCapacity: remove it"
// +kubebuilder:validation:XValidation:rule="self.adjustmentType != 'ExactCapacity' || self.scalingAdjustment >= 0",message="adjustmentType ExactCapacity sets the capacity: give a scalingAdjustment of 0 or more"
type SimplePolicy struct {
	// AdjustmentType is ChangeInCapacity, ExactCapacity or PercentChangeInCapacity. AWS API: AdjustmentType. Mutable.
	AdjustmentType AdjustmentType `json:"adjustmentType"`

	// ScalingAdjustment by which, or to which, the capacity changes; a percentage with PercentChangeInCapacity. Negative to
	// scale in. AWS API: ScalingAdjustment. Mutable.
	ScalingAdjustment int32 `json:"scalingAdjustment"`

	// MinAdjustmentMagnitude is the least by which a percentage changes the capacity; at least 1.
	// AWS API: MinAdjustmentMagnitude. Mutable.
	// +optional
	// +kubebuilder:validation:Minimum=1
	MinAdjustmentMagnitude *int32 `json:"minAdjustmentMagnitude,omitempty"`

	// CooldownSeconds until the policy may change the capacity again; default the group's default cooldown.
	// AWS API: Cooldown. Mutable.
	// +optional
	// +kubebuilder:validation:Minimum=0
	CooldownSeconds *int32 `json:"cooldownSeconds,omitempty"`

	// Alarm that calls the policy. Left out, none is made: give the policy's ARN (status.scalingPolicies) to one of your own.
	// Mutable; removed, it is deleted.
	// +optional
	Alarm *ScalingAlarm `json:"alarm,omitempty"`
}

// ScalingPolicyStatus tells of a policy that the object keeps.
type ScalingPolicyStatus struct {
	// Name of the policy.
	Name string `json:"name"`

	// ARN of the policy: what alarms of your own name as their action. AWS API: PolicyARN.
	// +optional
	ARN string `json:"arn,omitempty"`

	// Type is TargetTrackingScaling, StepScaling, SimpleScaling or PredictiveScaling. AWS API: PolicyType.
	// +optional
	Type string `json:"type,omitempty"`

	// AlarmName is the CloudWatch alarm that the controller keeps for the policy.
	// +optional
	AlarmName string `json:"alarmName,omitempty"`

	// TargetTrackingAlarmNames are the CloudWatch alarms that Auto Scaling keeps for the policy. They are never touched.
	// +optional
	// +listType=set
	TargetTrackingAlarmNames []string `json:"targetTrackingAlarmNames,omitempty"`
}
