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
//	index.go     zones by name and VPC; names, wildcards and cuts in a zone
//	policy.go    routing policies: which record sets of a name and type answer
//	health.go    which of them are healthy
//	alias.go     what an alias stands for
//	record.go    Route 53's value syntax to DNS records
//
// Everything Route 53 knows and this server cannot know (health checks, load
// balancers, where a client is, CIDR collections, VPCs) comes in through the
// functions of Options.
//
// # Views
//
// Options.VPC maps a client's source address to a VPC. A client inside a VPC
// is answered from the most specific private zone associated with that VPC
// that holds the name; a name missing there does not exist, even if a public
// zone has it. Everybody else, and a VPC's client asking for a name in none of
// its private zones, is answered from the public zones, where the longest
// matching zone wins and of several zones with one name the first that Backend
// lists.
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
// # Not served
//
// Zone transfers are refused, and nothing is signed: DNSSEC types that are not
// stored as record sets are answered as absent.
package dnsserver
