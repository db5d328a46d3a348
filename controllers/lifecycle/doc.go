// Package lifecycle is the loop that all kinds share: finalizer, change list, plan and observe modes, conditions,
// events, and every write to the API server.
//
// It knows no AWS. A kind brings how to observe, compare and apply (Kind); lifecycle decides when, writes the status
// in one patch a turn, and none when nothing changed. Kinds whose unit of work is larger than one object (RecordSets,
// which are compared a zone at a time) use the same parts: Writer, Outcome, Summarize and EventsFor.
package lifecycle
