// Package route53 simulates Route 53: hosted zones, record sets, changes, tags
// and limits, with the rules, error codes and messages of the real service.
//
//	state.go   zones, changes and their history; what survives a restart
//	names.go   domain names in Route 53's normal form
//	schema.go  what the API's model and its request checks refuse (InvalidInput)
//	batch.go   a change batch tried out on a zone (InvalidChangeBatch)
//	values.go  the syntax of each record type's value
//	policies.go, alias.go   rules of routing policies and alias targets
//	wire.go    paths and names of the protocol, rate limits
package route53
