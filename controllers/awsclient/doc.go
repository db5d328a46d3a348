// Package awsclient owns what all calls to AWS share: the SDK clients of one
// account and region, the request budget every attempt passes, the classes
// errors fall into, ownership tags, batched reads and metrics.
//
// It wraps no operation. Callers use the concrete SDK clients in Clients, and
// point them elsewhere with AWS_ENDPOINT_URL. The pieces:
//
//   - clients.go    Options, Clients, New: the SDK's default configuration with our middleware
//   - middleware.go the steps every call goes through: budget, metrics, what the SDK may retry
//   - budget.go     token buckets in front of every attempt, and holding back after a throttle
//   - limits.go, limits_regional.go  AWS's published request limits, as data
//   - errors.go     Classify and Code; the only file that knows AWS's error codes
//   - message.go    Message, BatchMessages and Refusals: AWS's own text in a form that is stable across retries
//   - tags.go       ownership tags and the difference of two tag sets
//   - batch.go      Batcher: reads due at the same time become one request
//   - zonetags.go   HostedZoneTags, batched
//   - values.go     ids and optional strings as the SDK has them
//   - elb.go, ec2.go batched reads of load balancers, their tags, security groups and subnets
//   - scaling.go, cloudwatch.go batched reads of scaling policies, scheduled actions and alarms
//   - metrics.go    the Prometheus metrics
//
// To add a service: add its client to Clients, its limits to limits.go and its
// codes to errors.go. Without limits of its own a service gets DefaultBudget.
package awsclient
