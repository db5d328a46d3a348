// Package awssim is a local AWS: one http.Handler that speaks the wire
// protocols of the simulated services as the SDK and the AWS CLI speak them,
// checks what AWS checks, and breaks on request.
//
//	frame     what all services share: operations, errors, buckets, clock
//	xmlwire   the SDK's structs as XML, for the two protocols below
//	restxml   the protocol of Route 53
//	query     the protocol of STS, Auto Scaling, ELB and SNS, and EC2's dialect
//	route53   Route 53: state, rules, operations
//	checkers  health checkers that probe endpoints on this machine
//	ec2       EC2's networks: VPCs, subnets, security groups, addresses
//	acm       ACM: certificates, and who issues them
//	tree      what JSON and CBOR have in common: the SDK's structs as maps and lists
//	jsonrpc   the protocol of ACM
//	dataplane forwards what listeners of load balancers are sent
//	sts       who calls, and roles
//	dnsserver answers DNS from the zones
//	cmd/awssim  the binary
//
// A service is a frame.Service; Server owns what surrounds it: routing, meter,
// faults, rate limits, the control API under /_sim/ and the state file.
package awssim
