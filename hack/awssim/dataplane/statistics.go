package dataplane

import (
	"cmp"
	"maps"
	"slices"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// counters count since the load balancer, group or target came to be.
type counters struct {
	// connections and requests are all that began, open those under way:
	// connections of a load balancer, requests and flows of a target.
	connections, requests, failures, open atomic.Int64
	// codes are answers by the first digit of their status, own those that
	// the load balancer gave itself.
	codes, own [6]atomic.Int64
}

func (c *counters) begin() {
	c.requests.Add(1)
	c.open.Add(1)
}

func (c *counters) end(failed bool) {
	c.open.Add(-1)
	if failed {
		c.failures.Add(1)
	}
}

func (c *counters) code(status int) { c.codes[classOf(status)].Add(1) }

func classOf(status int) int {
	if status < 100 || status > 599 {
		return 0
	}
	return status / 100
}

func classes(counts *[6]atomic.Int64) map[string]int64 {
	shown := map[string]int64{}
	for i := range counts {
		if n := counts[i].Load(); n > 0 && i > 0 {
			shown[string(rune('0'+i))+"xx"] = n
		}
	}
	return shown
}

// Statistics are counted since the load balancer was first active, or since
// the target was registered.
type Statistics struct {
	// Requests counts HTTP requests, TCP connections and UDP flows; Failures
	// those that no target answered: 502, 503 and 504 of the load balancer's
	// own, and flows without a connection to a target.
	Requests int64 `json:"requests"`
	Failures int64 `json:"failures"`
	// Codes counts the answers of targets by class: "2xx".
	Codes map[string]int64 `json:"codes"`
}

func (c *counters) show() Statistics {
	return Statistics{Requests: c.requests.Load(), Failures: c.failures.Load(), Codes: classes(&c.codes)}
}

// BalancerStatistics are those of a load balancer.
type BalancerStatistics struct {
	ARN               string                      `json:"arn"`
	Name              string                      `json:"name"`
	Type              types.LoadBalancerTypeEnum  `json:"type"`
	State             types.LoadBalancerStateEnum `json:"state"`
	NewConnections    int64                       `json:"newConnections"`
	ActiveConnections int64                       `json:"activeConnections"`
	Statistics
	// OwnCodes counts the answers that the load balancer gave itself, fixed
	// responses and redirections included.
	OwnCodes     map[string]int64        `json:"ownCodes"`
	TargetGroups []TargetGroupStatistics `json:"targetGroups"`
}

// TargetGroupStatistics are those of a target group, whichever load balancers use it.
type TargetGroupStatistics struct {
	ARN  string `json:"arn"`
	Name string `json:"name"`
	Statistics
	Targets []TargetStatistics `json:"targets"`
}

// TargetStatistics are those of a target.
type TargetStatistics struct {
	ID    string                      `json:"id"`
	Port  int32                       `json:"port"`
	Zone  string                      `json:"zone"`
	State types.TargetHealthStateEnum `json:"state"`
	// InFlight counts the requests and flows that are under way.
	InFlight int64 `json:"inFlight"`
	Statistics
}

// Statistics counts what was forwarded, by load balancer; each shows the
// target groups that use it.
func (p *Plane) Statistics() []BalancerStatistics {
	p.mu.RLock()
	defer p.mu.RUnlock()
	groups := map[string][]TargetGroupStatistics{}
	for _, arn := range slices.Sorted(maps.Keys(p.pools)) {
		shown, users := p.pools[arn].show()
		for _, user := range users {
			groups[user] = append(groups[user], shown)
		}
	}
	shown := []BalancerStatistics{}
	for arn, b := range p.balancers {
		shown = append(shown, BalancerStatistics{
			ARN: arn, Name: b.view.Name, Type: b.view.Type, State: b.view.State,
			NewConnections: b.counters.connections.Load(), ActiveConnections: b.counters.open.Load(),
			Statistics: b.counters.show(), OwnCodes: classes(&b.counters.own),
			TargetGroups: append([]TargetGroupStatistics{}, groups[arn]...),
		})
	}
	slices.SortFunc(shown, func(a, b BalancerStatistics) int { return cmp.Compare(a.ARN, b.ARN) })
	return shown
}

// show also tells the load balancers that use the group.
func (g *pool) show() (shown TargetGroupStatistics, users []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	shown = TargetGroupStatistics{ARN: g.arn, Statistics: g.counters.show(), Targets: []TargetStatistics{}}
	if g.view.TargetGroupName != nil {
		shown.Name = *g.view.TargetGroupName
	}
	for _, t := range g.targets {
		shown.Targets = append(shown.Targets, TargetStatistics{
			ID: t.view.ID, Port: t.view.Port, Zone: t.view.Zone, State: t.view.State,
			InFlight: t.counters.open.Load(), Statistics: t.counters.show(),
		})
	}
	return shown, g.view.LoadBalancerArns
}
