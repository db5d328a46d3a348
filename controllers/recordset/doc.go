// Package recordset converges RecordSets, a hosted zone at a time.
//
// Route 53 takes one change at a time for each zone and up to 1,000 values in it, so the zone is the unit of work: all
// RecordSets of a zone are compared with one listing of its records (observe.go, diff.go) and all differences go out
// in the fewest batches that the limits allow (batch.go, apply.go). A record is claimed, in finalizer and status, before
// the call that creates it (status.go). docs/architecture.md tells the whole story.
package recordset
