// Package dataplane makes the load balancers of the local AWS forward: each
// listener of an active load balancer listens on the load balancer's loopback
// addresses, follows its rules, and passes requests, connections or datagrams
// on to targets on this machine, whose health it probes.
//
//	plane.go, snapshot.go    follows the control plane
//	listener.go, socket.go   what is bound, and where
//	serve.go, tls.go         connections of clients
//	rules.go, conditions.go, transforms.go, actions.go, authenticate.go
//	                         what a listener does with a request
//	request.go, proxy.go, headers.go, cookies.go
//	                         HTTP
//	flow.go, datagram.go     TCP, TLS and UDP
//	pool.go, balance.go      target groups and the choice of a target
//	health.go, probe.go      health checks
//	statistics.go            what was counted
//
// Only loopback addresses are bound, and only loopback addresses are connected to.
package dataplane
