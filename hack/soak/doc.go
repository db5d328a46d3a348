// Command soak lets everything go wrong at once, at random, and then looks whether all is as declared.
//
// Objects of all four kinds are edited, deleted and applied again by a user; other hands edit and delete in AWS; calls to AWS
// are throttled, fail before and after they took effect, hang, lose their connection and answer from the past; instances
// die and zones fail; controllers are killed, stopped, frozen and replaced by their replica; the API server goes away. Then
// it is quiet, and everything must be Ready and as the manifests say in AWS, nothing orphaned, nothing foreign touched, nothing
// written any more; at last all is deleted, and AWS must be as it was before.
//
// The seed decides what is done in which order. Processes and networks have a time of their own, so the same seed plays
// the same deeds, and not always the same race.
package main
