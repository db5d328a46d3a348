// Package hostedzone converges HostedZones: public and private Route 53 zones.
//
// A zone's name proves nothing, since Route 53 allows several zones of one name. A zone is ours by the id in the
// status, by the caller reference it was created with (derived from the object's UID), or by its ownership tags.
package hostedzone
