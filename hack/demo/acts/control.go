package acts

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/evenkeel/evenkeel/hack/demo/record"
	"github.com/evenkeel/evenkeel/hack/demo/stage"
	"github.com/evenkeel/evenkeel/hack/demo/traffic"
)

const (
	// apiManifest is a new name, apiTarget what it leads to.
	apiManifest = `{"apiVersion":"aws.evenkeel.io/v1alpha1","kind":"RecordSet","metadata":{"name":"api"},` +
		`"spec":{"hostedZoneRef":{"name":"mywebsite"},"name":"api","type":"CNAME","ttl":300,"resourceRecords":["%s"]}}`
	apiName   = "api.mywebsite.com"
	apiTarget = "mywebsite.com"
	apiPort   = 8080
	// absence is how long the controller is away, throttling how long Route 53 refuses every call.
	absence    = time.Second
	throttling = 4 * time.Second
	// mostTries is how many calls a throttled controller may try in that time.
	mostTries = 12
)

// controllerDies: the controller is killed while its first call of a change is under way, and started again.
func controllerDies() Act {
	return Act{
		Name: "The controller dies",
		Told: "A change of three kinds is applied (two listeners, a name, a larger group). While AWS works on the first " +
			"listener, the controller is killed; another is started.",
		NoticedBy: "the new controller is up",
		Do: func(ctx context.Context, p *Play) error {
			before, err := p.Stage.AWS.Meter(ctx)
			if err != nil {
				return err
			}
			if err := p.Stage.AWS.Slow(ctx, "elasticloadbalancing", firstCall, absence); err != nil {
				return err
			}
			if err := p.applyMore(ctx); err != nil {
				return err
			}
			if err := p.awaitCall(ctx, before, "elasticloadbalancing/"+firstCall); err != nil {
				return err
			}
			if err := p.Stage.KillController(); err != nil {
				return err
			}
			p.Struck = p.now()
			if !stage.Pause(ctx, absence) {
				return context.Cause(ctx)
			}
			return errors.Join(p.Stage.AWS.StopFaults(ctx), p.Stage.StartController(ctx))
		},
		Noticed: func(context.Context, *Play) error { return nil },
		Healed:  all(ready(), ready(apiRef), answering, apiAnswers),
		Outcome: func(ctx context.Context, p *Play) (string, error) {
			return "The other one finished the change: nothing twice, nothing forgotten.", p.nothingTwice(ctx)
		},
		Bound: func(*Play) record.Bound {
			return record.NoneFail("the controller is not in the way of requests")
		},
	}
}

// firstCall is what the controller is killed in.
const firstCall = "CreateListener"

// applyMore applies a change of three kinds.
func (p *Play) applyMore(ctx context.Context) error {
	const listener = `{"port":%d,"protocol":"TCP","defaultActions":[{"forward":{"targetGroups":[{"name":"http"}]}}]}`
	var listeners []string
	for _, port := range []int{80, apiPort, apiPort + 1} {
		listeners = append(listeners, fmt.Sprintf(listener, port))
	}
	return errors.Join(
		p.applyAPI(ctx, apiTarget),
		p.patch(ctx, balancerRef, `{"spec":{"listeners":[`+strings.Join(listeners, ",")+`]}}`),
		p.patch(ctx, groupRef, `{"spec":{"maxSize":6}}`))
}

// apiAnswers is the condition that what was applied is there: the name, and the listener.
func apiAnswers(ctx context.Context, p *Play) error {
	addresses, err := p.lookUp(ctx, apiName)
	if err != nil {
		return err
	}
	bound := p.Watcher.Bound(net.JoinHostPort(addresses[0], strconv.Itoa(apiPort)))
	connection, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp", bound)
	if err != nil {
		return fmt.Errorf("port %d of %s: %w", apiPort, apiName, err)
	}
	return connection.Close()
}

