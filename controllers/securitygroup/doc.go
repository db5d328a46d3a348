// Package securitygroup keeps the EC2 security groups that kinds declare inline: one group for an object, marked as the
// object's by ownership tags, made before what uses it and deleted after the last network interface has let go.
//
//   - rules.go    rules as tuples in one normal form, from EC2 and from the spec
//   - references.go  what a rule names by reference
//   - inline.go   the group as an object declares it, and which one in EC2 is the object's
//   - group.go    how a group is found
//   - diff.go     what makes a group as declared; pure
//   - apply.go    the calls that do it
//   - delete.go   the end of a group, and what stands against it
//
// It writes nothing to the API server; the kinds put its changes into their own change lists.
package securitygroup
