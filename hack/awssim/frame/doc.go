// Package frame holds what all simulated AWS services share: the typed
// operation, the request it serves, AWS's errors, token buckets, paging, tags,
// accounts, and the clock on which simulated time runs. It knows no service.
package frame
