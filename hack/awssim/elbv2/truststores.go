package elbv2

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

func (t *trustStore) status(now time.Time) types.TrustStoreStatus {
	if now.Before(t.ActiveAt) {
		return types.TrustStoreStatusCreating
	}
	return types.TrustStoreStatusActive
}

// bundle checks where a bundle of certificates is said to be; S3 is not
// simulated, so that every bucket has every key.
func bundle(bucket, key, version *string) (s3Object, error) {
	object := s3Object{aws.ToString(bucket), aws.ToString(key), aws.ToString(version)}
	switch {
	case object.Bucket == "":
		return object, missing("CaCertificatesBundleS3Bucket")
	case object.Key == "":
		return object, missing("CaCertificatesBundleS3Key")
	}
	return object, nil
}

func createTrustStore(w *write, in *sdk.CreateTrustStoreInput) (*sdk.CreateTrustStoreOutput, error) {
	tags, err := w.newTags(in.Tags)
	if err != nil {
		return nil, err
	}
	if err := checkName("The trust store", in.Name); err != nil {
		return nil, err
	}
	object, err := bundle(in.CaCertificatesBundleS3Bucket, in.CaCertificatesBundleS3Key, in.CaCertificatesBundleS3ObjectVersion)
	if err != nil {
		return nil, err
	}
	have := owned(w.trustStores, w.Request)
	if slices.ContainsFunc(have, func(t *trustStore) bool { return t.Name == *in.Name }) {
		return nil, frame.Errorf("DuplicateTrustStoreName", "A trust store with the same name '%s' exists", *in.Name)
	}
	if most := w.service.quotas.TrustStores; len(have) >= most {
		return nil, frame.Errorf("TooManyTrustStores", "The maximum number of trust stores has been reached: %d", most)
	}
	t := &trustStore{
		meta: w.born(w.arn("truststore/"+*in.Name+"/"+w.newID()), tags), Name: *in.Name, Bundle: object, Next: 1,
		ActiveAt: w.after(w.service.env.Timing.LoadBalancing.TrustStore),
	}
	w.trustStores[t.ARN] = t
	return &sdk.CreateTrustStoreOutput{TrustStores: []types.TrustStore{t.described(w.moment)}}, nil
}

func (t *trustStore) described(now time.Time) types.TrustStore {
	return types.TrustStore{
		TrustStoreArn: &t.ARN, Name: &t.Name, Status: t.status(now), NumberOfCaCertificates: aws.Int32(1),
		TotalRevokedEntries: aws.Int64(int64(len(t.Revocations))),
	}
}

// trustStore finds the trust store that a write is about.
func (w *write) trustStore(arn *string) (*trustStore, error) {
	if arn == nil {
		return nil, missing("TrustStoreArn")
	}
	t, ok := own(w.trustStores, w.Request, arn)
	if !ok {
		return nil, noTrustStore(arn)
	}
	return t, nil
}

// trustStore finds the trust store that a read is about.
func (r *reading) trustStore(arn *string) (*trustStore, error) {
	if arn == nil {
		return nil, missing("TrustStoreArn")
	}
	t, ok := visible(r.trustStores, r, arn)
	if !ok {
		return nil, noTrustStore(arn)
	}
	return t, nil
}

func modifyTrustStore(w *write, in *sdk.ModifyTrustStoreInput) (*sdk.ModifyTrustStoreOutput, error) {
	former, err := w.trustStore(in.TrustStoreArn)
	if err != nil {
		return nil, err
	}
	object, err := bundle(in.CaCertificatesBundleS3Bucket, in.CaCertificatesBundleS3Key, in.CaCertificatesBundleS3ObjectVersion)
	if err != nil {
		return nil, err
	}
	t := change(w.trustStores, former)
	t.Bundle = object
	return &sdk.ModifyTrustStoreOutput{TrustStores: []types.TrustStore{t.described(w.moment)}}, nil
}

func deleteTrustStore(w *write, in *sdk.DeleteTrustStoreInput) (*sdk.DeleteTrustStoreOutput, error) {
	t, err := w.trustStore(in.TrustStoreArn)
	if err != nil {
		return nil, err
	}
	if len(w.associated(t)) > 0 {
		return nil, frame.Errorf("TrustStoreInUse", "Trust store '%s' is currently in use by a listener", t.ARN)
	}
	delete(w.trustStores, t.ARN)
	return &sdk.DeleteTrustStoreOutput{}, nil
}

// associated are the ARNs of the listeners that use a trust store.
func (c *content) associated(t *trustStore) []string {
	var arns []string
	for _, l := range c.listeners {
		if l.MutualAuthentication != nil && aws.ToString(l.MutualAuthentication.TrustStoreArn) == t.ARN {
			arns = append(arns, l.ARN)
		}
	}
	slices.Sort(arns)
	return arns
}

func describeTrustStores(r *reading, in *sdk.DescribeTrustStoresInput) (*sdk.DescribeTrustStoresOutput, error) {
	if len(in.TrustStoreArns) > 0 && len(in.Names) > 0 {
		return nil, invalid("Trust store names and trust store ARNs cannot be specified at the same time")
	}
	var found []*trustStore
	missed := len(in.TrustStoreArns) + len(in.Names)
	for _, t := range owned(r.trustStores, r.Request) {
		named := slices.Contains(in.TrustStoreArns, t.ARN) || slices.Contains(in.Names, t.Name)
		if all := len(in.TrustStoreArns)+len(in.Names) == 0; !t.Shown.After(r.moment) && (all || named) {
			found = append(found, t)
			missed--
		}
	}
	if missed > 0 {
		return nil, frame.Errorf("TrustStoreNotFound", "One or more trust stores not found")
	}
	cut, next, err := page(found, in.Marker, in.PageSize, func(t *trustStore) string { return t.ARN })
	if err != nil {
		return nil, err
	}
	out := &sdk.DescribeTrustStoresOutput{NextMarker: next, TrustStores: []types.TrustStore{}}
	for _, t := range cut {
		out.TrustStores = append(out.TrustStores, t.described(r.moment))
	}
	return out, nil
}

func describeAssociations(r *reading, in *sdk.DescribeTrustStoreAssociationsInput) (*sdk.DescribeTrustStoreAssociationsOutput, error) {
	t, err := r.trustStore(in.TrustStoreArn)
	if err != nil {
		return nil, err
	}
	cut, next, err := page(r.associated(t), in.Marker, in.PageSize, func(arn string) string { return arn })
	if err != nil {
		return nil, err
	}
	out := &sdk.DescribeTrustStoreAssociationsOutput{NextMarker: next, TrustStoreAssociations: []types.TrustStoreAssociation{}}
	for _, arn := range cut {
		out.TrustStoreAssociations = append(out.TrustStoreAssociations, types.TrustStoreAssociation{ResourceArn: aws.String(arn)})
	}
	return out, nil
}

// deleteSharedAssociation is for trust stores that another account shares, which
// are not simulated: those of the own account cannot be ended this way.
func deleteSharedAssociation(w *write, in *sdk.DeleteSharedTrustStoreAssociationInput) (*sdk.DeleteSharedTrustStoreAssociationOutput, error) {
	t, err := w.trustStore(in.TrustStoreArn)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(w.associated(t), aws.ToString(in.ResourceArn)) {
		return nil, frame.Errorf("AssociationNotFound", "Trust store '%s' is not associated with '%s'", t.ARN, aws.ToString(in.ResourceArn))
	}
	return nil, frame.Errorf("DeleteAssociationSameAccount", "The association of trust store '%s' is within the same account", t.ARN)
}
