// Package sandbox is a world for random sequences: a simulated AWS and an API server in memory, both on one clock that is
// stepped by hand. Controllers in it are turned by hand too, and can be killed at any call and at any write. Nothing in
// it waits, so that hundreds of sequences fit into a minute, and a seed plays a sequence again.
package sandbox
