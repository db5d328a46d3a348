// Package loadbalancer converges LoadBalancers: application, network and gateway load balancers of Elastic Load Balancing
// v2 with their security group, target groups, listeners, rules and certificates.
//
// A load balancer is ours by its ARN in the status, or by its name, which is derived from the object, together with its
// ownership tags: so it is found again after a crash, by a controller that has lost the status, and by a new cluster with
// the id of the old one.
//
// The frame is that of every kind (observe, desired, diff, apply, delete, status). Each subject has files of its own, with
// its part of each: subnets.go, securitygroups.go, settings.go, attributes.go, capacity.go; targetgroups*.go,
// listeners*.go, certificates*.go. A subject that has to wait says so (observed.wait), and the others go on.
package loadbalancer
