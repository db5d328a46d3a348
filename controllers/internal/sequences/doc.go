// Package sequences plays random sequences over all that Route 53 holds: zones and records live in one world, are
// created and deleted under each other, edited by users and by others, while calls fail and controllers die.
//
//	world_test.go    the controllers of a life, and a turn of all of them
//	player_test.go   what happens: users' and others' deeds, faults, deaths
//	foreign_test.go  what others do in Route 53, and the books on it
//	verdict_test.go  AWS compared with the manifests, by rules of its own
package sequences
