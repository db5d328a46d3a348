package acts

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/evenkeel/evenkeel/hack/demo/record"
	"github.com/evenkeel/evenkeel/hack/demo/scene"
)

// servers is how many instances the application has at rest: one in each of its two zones.
const servers = 2

// instanceDies: the server on an instance answers 503 from now on.
func instanceDies() Act {
	return Act{
		Name:      "An instance dies",
		Told:      "The server on one instance starts to answer every request with 503. The health check must see it.",
		NoticedBy: "the load balancer took the instance out of rotation",
		Do: func(ctx context.Context, p *Play) error {
			serving := p.scene().In(scene.Healthy)
			if len(serving) == 0 {
				return errors.New("no instance is healthy")
			}
			p.strike(serving[:1])
			return p.Stage.AWS.Break(ctx, serving[0].ID, http.StatusServiceUnavailable)
		},
		Noticed: outOfRotation,
		Healed:  all(gone, atRest, ready(groupRef, balancerRef), answering),
		Outcome: func(_ context.Context, p *Play) (string, error) {
			return fmt.Sprintf("%s was taken out and terminated; Auto Scaling launched another.", p.victims[0]), nil
		},
		Bound: func(p *Play) record.Bound {
			return p.shareUntilOut("the dead instance's share, until two failed health checks took it out of rotation")
		},
	}
}

// zoneFails: no instance of a zone answers, and none can be launched there.
func zoneFails() Act {
	return Act{
		Name:      "A zone fails",
		Told:      "A whole availability zone goes dark: its instances do not answer, and none can be launched in it.",
		NoticedBy: "the load balancer took the zone's instances out of rotation",
		Do: func(ctx context.Context, p *Play) error {
			serving := p.scene().In(scene.Healthy)
			if len(serving) == 0 {
				return errors.New("no instance is healthy")
			}
			p.zone = serving[0].Zone
			p.strike(slices.DeleteFunc(serving, func(i scene.Instance) bool { return i.Zone != p.zone }))
			p.Lost = p.zone
			return p.Stage.AWS.FailZone(ctx, p.zone)
		},
		Noticed: outOfRotation,
		Healed:  all(gone, elsewhere, ready(groupRef), answering),
		Outcome: func(_ context.Context, p *Play) (string, error) {
			return fmt.Sprintf("%s is out; its share is served from the other zone, by %s.", p.zone, plural(servers, "instance")), nil
		},
		Bound: func(p *Play) record.Bound {
			return p.shareUntilOut("the lost zone's share, until two failed health checks took it out of DNS")
		},
	}
}

// zoneReturns: the zone of the act before is back, and instances are spread again.
func zoneReturns() Act {
	return Act{
		Name:      "The zone returns",
		Told:      "The zone is back. Auto Scaling spreads the instances over both zones again.",
		NoticedBy: "an instance was launched in the zone",
		Do:        func(ctx context.Context, p *Play) error { return p.Stage.AWS.HealZone(ctx, p.Lost) },
		Noticed: func(_ context.Context, p *Play) error {
			if scene.ByZone(p.scene().Instances)[p.Lost] == 0 {
				return fmt.Errorf("there is no instance in %s", p.Lost)
			}
			return nil
		},
		Healed: all(atRest, func(_ context.Context, p *Play) error {
			if zones := scene.ByZone(p.scene().In(scene.Healthy)); len(zones) != servers {
				return fmt.Errorf("the instances are in %s", plural(len(zones), "zone"))
			}
			return nil
		}, ready(groupRef), answering),
		Outcome: func(context.Context, *Play) (string, error) { return "One instance in each zone again.", nil },
		Bound: func(*Play) record.Bound {
			return record.NoneFail("the new instance serves before the old one is drained")
		},
	}
}

// strike remembers who is hit, and what part of the requests is theirs: that of late or, where others served then that
// do not any more, that of their number.
func (p *Play) strike(victims []scene.Instance) {
	for _, victim := range victims {
		p.victims = append(p.victims, victim.ID)
	}
	healthy := max(1, len(p.scene().In(scene.Healthy)))
	p.share = max(p.shareOf(p.victims), min(1, float64(len(victims))/float64(healthy)))
}

// outOfRotation is the condition that no victim is healthy for the load balancer.
func outOfRotation(_ context.Context, p *Play) error {
	for _, is := range p.scene().In(scene.Healthy) {
		if slices.Contains(p.victims, is.ID) {
			return fmt.Errorf("%s still gets requests", is.ID)
		}
	}
	return nil
}

// gone is the condition that no victim exists any more.
func gone(_ context.Context, p *Play) error {
	for _, id := range p.victims {
		if is, there := p.scene().Instance(id); there {
			return fmt.Errorf("%s still exists, %s", id, is.State)
		}
	}
	return nil
}

// elsewhere is the condition that all instances serve from other zones than the one that failed.
func elsewhere(_ context.Context, p *Play) error {
	serving := p.scene().In(scene.Healthy)
	if zones := scene.ByZone(serving); len(serving) < servers || zones[p.zone] > 0 {
		return fmt.Errorf("%s serve, %d of them in %s", plural(len(serving), "instance"), zones[p.zone], p.zone)
	}
	return nil
}

// shareUntilOut bounds failures by the victims' share of what was sent until they were out of rotation, and for a TTL
// more, in which resolvers know the address of a zone in which none serves, unless all had healed before.
func (p *Play) shareUntilOut(why string) record.Bound {
	until := p.now()
	if p.Healed > 0 {
		until = min(p.Noticed+balancerTTL, p.Healed)
	}
	return record.ShareFails(len(p.Recorder.Between(p.Struck, until)), p.share, why+", and the load balancer's DNS TTL more")
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
