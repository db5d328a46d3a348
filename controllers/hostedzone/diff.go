package hostedzone

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/judge"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// change is one step: one call, or one series of calls of the same operation.
type change struct {
	plan []v1alpha1.PlannedChange
	// run makes the change in AWS and updates observed to match.
	run func(ctx context.Context, k *Kind, obj *v1alpha1.HostedZone, o *observed) error
	// child, in place of run, returns what to write of a RecordSet that the zone keeps, once it is this step's turn.
	child func() *lifecycle.ChildWrite
}

// ChildWrite returns what lifecycle is to write of a RecordSet that the zone keeps.
func (c change) ChildWrite() *lifecycle.ChildWrite {
	if c.child == nil {
		return nil
	}
	return c.child()
}

// Plan tells what the change does.
func (c change) Plan() []v1alpha1.PlannedChange { return c.plan }

// Diff returns the changes that make the zone what the object declares.
func (k *Kind) Diff(obj *v1alpha1.HostedZone, o *observed) ([]change, error) {
	if lifecycle.Deleting(obj) {
		return k.diffDeleting(obj, o), nil
	}
	if err := checkParent(obj, o); err != nil {
		return nil, err
	}
	desired := k.desiredZone(obj)
	if id := adoptedID(obj); id != "" && o.zone == nil {
		return nil, lifecycle.Refuse(v1alpha1.ReasonInvalidSpec, "The hosted zone %s, which spec.adopt names, does not exist.", id)
	}
	if o.zone == nil && len(o.rivals) > 0 {
		if err := k.choose(obj, o, desired); err != nil {
			return nil, err
		}
	}
	if o.zone == nil {
		return creation(obj, o, desired)
	}
	if err := k.checkOurs(obj, o, desired); err != nil {
		return nil, err
	}
	return k.update(obj, o, desired)
}

// creation returns the changes that make a new zone.
func creation(obj *v1alpha1.HostedZone, o *observed, desired *zone) ([]change, error) {
	resource := "hosted zone " + desired.name
	changes := []change{{
		plan: []v1alpha1.PlannedChange{{Verb: lifecycle.VerbCreate, Resource: resource}},
		run: func(ctx context.Context, k *Kind, obj *v1alpha1.HostedZone, o *observed) error {
			return k.create(ctx, obj, o, desired)
		},
	}}
	changes = append(changes, tagChanges(lifecycle.VerbCreate, resource, desired.tags, nil, nil)...)
	made := &zone{}
	if desired.private {
		made.vpcs = []types.VPC{*sdkVPC(firstVPC(obj))}
	}
	settings, err := settingChanges(obj, o, made, lifecycle.VerbCreate)
	return append(changes, settings...), err
}

// settingChanges returns the changes of what is set beside the zone.
func settingChanges(obj *v1alpha1.HostedZone, o *observed, z *zone, verb string) ([]change, error) {
	resource := "hosted zone " + canonicalName(obj.Spec.Name)
	changes := vpcChanges(obj, resource, z, verb)
	logging, err := queryLoggingChanges(obj, resource, z, verb)
	if err != nil {
		return nil, err
	}
	delegation, err := delegationChanges(obj, o)
	if err != nil {
		return nil, err
	}
	signing, err := signingChanges(obj, o, z)
	return slices.Concat(changes, logging, delegation, signing), err
}

// update returns the changes that bring an existing zone up to date.
func (k *Kind) update(obj *v1alpha1.HostedZone, o *observed, desired *zone) ([]change, error) {
	resource := "hosted zone " + desired.name
	var changes []change
	if _, owned := awsclient.OwnerOf(o.zone.tags); !owned && !o.ours && !lifecycle.Observes(obj) {
		changes = append(changes, change{
			plan: []v1alpha1.PlannedChange{{Verb: lifecycle.VerbAdopt, Resource: resource + " (" + o.zone.id + ")"}},
			run: func(ctx context.Context, k *Kind, obj *v1alpha1.HostedZone, o *observed) error {
				return k.adopt(ctx, obj, o)
			},
		})
	}
	// The tags come first: they mark the zone as the object's before anything else of it is changed.
	changes = append(changes, tagChanges(lifecycle.VerbUpdate, resource, desired.tags, o.zone.tags, lifecycle.ManagedUnder(obj, fieldTag))...)
	if commentManaged(obj) && desired.comment != o.zone.comment {
		changes = append(changes, change{
			plan: []v1alpha1.PlannedChange{{
				Verb: lifecycle.VerbUpdate, Resource: resource, Field: fieldComment,
				From: lifecycle.Shorten(o.zone.comment), To: lifecycle.Shorten(desired.comment)}},
			run: func(ctx context.Context, k *Kind, _ *v1alpha1.HostedZone, o *observed) error {
				return k.updateComment(ctx, o, desired.comment)
			},
		})
	}
	settings, err := settingChanges(obj, o, o.zone, lifecycle.VerbUpdate)
	return append(changes, settings...), err
}

