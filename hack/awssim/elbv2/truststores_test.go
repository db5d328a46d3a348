package elbv2_test

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
)

func (s *sim) trustStore(ctx context.Context, name string) (types.TrustStore, error) {
	out, err := s.CreateTrustStore(ctx, &sdk.CreateTrustStoreInput{
		Name: &name, CaCertificatesBundleS3Bucket: aws.String("bucket"), CaCertificatesBundleS3Key: aws.String("ca.pem")})
	if err != nil {
		return types.TrustStore{}, err
	}
	return out.TrustStores[0], nil
}

var _ = Describe("Trust stores", func() {
	var s *sim
	BeforeEach(func() { s = start(elbv2.Quotas{}) })

	It("verify clients once they are active, and stay while they do", func(ctx SpecContext) {
		store := must(s.trustStore(ctx, "store"))
		verify := func(in *sdk.CreateListenerInput) {
			in.MutualAuthentication = &types.MutualAuthenticationAttributes{Mode: aws.String("verify"), TrustStoreArn: store.TrustStoreArn}
		}
		balancer := s.application(ctx, "web")
		_, err := s.createListener(ctx, balancer, on(types.ProtocolEnumHttps, 443), withCertificates("a"), verify)
		Expect(codeOf(err)).To(Equal("TrustStoreNotReady"))
		s.clock.Advance(s.env.Timing.LoadBalancing.TrustStore.Max)
		Expect(must(s.DescribeTrustStores(ctx, &sdk.DescribeTrustStoresInput{Names: []string{"store"}})).TrustStores[0].Status).To(Equal(types.TrustStoreStatusActive))
		listener := must(s.createListener(ctx, balancer, on(types.ProtocolEnumHttps, 443), withCertificates("a"), verify))
		Expect(listener.MutualAuthentication).To(Equal(&types.MutualAuthenticationAttributes{
			Mode: aws.String("verify"), TrustStoreArn: store.TrustStoreArn, IgnoreClientCertificateExpiry: aws.Bool(false),
			AdvertiseTrustStoreCaNames: types.AdvertiseTrustStoreCaNamesEnumOff, TrustStoreAssociationStatus: types.TrustStoreAssociationStatusEnumActive,
		}))
		associations := must(s.DescribeTrustStoreAssociations(ctx, &sdk.DescribeTrustStoreAssociationsInput{TrustStoreArn: store.TrustStoreArn}))
		Expect(*associations.TrustStoreAssociations[0].ResourceArn).To(Equal(*listener.ListenerArn))
		_, err = s.DeleteTrustStore(ctx, &sdk.DeleteTrustStoreInput{TrustStoreArn: store.TrustStoreArn})
		Expect(codeOf(err)).To(Equal("TrustStoreInUse"))
		_, err = s.DeleteSharedTrustStoreAssociation(ctx, &sdk.DeleteSharedTrustStoreAssociationInput{TrustStoreArn: store.TrustStoreArn, ResourceArn: listener.ListenerArn})
		Expect(codeOf(err)).To(Equal("DeleteAssociationSameAccount"))
		must(s.DeleteListener(ctx, &sdk.DeleteListenerInput{ListenerArn: listener.ListenerArn}))
		must(s.DeleteTrustStore(ctx, &sdk.DeleteTrustStoreInput{TrustStoreArn: store.TrustStoreArn}))
		_, err = s.DescribeTrustStores(ctx, &sdk.DescribeTrustStoresInput{TrustStoreArns: []string{*store.TrustStoreArn}})
		Expect(codeOf(err)).To(Equal("TrustStoreNotFound"))
	})

	It("have one name each, and revocations", func(ctx SpecContext) {
		store := must(s.trustStore(ctx, "store"))
		_, err := s.trustStore(ctx, "store")
		Expect(codeOf(err)).To(Equal("DuplicateTrustStoreName"))
		added := must(s.AddTrustStoreRevocations(ctx, &sdk.AddTrustStoreRevocationsInput{TrustStoreArn: store.TrustStoreArn, RevocationContents: []types.RevocationContent{
			{S3Bucket: aws.String("bucket"), S3Key: aws.String("1.crl")}, {S3Bucket: aws.String("bucket"), S3Key: aws.String("2.crl")}}})).TrustStoreRevocations
		Expect(added).To(HaveLen(2))
		must(s.RemoveTrustStoreRevocations(ctx, &sdk.RemoveTrustStoreRevocationsInput{TrustStoreArn: store.TrustStoreArn, RevocationIds: []int64{*added[0].RevocationId}}))
		_, err = s.RemoveTrustStoreRevocations(ctx, &sdk.RemoveTrustStoreRevocationsInput{TrustStoreArn: store.TrustStoreArn, RevocationIds: []int64{*added[0].RevocationId}})
		Expect(codeOf(err)).To(Equal("RevocationIdNotFound"))
		left := must(s.DescribeTrustStoreRevocations(ctx, &sdk.DescribeTrustStoreRevocationsInput{TrustStoreArn: store.TrustStoreArn})).TrustStoreRevocations
		Expect(left).To(HaveLen(1))
		content := must(s.GetTrustStoreRevocationContent(ctx, &sdk.GetTrustStoreRevocationContentInput{TrustStoreArn: store.TrustStoreArn, RevocationId: left[0].RevocationId}))
		Expect(*content.Location).To(HaveSuffix("/2.crl"))
		Expect(*must(s.GetTrustStoreCaCertificatesBundle(ctx, &sdk.GetTrustStoreCaCertificatesBundleInput{TrustStoreArn: store.TrustStoreArn})).Location).To(HaveSuffix("/ca.pem"))
		must(s.ModifyTrustStore(ctx, &sdk.ModifyTrustStoreInput{TrustStoreArn: store.TrustStoreArn, CaCertificatesBundleS3Bucket: aws.String("b"), CaCertificatesBundleS3Key: aws.String("new.pem")}))
		Expect(*must(s.GetTrustStoreCaCertificatesBundle(ctx, &sdk.GetTrustStoreCaCertificatesBundleInput{TrustStoreArn: store.TrustStoreArn})).Location).To(HaveSuffix("/new.pem"))
		_, err = s.GetResourcePolicy(ctx, &sdk.GetResourcePolicyInput{ResourceArn: store.TrustStoreArn})
		Expect(codeOf(err)).To(Equal("ResourceNotFound"))
	})
})
