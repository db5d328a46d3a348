// Package elbv2 simulates the control plane of Elastic Load Balancing v2: load
// balancers, listeners, rules, target groups and trust stores, checked as AWS
// checks them, with its state machines on the clock of the simulated world.
//
// Others read what is configured, and how targets are, by LoadBalancers and
// TargetGroups (view.go): the data plane that forwards traffic, and the DNS
// server. What this package needs of EC2 and ACM is declared in needs.go.
package elbv2
