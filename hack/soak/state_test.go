package main

import (
	"context"
	"os"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("The verdict", func() {
	var v *verdict
	BeforeEach(func(ctx context.Context) {
		w := &world{dir: GinkgoT().TempDir()}
		Expect(w.startAWS(1)).To(Succeed())
		DeferCleanup(func() error { return w.close() })
		foreign, err := makeForeign(ctx, w.hands)
		Expect(err).NotTo(HaveOccurred())
		pristine, err := stateOf(w.sim)
		Expect(err).NotTo(HaveOccurred())
		v = &verdict{soak: &soak{world: w, foreign: foreign, pristine: pristine}}
	})
	judged := func(ctx context.Context) []string {
		v.problems = nil
		Expect(v.judgeOrphans(ctx, 0)).To(Succeed())
		Expect(v.judgeForeign(ctx)).To(Succeed())
		Expect(v.judgeState()).To(Succeed())
		return v.problems
	}

	It("is good while AWS is as it was, whatever was there meanwhile", func(ctx context.Context) {
		zone, err := v.route53.CreateHostedZone(ctx, &route53.CreateHostedZoneInput{Name: aws.String("ours.example"), CallerReference: aws.String("ours")})
		Expect(err).NotTo(HaveOccurred())
		Expect(judged(ctx)).To(ConsistOf(ContainSubstring("2 hosted zones"), ContainSubstring("ours.example.")))
		_, err = v.route53.DeleteHostedZone(ctx, &route53.DeleteHostedZoneInput{Id: zone.HostedZone.Id})
		Expect(err).NotTo(HaveOccurred())
		Expect(judged(ctx)).To(BeEmpty())
	})

	It("finds what no count is taken of", func(ctx context.Context) {
		_, err := v.ec2.AllocateAddress(ctx, &ec2.AllocateAddressInput{})
		Expect(err).NotTo(HaveOccurred())
		Expect(judged(ctx)).To(ConsistOf(ContainSubstring("services.ec2.addresses.")))
	})

	It("finds what was done to what is somebody else's", func(ctx context.Context) {
		_, err := v.route53.UpdateHostedZoneComment(ctx, &route53.UpdateHostedZoneCommentInput{Id: &v.foreign.zone, Comment: aws.String("ours")})
		Expect(err).NotTo(HaveOccurred())
		Expect(judged(ctx)).To(ConsistOf(ContainSubstring("somebody else's was touched"), ContainSubstring("comment is ours and was theirs")))
	})

	DescribeTable("of a manager's log", func(line, problem string) {
		Expect(os.WriteFile(filepath.Join(v.dir, "manager-one-2.log"), []byte("{}\n"+line+"\n"), 0o600)).To(Succeed())
		if problem == "" {
			Expect(v.expectNoPanic()).To(Succeed())
			return
		}
		Expect(v.expectNoPanic()).To(MatchError(And(ContainSubstring("manager-one-2.log"), ContainSubstring(problem))))
	},
		Entry("without a panic", `{"level":"error","msg":"Reconciler error"}`, ""),
		Entry("with a panic that was survived", `{"msg":"Observed a panic","stacktrace":"one\ntwo"}`, "one\ntwo"),
		Entry("with one that was not", "panic: assignment to entry in nil map", "nil map"),
		Entry("with a race of the runtime's finding", "fatal error: concurrent map writes", "concurrent map writes"),
		Entry("with one of the race detector's", "WARNING: DATA RACE\nWrite at 0x00c000 by goroutine 7", "goroutine 7"),
	)
})
