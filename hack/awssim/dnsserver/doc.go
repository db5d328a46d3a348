// Package dnsserver answers DNS queries from Route 53 hosted zones the way
// Route 53's own name servers do, over UDP and TCP.
//
// It reads the zones through Backend and keeps an index of them until
// Backend.Generation changes. A question travels through the files in this
// order:
//
//	server.go    sockets
//	message.go   EDNS, client subnet, response codes, truncation
//	resolve.go   choice of zone, CNAME chains, referrals, negative answers
//	vpc.go       which VPC a client is in
//	index.go     zones by name and VPC; names, wildcards and cuts in a zone
//	policy.go    routing policies: which record sets of a name and type answer
//	health.go    which of them are healthy
//	alias.go     what an alias stands for
//	record.go    Route 53's value syntax to DNS records
//	denial.go    negative answers and, with order.go, their proofs
//	sign.go      signatures, with the keys of keys.go
//
// Everything Route 53 knows and this server cannot know (health checks, load
// balancers, where a client is, CIDR collections, VPCs) comes in through the
// functions of Options.
//
// # Views
//
// Options.VPCs, Server.SetVPC and Options.VPC map a client's source address to
// a VPC; unless set otherwise, 127.1.0.0/16 is in vpc-0main, so that
// `dig -b 127.1.2.3 @127.0.0.1` asks from there. A client inside a VPC is
// answered from the most specific private zone associated with that VPC that
// holds the name; a name missing there does not exist, even if a public zone
// has it. Whose account the VPC or the zone is in plays no part. Everybody
// else, and a VPC's client asking for a name in none of its private zones, is
// answered from the public zones, where the longest matching zone wins and of
// several zones with one name the first that Backend lists.
//
// # Where clients are
//
// Geolocation, geoproximity, latency and IP-based answers depend on the EDNS
// client subnet, or on the source address when there is none. Unless
// Options.Locate is set, TestLocations says where an address is: the
// documentation prefixes, 10.N.0.0/16 and 127.N.0.0/16 stand for places, so
// that both `dig +subnet=10.12.0.0/16` and `dig -b 127.12.0.1` ask from
// Germany.
//
// # Wildcards
//
// "*.example.com" answers for every name below example.com, however deep, whose
// closest existing ancestor is example.com itself (RFC 4592). A name exists if
// it or one below it has a record set of any type. Route 53's guide says that
// the wildcard answers zenith, acme.zenith and pinnacle.acme.zenith "if there
// are no records that have those names", which is that.
//
// # DNSSEC
//
// A public zone with keys answers with signatures when the DO bit is set, made
// when they are needed: of the records a policy chose, of an alias under its
// own name, and of a wildcard's as such. Negative answers have NSEC records
// that cover just the name (RFC 4470). Route 53's guide documents another way
// ("DNSSEC proofs of nonexistence"): there, to a validator, every name exists.
// Options.CompactDenial answers so, except that NSEC records list the types
// there are rather than all that Route 53 supports.
//
// # Not served
//
// Zone transfers are refused. Zones without keys, and private ones, are not
// signed: DNSSEC types that are not stored as record sets are absent there.
package dnsserver