// awaitCall returns once an operation of AWS was called.
func (p *Play) awaitCall(ctx context.Context, before stage.Calls, operation string) error {
	const most, every = 10 * time.Second, 5 * time.Millisecond
	for until := time.Now().Add(most); time.Now().Before(until); {
		now, err := p.Stage.AWS.Meter(ctx)
		if err != nil {
			return err
		}
		if now[operation] > before[operation] {
			return nil
		}
		if !stage.Pause(ctx, every) {
			return context.Cause(ctx)
		}
	}
	return fmt.Errorf("the controller did not call %s within %s", operation, most)
}

// nothingTwice checks that AWS has one of each thing.
func (p *Play) nothingTwice(ctx context.Context) error {
	now, err := p.Stage.AWS.Resources(ctx)
	if err != nil {
		return err
	}
	counts := map[string]int{}
	for _, name := range stage.Left(p.Before, now) {
		for _, kind := range []string{"hosted zone", "load balancer", "target group", "Auto Scaling group", "launch template"} {
			if strings.HasPrefix(name, kind+" ") {
				counts[kind]++
			}
		}
	}
	for kind, n := range counts {
		if n != 1 {
			return fmt.Errorf("AWS has %d of what should be one %s: %s", n, kind, strings.Join(now, ", "))
		}
	}
	return nil
}

// route53Throttles: for a while Route 53 refuses every call.
func route53Throttles() Act {
	const next = "www.mywebsite.com"
	return Act{
		Name:      "Route 53 throttles",
		Told:      fmt.Sprintf("For %s Route 53 refuses every call with Throttling, while the record api is changed.", throttling),
		NoticedBy: "the record tells that its change is not confirmed",
		Do: func(ctx context.Context, p *Play) error {
			return errors.Join(p.countRoute53(ctx), p.Stage.AWS.Throttle(ctx, "route53"), p.applyAPI(ctx, next))
		},
		Noticed: func(_ context.Context, p *Play) error {
			if o, _ := p.scene().Object(apiRef); o.Ready != "False" {
				return errors.New(o.Line())
			}
			return nil
		},
		Then: func(ctx context.Context, p *Play) error {
			if !stage.Pause(ctx, throttling-(p.now()-p.Struck)) {
				return context.Cause(ctx)
			}
			return errors.Join(p.countRoute53(ctx), p.Stage.AWS.StopFaults(ctx))
		},
		Healed: all(ready(), answering, func(ctx context.Context, p *Play) error {
			_, err := p.lookUp(ctx, apiName)
			return err
		}),
		Outcome: func(_ context.Context, p *Play) (string, error) {
			text := fmt.Sprintf("It tried %s in %s, waiting longer each time, and then the change went out.", plural(p.count, "time"), throttling)
			if p.count > mostTries {
				return text, fmt.Errorf("it answered throttling with %d calls in %s; %d would do", p.count, throttling, mostTries)
			}
			return text, nil
		},
		Bound: func(*Play) record.Bound { return record.NoneFail("name servers answer, whatever the API does") },
	}
}

// countRoute53 counts the calls of Route 53 since it was last called.
func (p *Play) countRoute53(ctx context.Context) error {
	now, err := p.Stage.AWS.Meter(ctx)
	if err != nil {
		return err
	}
	sum := now.ByService()["route53"]
	p.count, p.calls = sum-p.calls, sum
	return nil
}

// applyAPI applies the name api, which leads to a target.
func (p *Play) applyAPI(ctx context.Context, target string) error {
	_, err := p.Stage.Cluster.Apply(ctx, fmt.Sprintf(apiManifest, target))
	return err
}

// lookUp asks for a name's addresses as somebody who has never asked before.
func (w *World) lookUp(ctx context.Context, name string) ([]string, error) {
	fresh := traffic.Resolver{Server: w.Stage.AWS.DNS, Faster: 1}
	addresses, err := fresh.Addresses(ctx, name, time.Now())
	if err != nil {
		return nil, fmt.Errorf("looking up %s: %w", name, err)
	}
	return addresses, nil
}
