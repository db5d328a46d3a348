package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/evenkeel/evenkeel/hack/awssim"
)

// past are the parts of the simulator's state that tell of what was, and so grow with every run.
var past = []string{
	"services.route53.callerReferences", "services.route53.changes", "services.autoscaling.activitiesOfDeletedGroups",
	"services.elasticloadbalancing.lastAddress", "services.acm.authority", "services.sts", "services.ec2.failedZones",
}

const instances = "services.ec2.instances."

// stateOf is all that is in AWS now, by paths. Of instances, AWS shows terminated ones for a while.
func stateOf(sim *awssim.Server) (map[string]any, error) {
	raw, err := sim.StateJSON()
	if err != nil {
		return nil, err
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		return nil, fmt.Errorf("reading the state of AWS: %w", err)
	}
	leaves := map[string]any{}
	flatten("", tree, leaves)
	history := slices.Clone(past)
	for path, value := range leaves {
		if id, ok := strings.CutSuffix(strings.TrimPrefix(path, instances), ".is.State.Name"); ok && value == "terminated" {
			history = append(history, instances+id, "services.ec2.tags."+id)
		}
	}
	maps.DeleteFunc(leaves, func(path string, _ any) bool {
		return strings.HasSuffix(path, ".busyUntil") ||
			slices.ContainsFunc(history, func(part string) bool { return path == part || strings.HasPrefix(path, part+".") })
	})
	return leaves, nil
}

// flatten notes the leaves of a tree by their paths. What is empty is not there.
func flatten(path string, tree any, leaves map[string]any) {
	switch node := tree.(type) {
	case map[string]any:
		for name, child := range node {
			flatten(strings.TrimPrefix(path+"."+name, "."), child, leaves)
		}
	case []any:
		for i, child := range node {
			flatten(fmt.Sprint(path, ".", i), child, leaves)
		}
	case nil:
	default:
		leaves[path] = tree
	}
}

// certificatesIn counts the certificates of ACM, which lets nobody list them more often than once a second.
func certificatesIn(state map[string]any) int {
	found := map[string]bool{}
	for path := range state {
		if rest, ok := strings.CutPrefix(path, "services.acm.certificates."); ok {
			arn, _, _ := strings.Cut(rest, ".")
			found[arn] = true
		}
	}
	return len(found)
}

// judgeState compares all of AWS with how it was before anything was applied: nothing is left of ours, in no service, and
// nothing that is somebody else's was touched.
func (v *verdict) judgeState() error {
	now, err := stateOf(v.sim)
	if err != nil {
		return err
	}
	const shown = 20
	var differing []string
	for path, value := range now {
		if v.pristine[path] != value {
			differing = append(differing, fmt.Sprintf("%s is %v and was %v", path, value, v.pristine[path]))
		}
	}
	for path, value := range v.pristine {
		if _, there := now[path]; !there {
			differing = append(differing, fmt.Sprintf("%s was %v and is gone", path, value))
		}
	}
	slices.Sort(differing)
	if len(differing) > 0 {
		v.complain("the state of AWS differs from before in %d values:\n    %s", len(differing), strings.Join(differing[:min(shown, len(differing))], "\n    "))
	}
	return nil
}
