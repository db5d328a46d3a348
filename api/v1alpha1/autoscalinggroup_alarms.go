package v1alpha1

// MetricDimensions tell a metric from others of its name: dimensions and their values, 30 at most, in any order.
// +kubebuilder:validation:MaxProperties=30
// +kubebuilder:validation:XValidation:rule="self.all(k, size(k) >= 1 && size(k) <= 255)",message="the names of dimensions have 1 to 255 characters"
type MetricDimensions map[string]DimensionValue

// DimensionValue is the value of a dimension of a metric.
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=1024
type DimensionValue string

// MetricUnit is a unit of CloudWatch's.
// +kubebuilder:validation:Enum=Seconds;Microseconds;Milliseconds;Bytes;Kilobytes;Megabytes;Gigabytes;Terabytes;Bits;Kilobits;Megabits;Gigabits;Terabits;Percent;Count;Bytes/Second;Kilobytes/Second;Megabytes/Second;Gigabytes/Second;Terabytes/Second;Bits/Second;Kilobits/Second;Megabits/Second;Gigabits/Second;Terabits/Second;Count/Second;None
type MetricUnit string

// MetricQueries are metrics, and the expressions that make one metric of them; exactly one returns data. 1 to 20.
// +listType=map
// +listMapKey=id
// +kubebuilder:validation:MinItems=1
// +kubebuilder:validation:MaxItems=20
// +kubebuilder:validation:XValidation:rule="self.exists_one(q, !has(q.returnData) || q.returnData)",message="exactly one of metrics is the result: set returnData false on all others"
type MetricQueries []MetricQuery

