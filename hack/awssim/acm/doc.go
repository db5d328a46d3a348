// Package acm simulates AWS Certificate Manager: certificates that are
// requested, validated by the CNAME records of the simulated public DNS, issued
// by a certificate authority of the simulated world, and imported.
package acm
