// Package cloudwatch simulates CloudWatch's metrics and alarms: values come by
// PutMetricData and from the simulated services, and alarms are evaluated from
// them on the clock, with their actions.
//
//	protocol.go  RPC v2 CBOR and the query protocol
//	series.go, expression.go  metrics, statistics and metric math
//	evaluate.go  the state of alarms and their actions
//	alarms.go, metrics.go, tags.go  the operations
package cloudwatch
