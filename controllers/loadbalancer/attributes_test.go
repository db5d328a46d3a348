package loadbalancer

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// elsewhere is a value for each attribute that is not AWS's default.
var elsewhere = v1alpha1.LoadBalancerAttributes{
	DeletionProtectionEnabled: aws.Bool(true), CrossZoneEnabled: aws.Bool(true),
	AccessLogs:            &v1alpha1.S3Logs{Enabled: true, Bucket: "logs", Prefix: "access"},
	ConnectionLogs:        &v1alpha1.S3Logs{Enabled: true, Bucket: "logs", Prefix: "connections"},
	HealthCheckLogs:       &v1alpha1.S3Logs{Enabled: true, Bucket: "logs", Prefix: "checks"},
	IPv6DenyAllIGWTraffic: aws.Bool(true), ZonalShiftEnabled: aws.Bool(true), IdleTimeoutSeconds: aws.Int32(61),
	ClientKeepAliveSeconds: aws.Int32(61), DesyncMitigationMode: "strictest", DropInvalidHeaderFieldsEnabled: aws.Bool(true),
	PreserveHostHeaderEnabled: aws.Bool(true), TLSVersionAndCipherSuiteHeadersEnabled: aws.Bool(true), XFFClientPortEnabled: aws.Bool(true),
	XFFHeaderProcessingMode: "remove", HTTP2Enabled: aws.Bool(false), WAFFailOpenEnabled: aws.Bool(true),
	ClientRoutingPolicy: "availability_zone_affinity", SecondaryIPsAutoAssignedPerSubnet: aws.Int32(1),
	Other: map[string]v1alpha1.AttributeValue{"load_balancing.algorithm.new": "on"},
}

var _ = Describe("Every attribute", func() {
	fields := reflect.TypeFor[v1alpha1.LoadBalancerAttributes]()
	for i := range fields.NumField() {
		It(fmt.Sprintf("is set, then left alone, then reset: %s", fields.Field(i).Name), func() {
			Expect(reflect.ValueOf(elsewhere).Field(i).IsZero()).To(BeFalse(), "the table of this spec lacks the attribute")
			obj := network()
			if key := fields.Field(i).Name; key != "SecondaryIPsAutoAssignedPerSubnet" && key != "ClientRoutingPolicy" && key != "CrossZoneEnabled" {
				obj = application()
			}
			attributes := v1alpha1.LoadBalancerAttributes{}
			reflect.ValueOf(&attributes).Elem().Field(i).Set(reflect.ValueOf(elsewhere).Field(i))
			obj.Spec.Attributes = &attributes
			defaults := defaultAttributes(obj)

			set := diffAttributes(desiredAttributes(obj), defaults, defaults, nil)
			Expect(set).NotTo(BeEmpty())
			Expect(set).To(Equal(desiredAttributes(obj)), "a value of the table of this spec is AWS's default")
			live := maps.Clone(defaults)
			maps.Copy(live, set)
			Expect(diffAttributes(desiredAttributes(obj), live, defaults, nil)).To(BeEmpty())

			reset := diffAttributes(nil, live, defaults, slices.Collect(maps.Keys(set)))
			maps.Copy(live, reset)
			for key, value := range live {
				switch {
				case key == secondaryIPs || key == "load_balancing.algorithm.new": // cannot be gone back to, or is not known
				case len(key) > 7 && (key[len(key)-7:] == ".bucket" || key[len(key)-7:] == ".prefix"): // mean nothing while nothing is logged
				default:
					Expect(value).To(Equal(defaults[key]), key)
				}
			}
		})
	}
})

var _ = Describe("Attributes", func() {
	DescribeTable("are compared as AWS reads them", func(key, want, got string, same bool) {
		set := diffAttributes(map[string]string{key: want}, map[string]string{key: got}, nil, nil)
		if same {
			Expect(set).To(BeEmpty())
		} else {
			Expect(set).To(Equal(map[string]string{key: want}))
		}
	},
		Entry("in any case", "zonal_shift.config.enabled", "True", "true", true),
		Entry("without blanks", "idle_timeout.timeout_seconds", " 60", "60", true),
		Entry("in this case, where it names something", "access_logs.s3.prefix", "Web", "web", false),
	)

	It("leave the bucket of logs alone that are not written", func() {
		obj := application(withAttributes(v1alpha1.LoadBalancerAttributes{AccessLogs: &v1alpha1.S3Logs{Bucket: "logs", Prefix: "p"}}))
		Expect(desiredAttributes(obj)).To(Equal(map[string]string{"access_logs.s3.enabled": "false"}))
	})

	It("take the prefix of logs away that is declared no more", func() {
		obj := application(withAttributes(v1alpha1.LoadBalancerAttributes{AccessLogs: &v1alpha1.S3Logs{Enabled: true, Bucket: "logs"}}))
		live := map[string]string{"access_logs.s3.enabled": "true", "access_logs.s3.bucket": "logs", "access_logs.s3.prefix": "web"}
		Expect(diffAttributes(desiredAttributes(obj), live, defaultAttributes(obj), nil)).To(Equal(map[string]string{"access_logs.s3.prefix": ""}))
	})

	It("follow the scheme where AWS's default does", func() {
		internal := application(func(obj *v1alpha1.LoadBalancer) { obj.Spec.Scheme = v1alpha1.SchemeInternal })
		Expect(defaultAttributes(internal)).To(HaveKeyWithValue(denyIGWTraffic, "true"))
		Expect(defaultAttributes(application())).To(HaveKeyWithValue(denyIGWTraffic, "false"))
	})

	It("go out in calls of twenty", func() {
		set := map[string]string{}
		for i := range 45 {
			set[fmt.Sprintf("key%02d", i)] = "v"
		}
		var sizes []int
		sent := map[string]string{}
		for _, c := range settingAttributes("Update", "r", set, nil, func(_ context.Context, _ *Kind, _ *observed, part map[string]string) error {
			sizes = append(sizes, len(part))
			maps.Copy(sent, part)
			return nil
		}) {
			Expect(c.run(context.Background(), kind, nil, nil)).To(Succeed())
		}
		Expect(sizes).To(Equal([]int{20, 20, 5}))
		Expect(sent).To(Equal(set))
	})
})
