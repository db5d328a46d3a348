// Package autoscaling simulates EC2 Auto Scaling: groups whose instances follow
// the desired capacity through lifecycle states, hooks and health checks, with
// scaling policies, scheduled actions, warm pools and instance refreshes on the
// clock of the simulated world.
//
// What it needs of EC2, Elastic Load Balancing, CloudWatch and SNS is declared
// in needs.go. Others read the groups by Groups (view.go), and tell of alarms
// by Alarmed and of instances that changed by Wake.
package autoscaling
