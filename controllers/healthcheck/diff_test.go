package healthcheck

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// stored is a check as Route 53 answers with it.
func stored(config types.HealthCheckConfig) *types.HealthCheck {
	return &types.HealthCheck{Id: aws.String("id"), HealthCheckVersion: aws.Int64(7), HealthCheckConfig: &config}
}

var _ = Describe("The difference between a spec and a check", func() {
	spec := func(with ...func(*v1alpha1.HealthCheck)) *types.HealthCheckConfig {
		check := &v1alpha1.HealthCheck{Type: "HTTPS", FullyQualifiedDomainName: "www.example.com"}
		for _, f := range with {
			f(check)
		}
		return desiredConfig(check)
	}

	DescribeTable("is none", func(desired *types.HealthCheckConfig, observed types.HealthCheckConfig) {
		Expect(diff(desired, stored(observed))).To(BeNil())
	},
		Entry("when Route 53 leaves its defaults out", spec(), types.HealthCheckConfig{
			Type: "HTTPS", FullyQualifiedDomainName: aws.String("www.example.com"), EnableSNI: aws.Bool(true)}),
		Entry("when it answers with all of them", spec(), types.HealthCheckConfig{
			Type: "HTTPS", FullyQualifiedDomainName: aws.String("www.example.com"), EnableSNI: aws.Bool(true), Port: aws.Int32(443),
			ResourcePath: aws.String("/"), RequestInterval: aws.Int32(30), FailureThreshold: aws.Int32(3), MeasureLatency: aws.Bool(false),
			Inverted: aws.Bool(false), Disabled: aws.Bool(false), Regions: []types.HealthCheckRegion{
				"sa-east-1", "ap-northeast-1", "ap-southeast-2", "ap-southeast-1", "eu-west-1", "us-west-2", "us-west-1", "us-east-1"}}),
		Entry("when regions are in another order",
			spec(func(c *v1alpha1.HealthCheck) {
				c.Regions = []v1alpha1.HealthCheckRegion{"us-east-1", "eu-west-1", "sa-east-1"}
			}),
			types.HealthCheckConfig{Type: "HTTPS", FullyQualifiedDomainName: aws.String("WWW.example.com."), EnableSNI: aws.Bool(true),
				Regions: []types.HealthCheckRegion{"sa-east-1", "eu-west-1", "us-east-1"}}),
		Entry("when there is no name for SNI to send",
			spec(func(c *v1alpha1.HealthCheck) { c.FullyQualifiedDomainName, c.IPAddress = "", "2001:DB8::0:1" }),
			types.HealthCheckConfig{Type: "HTTPS", IPAddress: aws.String("2001:db8::1"), EnableSNI: aws.Bool(false)}),
		Entry("when an alarm is as declared",
			desiredConfig(&v1alpha1.HealthCheck{Type: "CLOUDWATCH_METRIC", Alarm: &v1alpha1.AlarmReference{Region: "us-east-1", Name: "high"}}),
			types.HealthCheckConfig{Type: "CLOUDWATCH_METRIC", FailureThreshold: aws.Int32(3), MeasureLatency: aws.Bool(false),
				AlarmIdentifier: &types.AlarmIdentifier{Region: "us-east-1", Name: aws.String("high")}, InsufficientDataHealthStatus: "LastKnownStatus"}),
	)

	It("is one update of what differs, at the version that was seen", func() {
		c := diff(spec(func(c *v1alpha1.HealthCheck) { c.FailureThreshold = aws.Int32(5) }), stored(types.HealthCheckConfig{
			Type: "HTTPS", FullyQualifiedDomainName: aws.String("www.example.com"), EnableSNI: aws.Bool(true), ResourcePath: aws.String("/old"),
			Regions: []types.HealthCheckRegion{"us-east-1", "us-west-1", "us-west-2"}}))
		Expect(c.action).To(Equal(updateCheck))
		Expect(c.update.HealthCheckVersion).To(HaveValue(BeEquivalentTo(7)))
		Expect(c.update.FailureThreshold).To(HaveValue(BeEquivalentTo(5)))
		Expect(c.update.FullyQualifiedDomainName).To(BeNil(), "what is as declared is left out")
		Expect(c.update.ResetElements).To(ConsistOf(types.ResettableElementNameResourcePath, types.ResettableElementNameRegions))
		Expect(c.plan).To(ConsistOf(
			HaveField("Field", "healthCheck.resourcePath"), HaveField("Field", "healthCheck.failureThreshold"), HaveField("Field", "healthCheck.regions")))
	})

	DescribeTable("is a replacement", func(change func(*v1alpha1.HealthCheck)) {
		c := diff(spec(change), stored(*spec()))
		Expect(c.action).To(Equal(replaceCheck))
		Expect(c.update).To(BeNil())
		Expect(c.plan).To(HaveEach(HaveField("Verb", "Replace")))
		Expect(c.plan).NotTo(ContainElement(HaveField("To", anyAddress)))
	},
		Entry("of the type", func(c *v1alpha1.HealthCheck) { c.Type = "HTTP" }),
		Entry("of the interval", func(c *v1alpha1.HealthCheck) { c.RequestIntervalSeconds = aws.Int32(10) }),
		Entry("of the latency", func(c *v1alpha1.HealthCheck) { c.MeasureLatency = aws.Bool(true) }),
		Entry("of an endpoint without an address", func(c *v1alpha1.HealthCheck) { c.IPAddress = "192.0.2.1" }),
	)
})

