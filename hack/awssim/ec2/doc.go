// Package ec2 simulates the part of EC2 that networks are made of (VPCs,
// subnets, internet gateways, route tables, security groups, addresses,
// network interfaces, prefix lists, tags), launch templates and instances.
//
//	content.go   the state: tables of resources by id
//	service.go   the service: its world at start, saving, the turn of a call
//	describe.go  ids, filters and pages of the describes
//	permissions.go, rules.go  security group rules
//	templates.go, templatedata.go  launch templates
//	launch.go, instances.go  instances and their states on the clock
//	groupneeds.go  what Auto Scaling asks of instances and templates
//	network.go   what load balancing asks of the network
//
// It owns the VPCs: what other services see in frame.VPCs is fed from here.
package ec2
