package testenv

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/hack/awssim"
	sim "github.com/evenkeel/evenkeel/hack/awssim/route53"
)

// Zones are the ids of the hosted zones in Route 53, the oldest first.
func (s *Story) Zones() []string {
	var ids []string
	for _, zone := range s.Sim.Zones() {
		ids = append(ids, zone.ID)
	}
	return ids
}

// OnlyZone is the id of the one hosted zone in Route 53.
func (s *Story) OnlyZone() string {
	GinkgoHelper()
	zones := s.Zones()
	Expect(zones).To(HaveLen(1))
	return zones[0]
}

// Records are the records of a zone beside the two of its apex, as "name type [identifier weight] ttl values" or
// "name type alias zone target".
func (s *Story) Records(zoneID string) []string {
	zone, _ := s.Sim.Zone(zoneID)
	records := []string{}
	for i := range zone.RecordSets {
		if !isApexAuthority(zone, &zone.RecordSets[i]) {
			records = append(records, text(&zone.RecordSets[i]))
		}
	}
	return records
}

func isApexAuthority(zone sim.Zone, set *types.ResourceRecordSet) bool {
	return *set.Name == zone.Name && (set.Type == types.RRTypeNs || set.Type == types.RRTypeSoa)
}

func text(set *types.ResourceRecordSet) string {
	words := []string{*set.Name, string(set.Type)}
	if set.SetIdentifier != nil {
		words = append(words, fmt.Sprintf("%s %d", *set.SetIdentifier, aws.ToInt64(set.Weight)))
	}
	if alias := set.AliasTarget; alias != nil {
		words = append(words, "alias", *alias.HostedZoneId, *alias.DNSName)
		if alias.EvaluateTargetHealth {
			words = append(words, "evaluated")
		}
	}
	if set.TTL != nil {
		words = append(words, fmt.Sprint(*set.TTL))
	}
	for _, value := range set.ResourceRecords {
		words = append(words, *value.Value)
	}
	return strings.Join(words, " ")
}

// MakeZone creates a hosted zone that is no object's.
func (s *Story) MakeZone(ctx context.Context, name, comment string, tags ...string) string {
	GinkgoHelper()
	out, err := s.Route53.CreateHostedZone(ctx, &route53.CreateHostedZoneInput{
		Name: &name, CallerReference: aws.String(fmt.Sprint("foreign ", len(s.Zones()))),
		HostedZoneConfig: &types.HostedZoneConfig{Comment: &comment},
	})
	Expect(err).NotTo(HaveOccurred())
	id := strings.TrimPrefix(*out.HostedZone.Id, "/hostedzone/")
	if len(tags) > 0 {
		s.SetTags(ctx, id, tags...)
	}
	return id
}

// SetTags sets tags of a zone, given as "key=value".
func (s *Story) SetTags(ctx context.Context, zoneID string, tags ...string) {
	GinkgoHelper()
	input := &route53.ChangeTagsForResourceInput{ResourceType: types.TagResourceTypeHostedzone, ResourceId: &zoneID}
	for _, tag := range tags {
		key, value, _ := strings.Cut(tag, "=")
		input.AddTags = append(input.AddTags, types.Tag{Key: &key, Value: &value})
	}
	_, err := s.Route53.ChangeTagsForResource(ctx, input)
	Expect(err).NotTo(HaveOccurred())
}

// Tags are the tags of a zone beside those that mark whose it is, as "key=value".
func (s *Story) Tags(ctx context.Context, zoneID string) []string {
	GinkgoHelper()
	tags := slices.DeleteFunc(s.AllTags(ctx, zoneID), func(tag string) bool { return strings.HasPrefix(tag, "evenkeel.io/") })
	return tags
}

// AllTags are the tags of a zone, as "key=value".
func (s *Story) AllTags(ctx context.Context, zoneID string) []string {
	GinkgoHelper()
	out, err := s.Route53.ListTagsForResource(ctx, &route53.ListTagsForResourceInput{ResourceType: types.TagResourceTypeHostedzone, ResourceId: &zoneID})
	Expect(err).NotTo(HaveOccurred())
	tags := []string{}
	for _, tag := range out.ResourceTagSet.Tags {
		tags = append(tags, *tag.Key+"="+*tag.Value)
	}
	slices.Sort(tags)
	return tags
}

// Comment is the comment of a zone.
func (s *Story) Comment(ctx context.Context, zoneID string) string {
	GinkgoHelper()
	out, err := s.Route53.GetHostedZone(ctx, &route53.GetHostedZoneInput{Id: &zoneID})
	Expect(err).NotTo(HaveOccurred())
	if out.HostedZone.Config == nil {
		return ""
	}
	return aws.ToString(out.HostedZone.Config.Comment)
}

