package acts

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/evenkeel/evenkeel/hack/demo/record"
	"github.com/evenkeel/evenkeel/hack/demo/scene"
)

// newTemplate is what rolls through: another instance type, replaced as many at once as keeps all that serve.
const newTemplate = `{"spec":{"launchTemplate":{"instanceType":"t3.small"},` +
	`"instanceRefresh":{"mode":"Automatic","minHealthyPercentage":100,"maxHealthyPercentage":200,"instanceWarmupSeconds":30}}}`

// templateRolls: a new version of the launch template reaches every instance.
func templateRolls() Act {
	return Act{
		Name:      "A new version rolls through",
		Told:      "The launch template gets another instance type: a rolling replacement of every instance, under traffic.",
		NoticedBy: "an instance of the new version was launched",
		Do: func(ctx context.Context, p *Play) error {
			for _, is := range p.scene().Instances {
				p.victims = append(p.victims, is.ID)
			}
			return p.patch(ctx, groupRef, newTemplate)
		},
		Noticed: func(_ context.Context, p *Play) error {
			if len(p.others()) == 0 {
				return errors.New("no instance was launched")
			}
			return nil
		},
		Healed: all(gone, atRest, ready(groupRef, balancerRef), bothAnswer),
		Outcome: func(_ context.Context, p *Play) (string, error) {
			versions := p.Stream.Versions()
			before := versions[p.victims[0]]
			for _, is := range p.scene().Instances {
				if versions[is.ID] <= before {
					return "", fmt.Errorf("%s runs version %d of the template, and version %d was to be replaced", is.ID, versions[is.ID], before)
				}
			}
			return fmt.Sprintf("Version %d is replaced by version %d on every instance.", before, versions[p.scene().Instances[0].ID]), nil
		},
		Bound: func(*Play) record.Bound {
			return record.NoneFail("new instances serve before old ones are drained: never fewer healthy than wanted")
		},
	}
}

// others are the instances that are not among the victims.
func (p *Play) others() []scene.Instance {
	var others []scene.Instance
	for _, is := range p.scene().Instances {
		if !slices.Contains(p.victims, is.ID) {
			others = append(others, is)
		}
	}
	return others
}
