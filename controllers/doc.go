// Package controllers wires the reconcilers of all kinds into a manager.
//
// The map:
//
//   - lifecycle: the loop all kinds share — finalizer, change list, plan and observe modes, conditions, events, and
//     every write to the API server. It knows no AWS.
//   - awsclient: SDK clients, request budgets, error classes, ownership tags, batched reads, metrics. It knows no
//     Kubernetes.
//   - judge: what AWS's answers mean for an object; beside awsclient and lifecycle, the one that knows both.
//   - hostedzone, recordset, loadbalancer, autoscalinggroup: the kinds. Each observes AWS (observe.go), says what is wanted (desired.go), compares
//     (diff.go), acts (apply.go, delete.go) and reports (status.go); controller.go holds watches, indexes and RBAC.
//     Kinds never import each other: what one needs of another it reads from that object's status.
//   - securitygroup: the security group that a kind declares inline; it is no kind, and the kinds share it.
//   - healthcheck: the health checks declared inline in RecordSets, beside the zone machinery that puts them on records.
//   - internal/argohealth: runs Argo CD's health checks (config/argocd) as Argo CD does, for tests.
//   - internal/testenv: one control plane and one simulated AWS for all stories in this folder's tests.
//   - internal/simulated: a simulated AWS and a store for specs that reconcile one object by direct call.
//
// docs/architecture.md tells how a change flows through them.
package controllers