// MetricQuery is a metric, or a computation of others. AWS API: MetricDataQuery.
// +kubebuilder:validation:XValidation:rule="has(self.expression) != has(self.metricStat)",message="give exactly one of expression and metricStat"
type MetricQuery struct {
	// ID by which expressions name it: letters, digits and underscores, a lower-case letter first. AWS API: Id.
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[a-z][a-zA-Z0-9_]*$`
	ID string `json:"id"`

	// Expression of metric math, for instance "visible / instances". AWS API: Expression. Mutable.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2047
	Expression string `json:"expression,omitempty"`

	// MetricStat is a metric and a statistic of it. AWS API: MetricStat. Mutable.
	// +optional
	MetricStat *MetricStat `json:"metricStat,omitempty"`

	// Label for people. AWS API: Label. Mutable.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2047
	Label string `json:"label,omitempty"`

	// PeriodSeconds of an expression's values; default that of its metrics. AWS API: Period. Mutable.
	// +optional
	// +kubebuilder:validation:Minimum=10
	PeriodSeconds *int32 `json:"periodSeconds,omitempty"`

	// ReturnData true (the default) marks the result; false an intermediate value. AWS API: ReturnData. Mutable.
	// +optional
	ReturnData *bool `json:"returnData,omitempty"`
}

// MetricStat is a statistic of a metric. AWS API: MetricStat.
type MetricStat struct {
	// Namespace of the metric, for instance AWS/SQS. AWS API: Metric.Namespace. Mutable.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	Namespace string `json:"namespace"`

	// Name of the metric. AWS API: Metric.MetricName. Mutable.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	Name string `json:"name"`

	// Dimensions of the metric, 30 at most. AWS API: Metric.Dimensions. Mutable.
	// +optional
	Dimensions MetricDimensions `json:"dimensions,omitempty"`

	// Statistic is Average, Minimum, Maximum, SampleCount, Sum, or an extended one such as p99 or tm95. AWS API: Stat. Mutable.
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Pattern=`^(Average|Minimum|Maximum|SampleCount|Sum|IQM|(p|tm|tc|ts|wm)([0-9]{1,2}(\.[0-9]{1,10})?|100)|(PR|TC|TM|TS|WM)\([^)]*:[^)]*\))$`
	Statistic string `json:"statistic"`

	// Unit that values must have been published with; default any. AWS API: Unit. Mutable.
	// +optional
	Unit MetricUnit `json:"unit,omitempty"`

	// PeriodSeconds of the values. In an alarm 10, 20, 30 or a multiple of 60, and required; in target tracking 10, 30 or 60
	// (the default); not in predictive scaling, which is hourly. AWS API: Period. Mutable.
	// +optional
	// +kubebuilder:validation:Minimum=10
	PeriodSeconds *int32 `json:"periodSeconds,omitempty"`
}

// ScalingAlarm is a CloudWatch alarm that calls the policy it is declared in. The controller makes it, keeps it as declared
// and deletes it after the policy. AWS API: PutMetricAlarm, DeleteAlarms.
// +kubebuilder:validation:XValidation:rule="has(self.metric) != has(self.metrics)",message="give exactly one of alarm.metric and alarm.metrics"
// +kubebuilder:validation:XValidation:rule="!has(self.datapointsToAlarm) || self.datapointsToAlarm <= self.evaluationPeriods",message="alarm.datapointsToAlarm must not be more than alarm.evaluationPeriods"
// +kubebuilder:validation:XValidation:rule="!has(self.metric) || self.evaluationPeriods * self.metric.periodSeconds <= (self.metric.periodSeconds < 3600 ? 86400 : 604800)",message="an alarm looks back over a day at most, or a week with a period of an hour or more: lower alarm.evaluationPeriods or metric.periodSeconds"
// +kubebuilder:validation:XValidation:rule="!has(self.metrics) || self.metrics.all(q, !has(q.metricStat) || has(q.metricStat.periodSeconds) && !has(q.periodSeconds))",message="each metricStat of an alarm needs a periodSeconds inside it, and none beside it"
// +kubebuilder:validation:XValidation:rule="!has(self.metrics) || self.metrics.all(q, (!has(q.periodSeconds) || q.periodSeconds in [10, 20, 30] || q.periodSeconds % 60 == 0) && (!has(q.metricStat) || !has(q.metricStat.periodSeconds) || q.metricStat.periodSeconds in [10, 20, 30] || q.metricStat.periodSeconds % 60 == 0))",message="the periodSeconds of an alarm's metric is 10, 20, 30 or a multiple of 60"
// +kubebuilder:validation:XValidation:rule="!has(self.evaluateLowSampleCountPercentile) || has(self.metric) && has(self.metric.extendedStatistic)",message="alarm.evaluateLowSampleCountPercentile goes with metric.extendedStatistic: remove it"
type ScalingAlarm struct {
	// Metric that is watched. AWS API: MetricName, Namespace and so on. Mutable.
	// +optional
	Metric *AlarmMetric `json:"metric,omitempty"`

	// Metrics are what the watched metric is computed from, and the expression that does so. AWS API: Metrics. Mutable.
	// +optional
	Metrics MetricQueries `json:"metrics,omitempty"`

	// ComparisonOperator between the metric and the threshold: GreaterThanThreshold, GreaterThanOrEqualToThreshold,
	// LessThanThreshold or LessThanOrEqualToThreshold. AWS API: ComparisonOperator. Mutable.
	// +kubebuilder:validation:Enum=GreaterThanThreshold;GreaterThanOrEqualToThreshold;LessThanThreshold;LessThanOrEqualToThreshold
	ComparisonOperator string `json:"comparisonOperator"`

	// Threshold that the metric is compared with. AWS API: Threshold. Mutable.
	Threshold Decimal `json:"threshold"`

	// EvaluationPeriods is how many periods are looked at; at least 1. AWS API: EvaluationPeriods. Mutable.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=8640
	EvaluationPeriods int32 `json:"evaluationPeriods"`

	// DatapointsToAlarm is in how many of them the threshold must be crossed; default all. AWS API: DatapointsToAlarm. Mutable.
	// +optional
	// +kubebuilder:validation:Minimum=1
	DatapointsToAlarm *int32 `json:"datapointsToAlarm,omitempty"`

	// TreatMissingData is missing (the default), notBreaching, breaching or ignore. AWS API: TreatMissingData. Mutable.
	// +optional
	// +kubebuilder:validation:Enum=missing;notBreaching;breaching;ignore
	TreatMissingData string `json:"treatMissingData,omitempty"`

	// EvaluateLowSampleCountPercentile is evaluate (the default) or ignore: whether a percentile of too few values counts.
	// AWS API: EvaluateLowSampleCountPercentile. Mutable.
	// +optional
	// +kubebuilder:validation:Enum=evaluate;ignore
	EvaluateLowSampleCountPercentile string `json:"evaluateLowSampleCountPercentile,omitempty"`

	// Description for people, up to 1024 characters; default one that names the object. AWS API: AlarmDescription. Mutable.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Description string `json:"description,omitempty"`

	// AlarmActions are called beside the policy when the alarm goes off, for instance ARNs of SNS topics; 4 at most.
	// AWS API: AlarmActions. Mutable.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=4
	AlarmActions []AlarmActionARN `json:"alarmActions,omitempty"`

	// OKActions are called when the alarm ends; 5 at most. AWS API: OKActions. Mutable.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=5
	OKActions []AlarmActionARN `json:"okActions,omitempty"`

	// InsufficientDataActions are called when the metric stops to come in; 5 at most. AWS API: InsufficientDataActions. Mutable.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=5
	InsufficientDataActions []AlarmActionARN `json:"insufficientDataActions,omitempty"`
}

// AlarmActionARN is what an alarm calls.
// +kubebuilder:validation:MaxLength=1024
// +kubebuilder:validation:Pattern=`^arn:[^:]+:[^:]+:[^:]*:[^:]*:.+$`
type AlarmActionARN string

// AlarmMetric is the metric that an alarm watches.
// +kubebuilder:validation:XValidation:rule="has(self.statistic) != has(self.extendedStatistic)",message="give exactly one of metric.statistic and metric.extendedStatistic"
// +kubebuilder:validation:XValidation:rule="self.periodSeconds in [10, 20, 30] || self.periodSeconds % 60 == 0",message="metric.periodSeconds is 10, 20, 30 or a multiple of 60"
type AlarmMetric struct {
	// Namespace of the metric, for instance AWS/SQS. AWS API: Namespace. Mutable.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	Namespace string `json:"namespace"`

	// Name of the metric. AWS API: MetricName. Mutable.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	Name string `json:"name"`

	// Dimensions of the metric, 30 at most. Left out in namespaces AWS/EC2 and AWS/AutoScaling, whose metrics without any are
	// of the whole account, the group itself is the dimension (AutoScalingGroupName); give {} for none.
	// AWS API: Dimensions. Mutable.
	// +optional
	Dimensions *MetricDimensions `json:"dimensions,omitempty"`

	// Statistic is Average, Minimum, Maximum, SampleCount or Sum. AWS API: Statistic. Mutable.
	// +optional
	// +kubebuilder:validation:Enum=Average;Minimum;Maximum;SampleCount;Sum
	Statistic string `json:"statistic,omitempty"`

	// ExtendedStatistic is a percentile or a trimmed statistic, such as p99 or tm95. AWS API: ExtendedStatistic. Mutable.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Pattern=`^(IQM|(p|tm|tc|ts|wm)([0-9]{1,2}(\.[0-9]{1,10})?|100)|(PR|TC|TM|TS|WM)\([^)]*:[^)]*\))$`
	ExtendedStatistic string `json:"extendedStatistic,omitempty"`

	// PeriodSeconds is 10, 20, 30 or a multiple of 60. AWS API: Period. Mutable.
	// +kubebuilder:validation:Minimum=10
	// +kubebuilder:validation:Maximum=604800
	PeriodSeconds int32 `json:"periodSeconds"`

	// Unit that values must have been published with; default any. AWS API: Unit. Mutable.
	// +optional
	Unit MetricUnit `json:"unit,omitempty"`
}
