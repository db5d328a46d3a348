// Package testenv is the world in which stories play: one real control plane and one simulated AWS for a whole suite.
//
//	environment.go  starts both
//	story.go        a namespace and an empty AWS for one story; what a user does with kubectl
//	manager.go      runs the controllers as the binary does; stops or kills them
//	apiserver.go    the manager's way to the API server, which can be cut at any write
//	endpoint.go     the manager's way to AWS, which can be cut at any call
//	route53.go      what others do in Route 53, and what is in it
//	loadbalancer.go  builders of LoadBalancers, what others do in ELB and EC2, and what is in them
//	autoscalinggroup.go  builders of AutoScalingGroups, what others do in Auto Scaling, and what is in it
//	lint.go         watches every status that is written and checks it against the rules of kstatus
//	quiet.go        proves that a converged world is left alone
//	clock.go        the controllers' clock, which can be put forward
//	objects.go, matchers.go  builders and matchers
package testenv
