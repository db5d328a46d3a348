// Package healthcheck keeps the Route 53 health checks that RecordSets declare inline (spec.healthCheck), and tells how
// they, and those that RecordSets name (spec.healthCheckID), fare.
//
// Of a RecordSet it writes status.healthCheck and the condition Healthy, and nothing else: the record itself, and with
// it Ready, is the zone machinery's (package recordset). The two talk through the status. A check that is as declared
// is put there with its id and the generation; the record then uses it and says so in status.usedHealthCheckID and
// Propagated; what the record has stopped using, and is listed in status.healthCheck.previous, is deleted.
//
// A check is ours by the id in the status, by the caller reference that was written there before it was created, or,
// for an object that has neither yet, by its ownership tags.
package healthcheck
