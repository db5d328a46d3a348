package acts

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/evenkeel/evenkeel/hack/demo/record"
	"github.com/evenkeel/evenkeel/hack/demo/stage"
)

// sabotage: somebody changes AWS behind the controller's back.
func sabotage() Act {
	changed := []string{wwwRef, balancerRef, groupRef}
	return Act{
		Name: "Somebody meddles",
		Told: "Behind the controller's back, somebody deletes the record www, moves the listener from port 80 to 81, and " +
			"detaches the target group from the Auto Scaling group.",
		NoticedBy: "an event DriftRepaired",
		Do: func(ctx context.Context, p *Play) error {
			meddler := newMeddler(p.Stage.AWS.Config())
			return errors.Join(meddler.deleteRecord(ctx, "www.mywebsite.com.", "CNAME"),
				meddler.moveListener(ctx, 80, 81), meddler.detach(ctx))
		},
		Noticed: func(ctx context.Context, p *Play) error {
			for _, ref := range changed {
				if told("DriftRepaired", ref)(ctx, p) == nil {
					return nil
				}
			}
			return errNotYet
		},
		Healed: all(told("DriftRepaired", changed...), ready(), atRest, answering, recordServed),
		Outcome: func(_ context.Context, p *Play) (string, error) {
			since := p.Recorder.Recording(time.Now()).Began.Add(p.Struck)
			var texts []string
			for _, ref := range changed {
				if e, found := p.event("DriftRepaired", ref, since); found {
					texts = append(texts, ref+": "+e.Detail)
				}
			}
			return strings.Join(texts, " "), nil
		},
		Bound: func(p *Play) record.Bound {
			until := p.Healed
			if until == 0 {
				until = p.now()
			}
			return record.AllFail(len(p.Recorder.Between(p.Struck, until)),
				"without its listener or its targets nothing answers, until the next comparison with AWS repairs them")
		},
	}
}

// recordServed is the condition that DNS answers for www again, asked anew.
func recordServed(ctx context.Context, p *Play) error {
	_, err := p.lookUp(ctx, "www.mywebsite.com")
	return err
}

// deletion: the application is deleted.
func deletion() Act {
	return Act{
		Name:      "The application is deleted",
		Told:      "kubectl delete -f, everything at once; the visitors have left. Nothing must be left in AWS.",
		NoticedBy: "the first object is gone or says that it is being deleted",
		Do: func(ctx context.Context, p *Play) error {
			p.StopTraffic()
			p.Struck = p.now()
			_, err := p.Stage.Cluster.Kubectl(ctx, "delete", "--wait=false", "-f", p.Manifests)
			_, apiErr := p.Stage.Cluster.Kubectl(ctx, "delete", "--wait=false", "--ignore-not-found", apiRef)
			return errors.Join(err, apiErr)
		},
		Noticed: func(_ context.Context, p *Play) error {
			seen := p.scene()
			for _, o := range seen.Objects {
				if o.Deleting {
					return nil
				}
			}
			if len(seen.Objects) < len(p.Objects) {
				return nil
			}
			return errNotYet
		},
		Healed: func(ctx context.Context, p *Play) error {
			if seen := p.scene(); len(seen.Objects) > 0 {
				return fmt.Errorf("%s", seen.Objects[0].Line())
			}
			if err := p.Stage.Cluster.Gone(ctx, p.Objects); err != nil {
				return err
			}
			now, err := p.Stage.AWS.Resources(ctx)
			if left := stage.Left(p.Before, now); err == nil && len(left) > 0 {
				err = fmt.Errorf("AWS still has %s", strings.Join(left, ", "))
			}
			return err
		},
		Outcome: func(context.Context, *Play) (string, error) {
			return "No object, and in AWS exactly what there was before.", nil
		},
		Bound: func(*Play) record.Bound { return record.NoneFail("nobody asks any more") },
	}
}