// choose takes over one of the zones of the same name, if the adoption policy allows it.
func (k *Kind) choose(obj *v1alpha1.HostedZone, o *observed, desired *zone) error {
	policy := lifecycle.Adoption(obj, v1alpha1.AdoptionNever)
	rival := o.rivals[0]
	switch {
	case len(o.rivals) > 1:
		return lifecycle.Refuse(v1alpha1.ReasonConflict, "Route 53 holds %d hosted zones of the name %s already (%s), none of them this object's. Name the one to take over in spec.adopt.id.",
			len(o.rivals), desired.name, ids(o.rivals))
	case rival.linkedService != "":
		return conflict(rival, desired)
	case policy == v1alpha1.AdoptionNever:
		return conflict(rival, desired)
	case policy == v1alpha1.AdoptionIfIdentical && !identical(obj, rival, desired):
		return lifecycle.Refuse(v1alpha1.ReasonConflict, "Hosted zone %s of the name %s exists and differs from the spec in its comment, tags or VPCs. Declare it as it is, or set spec.adoptionPolicy to Always to change it.", rival.id, desired.name)
	}
	if owner, owned := awsclient.OwnerOf(rival.tags); owned {
		return ownedBy(rival, owner)
	}
	o.zone = rival
	return nil
}

// identical reports whether a zone is as declared, in all that the object would manage.
func identical(obj *v1alpha1.HostedZone, rival, desired *zone) bool {
	return (!commentManaged(obj) || rival.comment == desired.comment) && hasTags(rival.tags, obj.Spec.Tags) && hasVPCs(obj, rival)
}

// checkOurs refuses a zone that was found by id and turns out to be somebody else's, or another one than declared.
func (k *Kind) checkOurs(obj *v1alpha1.HostedZone, o *observed, desired *zone) error {
	owner, owned := awsclient.OwnerOf(o.zone.tags)
	switch {
	case o.zone.name != desired.name:
		return lifecycle.Refuse(v1alpha1.ReasonInvalidSpec, "Hosted zone %s has the name %s where spec.name declares %s: declare the zone that is meant in a new HostedZone.", o.zone.id, o.zone.name, strings.TrimSuffix(desired.name, "."))
	case o.zone.private != desired.private:
		return lifecycle.Refuse(v1alpha1.ReasonInvalidSpec, "Hosted zone %s is %s; this object declares a %s zone.", o.zone.id, visibility(o.zone), visibility(desired))
	case desired.delegationSetID != "" && o.zone.delegationSetID != desired.delegationSetID:
		return lifecycle.Refuse(v1alpha1.ReasonInvalidSpec, "Hosted zone %s does not have the name servers of the delegation set %s, which can be given to a new zone only.", o.zone.id, desired.delegationSetID)
	case o.zone.linkedService != "":
		return lifecycle.Refuse(v1alpha1.ReasonConflict, "Hosted zone %s belongs to the AWS service %s, which alone may change it.", o.zone.id, o.zone.linkedService)
	case owned && owner != k.owner(obj):
		return ownedBy(o.zone, owner)
	}
	return nil
}

func visibility(z *zone) string {
	if z.private {
		return "private"
	}
	return "public"
}

func conflict(z, desired *zone) error {
	if owner, owned := awsclient.OwnerOf(z.tags); owned {
		return ownedBy(z, owner)
	}
	return lifecycle.Refuse(v1alpha1.ReasonConflict, "Hosted zone %s of the name %s exists and is not this object's. To take it over, name it in spec.adopt.id or set spec.adoptionPolicy to Always.", z.id, desired.name)
}

func ownedBy(z *zone, owner awsclient.Owner) error {
	return judge.OwnedBy("Hosted zone "+z.id, owner)
}

// tagChanges returns the change that sets own tags and removes those no longer declared.
func tagChanges(verb, resource string, desired, observed map[string]string, managed []string) []change {
	set, remove := awsclient.DiffTags(desired, observed, managed)
	if len(set)+len(remove) == 0 {
		return nil
	}
	var plan []v1alpha1.PlannedChange
	for _, tagKey := range slices.Sorted(maps.Keys(set)) {
		plan = append(plan, v1alpha1.PlannedChange{Verb: verb, Resource: resource, Field: fieldTag + tagKey, From: observed[tagKey], To: set[tagKey]})
	}
	for _, tagKey := range remove {
		plan = append(plan, v1alpha1.PlannedChange{Verb: verb, Resource: resource, Field: fieldTag + tagKey, From: observed[tagKey]})
	}
	return []change{{plan: plan, run: changingTags(set, remove)}}
}

func changingTags(set map[string]string, remove []string) func(context.Context, *Kind, *v1alpha1.HostedZone, *observed) error {
	return func(ctx context.Context, k *Kind, _ *v1alpha1.HostedZone, o *observed) error {
		return k.changeTags(ctx, o.zone, set, remove)
	}
}

func hasTags(tags map[string]string, wanted map[string]v1alpha1.TagValue) bool {
	for tagKey, value := range wanted {
		if got, ok := tags[tagKey]; !ok || got != string(value) {
			return false
		}
	}
	return true
}

func ids(zones []*zone) string {
	names := make([]string, len(zones))
	for i, z := range zones {
		names[i] = z.id
	}
	return strings.Join(names, ", ")
}

// commentManaged reports whether the object declares the comment, or did and is to reset it.
func commentManaged(obj *v1alpha1.HostedZone) bool {
	return obj.Spec.Comment != nil || lifecycle.Managed(obj, fieldComment)
}

func comment(obj *v1alpha1.HostedZone) string { return aws.ToString(obj.Spec.Comment) }
