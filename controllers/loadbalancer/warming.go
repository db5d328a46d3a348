package loadbalancer

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// warmingPrefix begins the names of rules that only put a new target group to use, so that AWS checks its targets. No
// name in a spec has a slash.
const warmingPrefix = "warming/"

// addWarmingRules adds to the first listener a rule for each new group that no forward has room for. The path that
// they are for is derived from the group's name in AWS, so that no request meets it by accident.
func (k *Kind) addWarmingRules(obj *v1alpha1.LoadBalancer, o *observed, d *desiredListener, l *listener, r routing) {
	if len(r.warming) == 0 || d.port != obj.Spec.Listeners[0].Port {
		return
	}
	used := map[int32]bool{}
	for _, have := range slices.Concat(l.rules, l.foreignRules, d.rules) {
		used[have.priority] = true
	}
	for _, name := range r.warming {
		group := k.desiredTargetGroup(obj, o, declaredGroup(obj, name))
		warming := &rule{
			name:       warmingPrefix + name,
			priority:   maxPriority,
			conditions: []types.RuleCondition{{Field: aws.String(fieldPathPattern), PathPatternConfig: &types.PathPatternConditionConfig{Values: []string{"/.evenkeel/" + group.awsName}}}},
			actions:    []types.Action{{Type: types.ActionTypeEnumForward, TargetGroupArn: aws.String(r.routes[name].next)}},
			tags:       k.ownTags(obj, nil),
		}
		warming.tags[tagRule] = warming.name
		if i := slices.IndexFunc(l.rules, func(have *rule) bool { return have.name == warming.name }); i >= 0 {
			warming.priority = l.rules[i].priority
		} else {
			for used[warming.priority] {
				warming.priority--
			}
		}
		used[warming.priority] = true
		d.rules = append(d.rules, warming)
	}
}
