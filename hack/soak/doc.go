// Command soak lets everything go wrong at once, at random, and then looks whether all is as declared.
//
// Objects of all four kinds are edited, deleted and applied again by a user; other hands edit and delete in AWS; calls to AWS
// are throttled, fail before and after they took effect, hang, lose their connection and answer from the past; instances
// die, stop and fail, and so do zones; controllers are killed, stopped, frozen and replaced by their replica; the API server
// goes away. In the last third the controllers are spared, so that one gets old enough to show whether it grows. Then it is
// quiet, and everything must be Ready and as the manifests say in AWS, nothing orphaned, nothing foreign touched, nothing
// written any more; at last all is deleted at once, and the simulator's whole state must be as it was before. No manager
// may have panicked, not even where the framework lives on.
//
// The seed decides on each deed: its kind, whom it concerns, how long until the next. What a deed meets it cannot decide:
// processes and networks have a time of their own, so that the same seed plays the same deeds and not always the same race.
package main