// SetComment changes the comment of a zone.
func (s *Story) SetComment(ctx context.Context, zoneID, comment string) {
	GinkgoHelper()
	_, err := s.Route53.UpdateHostedZoneComment(ctx, &route53.UpdateHostedZoneCommentInput{Id: &zoneID, Comment: &comment})
	Expect(err).NotTo(HaveOccurred())
}

// Record is a simple record with a TTL of 60, as others make it.
func Record(name string, recordType types.RRType, values ...string) types.ResourceRecordSet {
	set := types.ResourceRecordSet{Name: &name, Type: recordType, TTL: aws.Int64(60)}
	for _, value := range values {
		set.ResourceRecords = append(set.ResourceRecords, types.ResourceRecord{Value: &value})
	}
	return set
}

// Put creates or overwrites records.
func (s *Story) Put(ctx context.Context, zoneID string, records ...types.ResourceRecordSet) {
	GinkgoHelper()
	s.change(ctx, zoneID, types.ChangeActionUpsert, records)
}

// Remove deletes records, which are given exactly as they are.
func (s *Story) Remove(ctx context.Context, zoneID string, records ...types.ResourceRecordSet) {
	GinkgoHelper()
	s.change(ctx, zoneID, types.ChangeActionDelete, records)
}

func (s *Story) change(ctx context.Context, zoneID string, action types.ChangeAction, records []types.ResourceRecordSet) {
	GinkgoHelper()
	batch := &types.ChangeBatch{}
	for i := range records {
		batch.Changes = append(batch.Changes, types.Change{Action: action, ResourceRecordSet: &records[i]})
	}
	_, err := s.Route53.ChangeResourceRecordSets(ctx, &route53.ChangeResourceRecordSetsInput{HostedZoneId: &zoneID, ChangeBatch: batch})
	Expect(err).NotTo(HaveOccurred())
}

// Look makes the controllers look at AWS afresh for objects, as a person does who annotates them.
func (s *Story) Look(ctx context.Context, objects ...client.Object) {
	GinkgoHelper()
	for _, obj := range objects {
		s.look(ctx, obj)
	}
}

// look annotates an object and returns its version then.
func (s *Story) look(ctx context.Context, obj client.Object) string {
	GinkgoHelper()
	s.looks++
	patch := fmt.Appendf(nil, `{"metadata":{"annotations":{%q:"%d"}}}`, v1alpha1.ReconcileAtAnnotation, s.looks)
	annotated := obj.DeepCopyObject().(client.Object)
	Expect(s.Client.Patch(ctx, annotated, client.RawPatch("application/merge-patch+json", patch))).To(Succeed())
	return annotated.GetResourceVersion()
}

// Prefixes of operations that are not Route 53's.
const (
	ELB = "elasticloadbalancing/"
	EC2 = "ec2/"
	ACM = "acm/"
	ASG = "autoscaling/"
)

// split tells the service and the name of an operation; without a prefix it is Route 53's.
func split(operation string) (service, name string) {
	if service, name, found := strings.Cut(operation, "/"); found {
		return service, name
	}
	return "route53", operation
}

// KillAtCall kills a manager before, or right after, an operation takes effect. While this is set, nobody else may call
// AWS.
func (s *Story) KillAtCall(m *Manager, operation string, at Moment) {
	service, name := split(operation)
	s.Sim.SetHook(func(call awssim.Call) {
		if call.Service != service || call.Operation != name || (call.Phase == awssim.Before) != (at == Before) || call.Err != nil {
			return
		}
		m.Kill()
		call.Abort()
	})
}

// KillAtNthChange kills a manager before, or right after, the nth call from now on that changes AWS takes effect. While
// this is set, nobody else may call AWS.
func (s *Story) KillAtNthChange(m *Manager, n int, at Moment) {
	var changes atomic.Int32
	s.Sim.SetHook(func(call awssim.Call) {
		if !changesAWS(call.Operation) || (call.Phase == awssim.Before) != (at == Before) || call.Err != nil || int(changes.Add(1)) < n {
			return
		}
		m.Kill()
		call.Abort()
	})
}

// Fail breaks the next calls of an operation.
func (s *Story) Fail(operation string, kind awssim.Kind, count int) {
	GinkgoHelper()
	service, name := split(operation)
	Expect(s.Sim.AddFault(awssim.Fault{Service: service, Operation: name, Kind: kind, Count: count})).To(Succeed())
}

// Calls counts the calls of an operation since the story began, others' included.
func (s *Story) Calls(operation string) int {
	service, name := split(operation)
	return s.Sim.Meter().Calls[service+"/"+name]
}

// busy matches a zone that still refuses changes after the last one, which passes by itself.
const busy = `"busyUntil": "`

// State is all of AWS, byte for byte, once it has come to rest.
func (s *Story) State() string {
	GinkgoHelper()
	var state []byte
	Eventually(func() (string, error) {
		var err error
		state, err = s.Sim.StateJSON()
		return string(state), err
	}).ShouldNot(ContainSubstring(busy))
	return string(state)
}
