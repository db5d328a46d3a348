package elbv2

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// entriesPerRevocation is what each revocation file is taken to hold.
const entriesPerRevocation = 1

func addRevocations(w *write, in *sdk.AddTrustStoreRevocationsInput) (*sdk.AddTrustStoreRevocationsOutput, error) {
	former, err := w.trustStore(in.TrustStoreArn)
	if err != nil {
		return nil, err
	}
	if len(in.RevocationContents) == 0 {
		return nil, missing("RevocationContents")
	}
	t := change(w.trustStores, former)
	t.Revocations = maps.Clone(t.Revocations)
	if t.Revocations == nil {
		t.Revocations = map[int64]s3Object{}
	}
	out := &sdk.AddTrustStoreRevocationsOutput{}
	for _, given := range in.RevocationContents {
		if aws.ToString(given.S3Bucket) == "" || aws.ToString(given.S3Key) == "" {
			return nil, invalid("The bucket and the key of a revocation file must be specified")
		}
		t.Revocations[t.Next] = s3Object{*given.S3Bucket, *given.S3Key, aws.ToString(given.S3ObjectVersion)}
		out.TrustStoreRevocations = append(out.TrustStoreRevocations, types.TrustStoreRevocation{
			TrustStoreArn: &t.ARN, RevocationId: aws.Int64(t.Next), RevocationType: types.RevocationTypeCrl,
			NumberOfRevokedEntries: aws.Int64(entriesPerRevocation),
		})
		t.Next++
	}
	if most := w.service.quotas.RevocationsPerTrustStore; len(t.Revocations) > most {
		return nil, frame.Errorf("TooManyTrustStoreRevocationEntries", "The maximum number of revocations of trust store '%s' has been reached: %d", t.ARN, most)
	}
	return out, nil
}

func noRevocation(id int64) error {
	return frame.Errorf("RevocationIdNotFound", "The revocation ID '%d' does not exist", id)
}

func removeRevocations(w *write, in *sdk.RemoveTrustStoreRevocationsInput) (*sdk.RemoveTrustStoreRevocationsOutput, error) {
	former, err := w.trustStore(in.TrustStoreArn)
	if err != nil {
		return nil, err
	}
	if len(in.RevocationIds) == 0 {
		return nil, missing("RevocationIds")
	}
	t := change(w.trustStores, former)
	t.Revocations = maps.Clone(t.Revocations)
	for _, id := range in.RevocationIds {
		if _, ok := t.Revocations[id]; !ok {
			return nil, noRevocation(id)
		}
		delete(t.Revocations, id)
	}
	return &sdk.RemoveTrustStoreRevocationsOutput{}, nil
}

func describeRevocations(r *reading, in *sdk.DescribeTrustStoreRevocationsInput) (*sdk.DescribeTrustStoreRevocationsOutput, error) {
	t, err := r.trustStore(in.TrustStoreArn)
	if err != nil {
		return nil, err
	}
	ids := in.RevocationIds
	if len(ids) == 0 {
		ids = slices.Sorted(maps.Keys(t.Revocations))
	}
	cut, next, err := page(ids, in.Marker, in.PageSize, func(id int64) string { return strconv.FormatInt(id, 10) })
	if err != nil {
		return nil, err
	}
	out := &sdk.DescribeTrustStoreRevocationsOutput{NextMarker: next, TrustStoreRevocations: []types.DescribeTrustStoreRevocation{}}
	for _, id := range cut {
		if _, ok := t.Revocations[id]; !ok {
			return nil, noRevocation(id)
		}
		out.TrustStoreRevocations = append(out.TrustStoreRevocations, types.DescribeTrustStoreRevocation{
			TrustStoreArn: &t.ARN, RevocationId: aws.Int64(id), RevocationType: types.RevocationTypeCrl,
			NumberOfRevokedEntries: aws.Int64(entriesPerRevocation),
		})
	}
	return out, nil
}

// location is a presigned URL of S3, which is not simulated.
func (o s3Object) location(region string) *string {
	return aws.String(fmt.Sprintf("https://%s.s3.%s.amazonaws.com/%s", o.Bucket, region, o.Key))
}

func getBundle(r *reading, in *sdk.GetTrustStoreCaCertificatesBundleInput) (*sdk.GetTrustStoreCaCertificatesBundleOutput, error) {
	t, err := r.trustStore(in.TrustStoreArn)
	if err != nil {
		return nil, err
	}
	return &sdk.GetTrustStoreCaCertificatesBundleOutput{Location: t.Bundle.location(t.Region)}, nil
}

func getRevocationContent(r *reading, in *sdk.GetTrustStoreRevocationContentInput) (*sdk.GetTrustStoreRevocationContentOutput, error) {
	t, err := r.trustStore(in.TrustStoreArn)
	if err != nil {
		return nil, err
	}
	object, ok := t.Revocations[aws.ToInt64(in.RevocationId)]
	if !ok {
		return nil, noRevocation(aws.ToInt64(in.RevocationId))
	}
	return &sdk.GetTrustStoreRevocationContentOutput{Location: object.location(t.Region)}, nil
}

// getResourcePolicy finds none: nothing is shared between accounts.
func getResourcePolicy(r *reading, in *sdk.GetResourcePolicyInput) (*sdk.GetResourcePolicyOutput, error) {
	if _, err := r.trustStore(in.ResourceArn); err != nil {
		return nil, err
	}
	return nil, frame.Errorf("ResourceNotFound", "There is no resource policy for '%s'", *in.ResourceArn)
}