var _ = Describe("A caller reference", func() {
	obj := &v1alpha1.RecordSet{ObjectMeta: metav1.ObjectMeta{UID: "b25f48e8-84fd-11e6-80d9-574e0c4664cb", Generation: 1}}
	http, tcp := &types.HealthCheckConfig{Type: "HTTP"}, &types.HealthCheckConfig{Type: "TCP"}

	It("is the object's, short enough, and the same for the same", func() {
		reference := nextReference(obj, http, "")
		Expect(reference).To(HavePrefix(string(obj.UID) + "/"))
		Expect(len(reference)).To(BeNumerically("<=", 64))
		Expect(ownReference.MatchString(reference)).To(BeTrue())
		Expect(nextReference(obj, http, "")).To(Equal(reference))
	})

	It("is another one for what cannot be changed in place, once it is burnt, and for a later generation", func() {
		later := obj.DeepCopy()
		later.Generation++
		first := nextReference(obj, http, "")
		Expect([]string{nextReference(obj, tcp, ""), nextReference(obj, http, first), nextReference(later, http, "")}).To(And(
			HaveEach(Not(Equal(first))), HaveLen(3)))
	})
})

var _ = Describe("When a check may be deleted", func() {
	base := func(with ...func(*v1alpha1.RecordSet)) *v1alpha1.RecordSet {
		obj := &v1alpha1.RecordSet{}
		obj.Spec.HealthCheck = &v1alpha1.HealthCheck{}
		obj.Status.HealthCheck = &v1alpha1.HealthCheckStatus{ID: "new", Previous: []string{"old"}}
		obj.Status.UsedHealthCheckID = "new"
		obj.Status.Records = []v1alpha1.RecordKey{{Name: "www.example.com."}}
		obj.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionPropagated, Status: metav1.ConditionTrue}}
		for _, f := range with {
			f(obj)
		}
		return obj
	}
	DescribeTable("it depends on the record", func(obj *v1alpha1.RecordSet, expected bool) {
		Expect(unused(obj, "old")).To(Equal(expected))
	},
		Entry("that has switched over", base(), true),
		Entry("whose change has not arrived", base(func(o *v1alpha1.RecordSet) { o.Status.Conditions[0].Status = metav1.ConditionFalse }), false),
		Entry("that still uses it", base(func(o *v1alpha1.RecordSet) { o.Status.UsedHealthCheckID = "old" }), false),
		Entry("that uses neither yet", base(func(o *v1alpha1.RecordSet) { o.Status.UsedHealthCheckID = "" }), false),
		Entry("that declares none and uses none", base(func(o *v1alpha1.RecordSet) { o.Spec.HealthCheck, o.Status.UsedHealthCheckID = nil, "" }), true),
		Entry("that moves to another zone", base(func(o *v1alpha1.RecordSet) { o.Status.Records = append(o.Status.Records, v1alpha1.RecordKey{}) }), false),
		Entry("that is not there", base(func(o *v1alpha1.RecordSet) { o.Status.Records, o.Status.Conditions = nil, nil }), true),
	)
})
