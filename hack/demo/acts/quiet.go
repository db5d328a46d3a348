package acts

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/hack/demo/record"
	"github.com/evenkeel/evenkeel/hack/demo/stage"
)

// quiet is how long nothing may be written after the controller was asked to look.
const quiet = 2 * time.Second

// appliedAgain: the same manifests once more, and a look at every object.
func appliedAgain() Act {
	return Act{
		Name:      "Applied again",
		Told:      "The same manifests are applied again, and every object is asked for a look at AWS. Nothing may be written.",
		NoticedBy: "the controller looked at AWS",
		Do: func(ctx context.Context, p *Play) (err error) {
			before, err := p.Stage.Cluster.Versions(ctx, p.Objects)
			if err != nil {
				return err
			}
			if _, err := p.Stage.Cluster.Kubectl(ctx, "apply", "-f", p.Manifests); err != nil {
				return err
			}
			after, err := p.Stage.Cluster.Versions(ctx, p.Objects)
			if changed := after.ChangedSince(before); err == nil && len(changed) > 0 {
				err = fmt.Errorf("applying changed %s", strings.Join(changed, ", "))
			}
			if err != nil {
				return err
			}
			if p.metered, err = p.Stage.AWS.Meter(ctx); err != nil {
				return err
			}
			return p.nudge(ctx)
		},
		Noticed: func(ctx context.Context, p *Play) error {
			now, err := p.Stage.AWS.Meter(ctx)
			if err == nil && now.Total() == p.metered.Total() {
				err = errors.New("the controller did not call AWS")
			}
			return err
		},
		Healed:  ready(),
		Outcome: nothingWritten,
		Bound:   func(*Play) record.Bound { return record.NoneFail("nothing is touched") },
	}
}

// nudge has the controller look at every object, and remembers how they were then.
func (p *Play) nudge(ctx context.Context) (err error) {
	args := []string{"annotate", "--overwrite"}
	for _, obj := range p.Objects {
		args = append(args, stage.Reference(obj))
	}
	args = append(args, fmt.Sprintf("%s=%d", v1alpha1.ReconcileAtAnnotation, time.Now().Unix()))
	p.Struck = p.now()
	if _, err := p.Stage.Cluster.Kubectl(ctx, args...); err != nil {
		return err
	}
	p.versions, err = p.Stage.Cluster.Versions(ctx, p.Objects)
	return err
}

// nothingWritten waits, and checks that nothing was written to AWS or to the objects since they were nudged.
func nothingWritten(ctx context.Context, p *Play) (string, error) {
	if !stage.Pause(ctx, quiet) {
		return "", context.Cause(ctx)
	}
	versions, err := p.Stage.Cluster.Versions(ctx, p.Objects)
	if err != nil {
		return "", err
	}
	metered, err := p.Stage.AWS.Meter(ctx)
	if err != nil {
		return "", err
	}
	written := append(metered.WritesSince(p.metered), versions.ChangedSince(p.versions)...)
	if len(written) > 0 {
		return "", fmt.Errorf("nothing differs, yet the controller wrote: %s", strings.Join(written, ", "))
	}
	return fmt.Sprintf("%d calls of AWS, all reading; not one write, there or in Kubernetes.", metered.Total()-p.metered.Total()), nil
}
