package v1alpha1

// PredictivePolicy forecasts the load from what it was, and scales out ahead of it. AWS API: PredictiveScalingConfiguration.
// +kubebuilder:validation:XValidation:rule="has(self.maxCapacityBuffer) == (has(self.maxCapacityBreachBehavior) && self.maxCapacityBreachBehavior == 'IncreaseMaxCapacity')",message="predictive.maxCapacityBuffer goes with maxCapacityBreachBehavior IncreaseMaxCapacity, which needs it"
// +kubebuilder:validation:XValidation:rule="double(self.targetValue) > 0.0",message="predictive.targetValue must be greater than 0"
type PredictivePolicy struct {
	// Mode is ForecastOnly (the default: the forecast is only shown) or ForecastAndScale. AWS API: Mode. Mutable.
	// +optional
	// +kubebuilder:validation:Enum=ForecastOnly;ForecastAndScale
	Mode string `json:"mode,omitempty"`

	// Metric is what is forecast. AWS API: MetricSpecifications, which has exactly one. Mutable.
	Metric PredictiveMetric `json:"metric"`

	// TargetValue is what the scaling metric is to be, greater than 0: a percentage, bytes or requests per minute and
	// instance, or what a customized metric counts. AWS API: TargetValue. Mutable.
	TargetValue Decimal `json:"targetValue"`

	// SchedulingBufferSeconds is how long before they are needed instances are launched; 0 to 3599, default 300.
	// AWS API: SchedulingBufferTime. Mutable.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=3599
	SchedulingBufferSeconds *int32 `json:"schedulingBufferSeconds,omitempty"`

	// MaxCapacityBreachBehavior is HonorMaxCapacity (the default) or IncreaseMaxCapacity: what happens when the forecast is
	// above the group's maxSize. With the latter Auto Scaling raises the group's own maximum and does not lower it again;
	// status.maxSize tells it, and as long as it is above spec.maxSize it is left so. AWS API: MaxCapacityBreachBehavior.
	// Mutable.
	// +optional
	// +kubebuilder:validation:Enum=HonorMaxCapacity;IncreaseMaxCapacity
	MaxCapacityBreachBehavior string `json:"maxCapacityBreachBehavior,omitempty"`

	// MaxCapacityBuffer is by how many percent of the forecast the capacity may be above it, 0 to 100; with
	// IncreaseMaxCapacity only. AWS API: MaxCapacityBuffer. Mutable.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	MaxCapacityBuffer *int32 `json:"maxCapacityBuffer,omitempty"`
}

// PredictiveMetric is a pair of metrics that Auto Scaling knows, or a scaling metric (its use per instance) with a load metric
// (the use in total). AWS API: PredictiveScalingMetricSpecification.
// +kubebuilder:validation:XValidation:rule="has(self.pair) ? !has(self.scalingMetric) && !has(self.loadMetric) && !has(self.capacityMetric) : has(self.scalingMetric) && has(self.loadMetric)",message="give predictive.metric.pair, or scalingMetric together with loadMetric"
// +kubebuilder:validation:XValidation:rule="(has(self.pair) && self.pair == 'ALBRequestCount') == (has(self.resourceLabel) || has(self.loadBalancerRef))",message="the pair ALBRequestCount, and no other, is of a target group: give loadBalancerRef with targetGroup, or resourceLabel"
// +kubebuilder:validation:XValidation:rule="has(self.loadBalancerRef) == has(self.targetGroup) && !(has(self.resourceLabel) && has(self.loadBalancerRef))",message="give loadBalancerRef and targetGroup together, or resourceLabel alone"
// +kubebuilder:validation:XValidation:rule="!has(self.capacityMetric) || has(self.loadMetric) && has(self.loadMetric.metrics) && has(self.scalingMetric) && has(self.scalingMetric.metrics)",message="predictive.metric.capacityMetric goes with a scalingMetric and a loadMetric of your own (metrics): remove it"
type PredictiveMetric struct {
	// Pair is ASGCPUUtilization, ASGNetworkIn, ASGNetworkOut or ALBRequestCount. AWS API: PredefinedMetricPairSpecification.
	// Mutable.
	// +optional
	// +kubebuilder:validation:Enum=ASGCPUUtilization;ASGNetworkIn;ASGNetworkOut;ALBRequestCount
	Pair string `json:"pair,omitempty"`

	MetricTargetGroup `json:",inline"`

	// ScalingMetric is the use of an instance. AWS API: PredefinedScalingMetricSpecification or
	// CustomizedScalingMetricSpecification. Mutable.
	// +optional
	ScalingMetric *PredictiveScalingMetric `json:"scalingMetric,omitempty"`

	// LoadMetric is the use of the group in total. AWS API: PredefinedLoadMetricSpecification or
	// CustomizedLoadMetricSpecification. Mutable.
	// +optional
	LoadMetric *PredictiveLoadMetric `json:"loadMetric,omitempty"`

	// CapacityMetric is how many instances there are, where that is not the group's own count, for instance of a
	// blue/green deployment. AWS API: CustomizedCapacityMetricSpecification. Mutable.
	// +optional
	CapacityMetric *PredictiveCapacityMetric `json:"capacityMetric,omitempty"`
}

