// Package autoscalinggroup converges AutoScalingGroups: groups of EC2 Auto Scaling with their launch template, security
// group, scaling policies and what else belongs to them.
//
// A group is found by its name, which is declared, or derived from the object, and unique in an account and region. It is
// ours by its ownership tags: so it is found again after a crash, by a controller that has lost the status, and by a new
// cluster with the id of the old one.
//
// The frame is that of every kind (observe, desired, diff, apply, delete, status). Each subject has files of its own, with
// its part of each: settings.go and settingvalues.go (what UpdateAutoScalingGroup changes), tags.go, securitygroups.go,
// source.go (what instances are launched from), and so on. A subject plugs in by an entry in the lists observers, creators
// and those of subjects; it reads AWS only when it is declared, was managed before, or is needed, so that it costs nothing to a
// group without it. A subject that has to wait says so (observed.wait), and the others go on.
package autoscalinggroup
