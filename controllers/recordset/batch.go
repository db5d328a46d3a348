package recordset

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// Limits of one ChangeResourceRecordSets request (quotas page of the Route 53 guide). UPSERT counts twice in both.
const (
	maxBatchValues     = 1000
	maxBatchCharacters = 32000
)

// targetBatchValues is how many values a batch of several units has at most. It is below Route 53's limit so that a
// refused batch and its repair both fit in what the account may change at once (1,500 values), and so that the next
// batch's intents are written while this one is under way.
const targetBatchValues = 400

// unit is a set of decisions whose changes must be made in one batch: Route 53 allows no moment in which, say, a CNAME
// and an A record share a name, so everything that happens to one name happens at once.
type unit []*decision

func (u unit) changes() []change {
	var changes []change
	for _, dec := range u {
		changes = append(changes, dec.changes...)
	}
	// What goes makes room for what comes; and an alias goes before its target does.
	slices.SortStableFunc(changes, func(a, b change) int { return order(a) - order(b) })
	return changes
}

func order(c change) int {
	switch {
	case c.action == types.ChangeActionDelete && c.record.AliasTarget != nil:
		return 0
	case c.action == types.ChangeActionDelete:
		return 1
	default:
		return 2
	}
}

// weight is what a unit counts against the limits of a batch.
func (u unit) weight() (values, characters int) {
	for _, c := range u.changes() {
		times := 1
		if c.action == types.ChangeActionUpsert {
			times = 2
		}
		values += times * valueCount(c.record)
		characters += times * valueLength(c.record)
	}
	return values, characters
}

// units groups decisions with changes by the names that they touch.
func units(decisions []*decision) []unit {
	leader := map[string]int{}
	var groups []unit
	for _, dec := range decisions {
		target := -1
		for _, c := range dec.changes {
			group, seen := leader[c.key.name]
			switch {
			case !seen:
			case target < 0:
				target = group
			case group != target:
				groups[target] = append(groups[target], groups[group]...)
				groups[group] = nil
				for name, g := range leader {
					if g == group {
						leader[name] = target
					}
				}
			}
		}
		if len(dec.changes) == 0 {
			continue
		}
		if target < 0 {
			target = len(groups)
			groups = append(groups, nil)
		}
		groups[target] = append(groups[target], dec)
		for _, c := range dec.changes {
			leader[c.key.name] = target
		}
	}
	var fitting []unit
	for _, u := range groups {
		fitting = append(fitting, u.fit()...)
	}
	return fitting
}

// fit returns the unit itself, or its decisions one by one when together they exceed what one request holds.
func (u unit) fit() []unit {
	if values, characters := u.weight(); len(u) < 2 || values <= maxBatchValues && characters <= maxBatchCharacters {
		return []unit{u}[:min(1, len(u))]
	}
	return u.single()
}

// single returns the decisions of the unit one by one.
func (u unit) single() []unit {
	singles := make([]unit, len(u))
	for i, dec := range u {
		singles[i] = unit{dec}
	}
	return singles
}

// firstBatch takes as many units from the front as are sent at once, at least one; limit, when not 0, bounds their number.
func firstBatch(all []unit, limit int) []unit {
	values, characters := 0, 0
	for i, u := range all {
		v, c := u.weight()
		values, characters = values+v, characters+c
		if i > 0 && (values > targetBatchValues || characters > maxBatchCharacters || i == limit) {
			return all[:i]
		}
	}
	return all
}

// changesOfUnits returns the changes of a batch in the order in which they are sent.
func changesOfUnits(batch []unit) []change {
	var deletes, others []change
	for _, u := range batch {
		for _, c := range u.changes() {
			if c.action == types.ChangeActionDelete {
				deletes = append(deletes, c)
			} else {
				others = append(others, c)
			}
		}
	}
	slices.SortStableFunc(deletes, func(a, b change) int { return order(a) - order(b) })
	return append(deletes, others...)
}

// blame is what the messages of a refused batch say about one of its units.
type blame struct {
	messages []string
	// certain is set when a message speaks of this unit and no other.
	certain bool
}

// suspects returns the units, by index, that the messages of a refused batch speak of. A message names the record or its
// health check, or quotes the value that is wrong.
func suspects(batch []unit, messages []string) map[int]*blame {
	blamed := map[int]*blame{}
	for _, message := range messages {
		lower := strings.ToLower(message)
		var hit []int
		for i, u := range batch {
			if slices.ContainsFunc(u.changes(), func(c change) bool { return blames(message, lower, c) }) {
				hit = append(hit, i)
			}
		}
		for _, i := range hit {
			if blamed[i] == nil {
				blamed[i] = &blame{}
			}
			blamed[i].messages = append(blamed[i].messages, message)
			blamed[i].certain = blamed[i].certain || len(hit) == 1
		}
	}
	return blamed
}

// blames reports whether a message speaks of a change. Messages spell names as sent or as stored, with or without
// quotes around them.
func blames(message, lower string, c change) bool {
	names := []string{c.key.name, readableName(c.key.name)}
	if c.record.AliasTarget != nil {
		names = append(names, canonicalName(aws.ToString(c.record.AliasTarget.DNSName)))
	}
	for _, name := range names {
		for _, delimiters := range []string{"''", "  ", " ,", "[]"} {
			if strings.Contains(lower, delimiters[:1]+name+delimiters[1:]) {
				return true
			}
		}
	}
	if id := aws.ToString(c.record.HealthCheckId); id != "" && strings.Contains(message, id) {
		return true
	}
	return slices.ContainsFunc(c.record.ResourceRecords, func(value types.ResourceRecord) bool {
		return strings.Contains(message, "'"+aws.ToString(value.Value)+"'")
	})
}