// PredictiveScalingMetric is the use of an instance: a metric that Auto Scaling knows, or one of your own.
// +kubebuilder:validation:XValidation:rule="has(self.type) != has(self.metrics)",message="give exactly one of scalingMetric.type and scalingMetric.metrics"
// +kubebuilder:validation:XValidation:rule="(has(self.type) && self.type == 'ALBRequestCountPerTarget') == (has(self.resourceLabel) || has(self.loadBalancerRef))",message="the metric ALBRequestCountPerTarget, and no other, is of a target group: give loadBalancerRef with targetGroup, or resourceLabel"
// +kubebuilder:validation:XValidation:rule="has(self.loadBalancerRef) == has(self.targetGroup) && !(has(self.resourceLabel) && has(self.loadBalancerRef))",message="give loadBalancerRef and targetGroup together, or resourceLabel alone"
// +kubebuilder:validation:XValidation:rule="!has(self.metrics) || self.metrics.all(q, !has(q.periodSeconds) && (!has(q.metricStat) || !has(q.metricStat.periodSeconds)))",message="the metrics of predictive scaling are hourly: remove periodSeconds"
type PredictiveScalingMetric struct {
	// Type is ASGAverageCPUUtilization, ASGAverageNetworkIn, ASGAverageNetworkOut or ALBRequestCountPerTarget.
	// AWS API: PredefinedMetricType. Mutable.
	// +optional
	// +kubebuilder:validation:Enum=ASGAverageCPUUtilization;ASGAverageNetworkIn;ASGAverageNetworkOut;ALBRequestCountPerTarget
	Type string `json:"type,omitempty"`

	MetricTargetGroup `json:",inline"`

	// Metrics of your own, without periodSeconds. AWS API: MetricDataQueries. Mutable.
	// +optional
	Metrics MetricQueries `json:"metrics,omitempty"`
}

// PredictiveLoadMetric is the use of the group in total: a metric that Auto Scaling knows, or one of your own.
// +kubebuilder:validation:XValidation:rule="has(self.type) != has(self.metrics)",message="give exactly one of loadMetric.type and loadMetric.metrics"
// +kubebuilder:validation:XValidation:rule="(has(self.type) && self.type == 'ALBTargetGroupRequestCount') == (has(self.resourceLabel) || has(self.loadBalancerRef))",message="the metric ALBTargetGroupRequestCount, and no other, is of a target group: give loadBalancerRef with targetGroup, or resourceLabel"
// +kubebuilder:validation:XValidation:rule="has(self.loadBalancerRef) == has(self.targetGroup) && !(has(self.resourceLabel) && has(self.loadBalancerRef))",message="give loadBalancerRef and targetGroup together, or resourceLabel alone"
// +kubebuilder:validation:XValidation:rule="!has(self.metrics) || self.metrics.all(q, !has(q.periodSeconds) && (!has(q.metricStat) || !has(q.metricStat.periodSeconds)))",message="the metrics of predictive scaling are hourly: remove periodSeconds"
type PredictiveLoadMetric struct {
	// Type is ASGTotalCPUUtilization, ASGTotalNetworkIn, ASGTotalNetworkOut or ALBTargetGroupRequestCount.
	// AWS API: PredefinedMetricType. Mutable.
	// +optional
	// +kubebuilder:validation:Enum=ASGTotalCPUUtilization;ASGTotalNetworkIn;ASGTotalNetworkOut;ALBTargetGroupRequestCount
	Type string `json:"type,omitempty"`

	MetricTargetGroup `json:",inline"`

	// Metrics of your own, without periodSeconds. AWS API: MetricDataQueries. Mutable.
	// +optional
	Metrics MetricQueries `json:"metrics,omitempty"`
}

// PredictiveCapacityMetric is how many instances there are.
// +kubebuilder:validation:XValidation:rule="self.metrics.all(q, !has(q.periodSeconds) && (!has(q.metricStat) || !has(q.metricStat.periodSeconds)))",message="the metrics of predictive scaling are hourly: remove periodSeconds"
type PredictiveCapacityMetric struct {
	// Metrics of your own, without periodSeconds. AWS API: MetricDataQueries. Mutable.
	Metrics MetricQueries `json:"metrics"`
}
