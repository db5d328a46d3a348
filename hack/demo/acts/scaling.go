package acts

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/evenkeel/evenkeel/hack/demo/record"
	"github.com/evenkeel/evenkeel/hack/demo/scene"
	"github.com/evenkeel/evenkeel/hack/demo/stage"
)

// spreadOver is how long requests are counted to see how they are spread.
const spreadOver = 4 * time.Second

// grow: a second instance, in the other zone.
func grow() Act {
	return Act{
		Name:      "Two zones, round robin",
		Told:      "The group is to have two instances at least: one in each zone. Requests must go round robin over both.",
		NoticedBy: "a second instance was launched",
		Do: func(ctx context.Context, p *Play) error {
			return p.patch(ctx, groupRef, fmt.Sprintf(`{"spec":{"minSize":%d}}`, servers))
		},
		Noticed: func(_ context.Context, p *Play) error {
			if n := len(p.scene().Instances); n < servers {
				return fmt.Errorf("there is %s", plural(n, "instance"))
			}
			return nil
		},
		Healed:  all(atRest, ready(groupRef, balancerRef), bothAnswer),
		Outcome: spread,
		Bound:   func(*Play) record.Bound { return record.NoneFail("an instance gets requests once it is healthy") },
	}
}

// bothAnswer is the condition that every healthy instance has answered in the last second.
func bothAnswer(_ context.Context, p *Play) error {
	counts := p.sent(p.now() - time.Second).ByInstance()
	for _, is := range p.scene().In(scene.Healthy) {
		if counts[is.ID] == 0 {
			return fmt.Errorf("%s got no request", is.ID)
		}
	}
	return nil
}

// spread counts requests for a while and tells the shares.
func spread(ctx context.Context, p *Play) (string, error) {
	from := p.now()
	if !stage.Pause(ctx, spreadOver) {
		return "", context.Cause(ctx)
	}
	counts := p.sent(from).ByInstance()
	total := 0
	for _, n := range counts {
		total += n
	}
	var shares []string
	for _, id := range slices.Sorted(maps.Keys(counts)) {
		shares = append(shares, fmt.Sprintf("%.0f %%", 100*float64(counts[id])/float64(total)))
	}
	text := fmt.Sprintf("%s of %d requests each.", strings.Join(shares, " and "), total)
	if _, _, even := record.Spread(counts); !even || len(counts) != servers {
		return text, fmt.Errorf("the requests are not spread evenly over %s: %s", plural(servers, "instance"), text)
	}
	return text, nil
}

// loadRises: every instance is at 95 %.
func loadRises() Act {
	const busy = 95
	return Act{
		Name:      "Load rises to 95 %",
		Told:      "Work piles up until every instance's CPU is at 95 %. Target tracking (70 %) must scale out.",
		NoticedBy: "Auto Scaling launched an instance",
		Do: func(_ context.Context, p *Play) error {
			p.count = len(p.scene().Instances)
			p.work.Store(int64(busy * p.count))
			return nil
		},
		Noticed: func(_ context.Context, p *Play) error {
			if n := len(p.scene().Instances); n <= p.count {
				return fmt.Errorf("there are still %s", plural(n, "instance"))
			}
			return nil
		},
		Healed: all(func(_ context.Context, p *Play) error {
			serving := len(p.scene().In(scene.Healthy))
			if serving <= p.count || cpu(p.work.Load(), serving) > 70 {
				return fmt.Errorf("%s at %.0f %%", plural(serving, "instance"), cpu(p.work.Load(), serving))
			}
			return nil
		}, ready(groupRef), answering),
		Outcome: func(_ context.Context, p *Play) (string, error) {
			serving := len(p.scene().In(scene.Healthy))
			return fmt.Sprintf("From %d to %s: %.0f %% each.", p.count, plural(serving, "instance"), cpu(p.work.Load(), serving)), nil
		},
		Bound: func(*Play) record.Bound {
			return record.NoneFail("busy instances answer, new ones once they are healthy")
		},
	}
}

// loadFalls: the work is done.
func loadFalls() Act {
	return Act{
		Name:      "Load falls again",
		Told:      "The work is done; the load falls to where it was. Target tracking must scale in, draining first.",
		NoticedBy: "Auto Scaling took an instance out of rotation",
		Do: func(_ context.Context, p *Play) error {
			p.count = len(p.scene().In(scene.Healthy))
			p.work.Store(usualWork)
			return nil
		},
		Noticed: func(_ context.Context, p *Play) error {
			if n := len(p.scene().In(scene.Healthy)); n >= p.count {
				return fmt.Errorf("there are still %s", plural(n, "healthy instance"))
			}
			return nil
		},
		Healed: all(atRest, ready(groupRef), answering),
		Outcome: func(_ context.Context, p *Play) (string, error) {
			return fmt.Sprintf("From %d to %s.", p.count, plural(servers, "instance")), nil
		},
		Bound: func(*Play) record.Bound { return record.NoneFail("an instance is drained before it ends") },
	}
}
