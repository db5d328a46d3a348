// Command bench runs the controller under load and holds it to its budgets.
//
// It starts a control plane, a local AWS with AWS's own limits, and the manager as a process of its own, so that the
// memory measured is the manager's alone. Each row has a namespace, a zone, an AWS and a manager of its own. AWS calls
// are counted where they arrive, Kubernetes writes in the API server's audit log. docs/benchmarks.md tells what each
// row measures.
package main
