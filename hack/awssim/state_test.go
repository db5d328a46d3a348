package awssim_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// populate makes something of everything that is saved.
func populate(ctx SpecContext, s *sim) (zone string) {
	zone = s.zone(ctx, "example.com")
	s.privateZone(ctx, "corp.internal")
	s.AddVPC(frame.VPC{ID: "vpc-0two", Region: "eu-west-1", Account: "222222222222"})
	s.mustChange(ctx, zone, create(a("*.example.com", "192.0.2.1", weight("one", 0))), create(a(www, "192.0.2.1")),
		create(alias("example.com", types.RRTypeA, zone, www)),
		create(a("geo.example.com", "192.0.2.1", geo("de", types.GeoLocation{CountryCode: aws.String("DE")}))))
	_, err := s.route53.ChangeTagsForResource(ctx, &route53.ChangeTagsForResourceInput{
		ResourceType: types.TagResourceTypeHostedzone, ResourceId: &zone,
		AddTags: []types.Tag{{Key: aws.String("empty"), Value: aws.String("")}, {Key: aws.String("k"), Value: aws.String("v")}},
	})
	Expect(err).NotTo(HaveOccurred())
	_, err = s.sts.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: aws.String(role), RoleSessionName: aws.String("spec")})
	Expect(err).NotTo(HaveOccurred())
	return zone
}

var _ = Describe("State", func() {
	It("loads as it was saved, into another server", func(ctx SpecContext) {
		s := start(awssim.Options{})
		zone := populate(ctx, s)
		saved, err := s.StateJSON()
		Expect(err).NotTo(HaveOccurred())
		again := start(awssim.Options{})
		Expect(again.LoadState(saved)).To(Succeed())
		Expect(again.StateJSON()).To(Equal(saved))
		Expect(again.listed(zone)).To(Equal(s.listed(zone)))
		_, err = again.route53.CreateHostedZone(ctx, &route53.CreateHostedZoneInput{
			Name: aws.String("example.com"), CallerReference: aws.String("zone example.com"),
		})
		Expect(codeOf(err)).To(Equal("HostedZoneAlreadyExists"))
	})

	It("is in a file soon after a change and at the end", func(ctx SpecContext) {
		path := filepath.Join(GinkgoT().TempDir(), "state.json")
		s := start(awssim.Options{StateFile: path})
		s.zone(ctx, "example.com")
		Eventually(func() (string, error) {
			raw, err := os.ReadFile(path)
			return string(raw), err
		}).WithTimeout(5 * time.Second).Should(ContainSubstring("example.com."))
		zone := s.zone(ctx, "example.org")
		Expect(s.Close()).To(Succeed())
		Expect(s.StateError()).NotTo(HaveOccurred())
		again := start(awssim.Options{StateFile: path})
		Expect(again.listed(zone)).To(HaveLen(2))
		Expect(filepath.Glob(path+"*")).To(HaveLen(1), "nothing temporary is left")
	})

	It("tells what is wrong with a file", func() {
		path := filepath.Join(GinkgoT().TempDir(), "state.json")
		Expect(os.WriteFile(path, []byte("{\n\"vpcs\": [,]}"), 0o600)).To(Succeed())
		_, err := awssim.New(awssim.Options{StateFile: path})
		Expect(err).To(MatchError(SatisfyAll(ContainSubstring(path), ContainSubstring("line 2"))))
	})

	DescribeTable("refuses what it cannot be", func(state, why string) {
		s := start(awssim.Options{})
		Expect(s.LoadState([]byte(state))).To(MatchError(ContainSubstring(why)))
	},
		Entry(nil, ``, "empty"),
		Entry(nil, `{} {}`, "more after"),
		Entry(nil, `{"zones": []}`, `unknown field "zones"`),
		Entry(nil, `{"services": {"s3": {}}}`, `no service "s3"`),
		Entry(nil, `{"services": {"route53": {"zones": [{"id": "Z1", "account": "1", "name": "a..b", "nameServers": ["n"]}]}}}`, `"a..b" is not a domain name`),
		Entry(nil, `{"services": {"route53": {"zones": [{"id": "Z1", "account": "1", "name": "a.b", "nameServers": ["n"], "recordSets": [{"Name": "c.d", "Type": "A"}]}]}}}`, "not one of this zone"),
		Entry(nil, `{"services": {"route53": {"zones": [{"id": "Z1", "account": "1", "name": "a.b", "nameServers": ["n"], "recordSets": [{"Name": "a.b", "Type": "A"}, {"Name": "A.B.", "Type": "A"}]}]}}}`, "there twice"),
	)

	It("tells its generation", func(ctx SpecContext) {
		s := start(awssim.Options{})
		zone := s.zone(ctx, "example.com")
		before := s.Generation()
		s.mustChange(ctx, zone, create(x))
		Expect(s.Generation()).NotTo(Equal(before))
		before = s.Generation()
		Expect(s.change(ctx, zone, create(x))).NotTo(Succeed())
		Expect(s.Generation()).To(Equal(before))
	})
})

var _ = Describe("The control API", func() {
	ask := func(ctx SpecContext, s *sim, method, path, body string) (int, map[string]any) {
		GinkgoHelper()
		request, err := http.NewRequestWithContext(ctx, method, s.url+path, strings.NewReader(body))
		Expect(err).NotTo(HaveOccurred())
		response, err := http.DefaultClient.Do(request)
		Expect(err).NotTo(HaveOccurred())
		defer response.Body.Close()
		var answered any
		Expect(json.NewDecoder(response.Body).Decode(&answered)).To(Succeed())
		object, isObject := answered.(map[string]any)
		if !isObject {
			object = map[string]any{"list": answered}
		}
		return response.StatusCode, object
	}

	It("meters, breaks, saves, loads and resets", func(ctx SpecContext) {
		s := start(awssim.Options{})
		zone := populate(ctx, s)
		_, meter := ask(ctx, s, "GET", "/_sim/meter", "")
		Expect(meter["calls"]).To(HaveKeyWithValue("route53/CreateHostedZone", 2.0))
		ask(ctx, s, "DELETE", "/_sim/meter", "")
		Expect(s.Meter().Total()).To(BeZero())

		status, _ := ask(ctx, s, "POST", "/_sim/faults", `{"service": "*", "operation": "GetHostedZone", "kind": "throttle", "count": 2, "skip": 1}`)
		Expect(status).To(Equal(200))
		status, _ = ask(ctx, s, "POST", "/_sim/faults", `[{"service": "*", "operation": "*", "kind": "latency", "share": 0.1, "milliseconds": 1}]`)
		Expect(status).To(Equal(200))
		_, faults := ask(ctx, s, "GET", "/_sim/faults", "")
		Expect(faults["list"]).To(HaveLen(2))
		ask(ctx, s, "DELETE", "/_sim/faults", "")
		Expect(s.Faults()).To(BeEmpty())

		saved, err := s.StateJSON()
		Expect(err).NotTo(HaveOccurred())
		ask(ctx, s, "POST", "/_sim/reset", "")
		Expect(s.Zones()).To(BeEmpty())
		status, _ = ask(ctx, s, "PUT", "/_sim/state", string(saved))
		Expect(status).To(Equal(200))
		Expect(s.listed(zone)).NotTo(BeEmpty())
		_, state := ask(ctx, s, "GET", "/_sim/state", "")
		Expect(json.Marshal(state)).To(MatchJSON(saved))

		status, _ = ask(ctx, s, "POST", "/_sim/vpcs", `{"id": "vpc-0new", "region": "eu-west-1"}`)
		Expect(status).To(Equal(200))
		_, vpcs := ask(ctx, s, "GET", "/_sim/vpcs", "")
		Expect(vpcs["list"]).To(ContainElement(HaveKeyWithValue("id", "vpc-0new")))
	})

	DescribeTable("says what is wrong", func(ctx SpecContext, method, path, body string, status int, why string) {
		got, answer := ask(ctx, start(awssim.Options{}), method, path, body)
		Expect(got).To(Equal(status))
		Expect(answer["error"]).To(ContainSubstring(why))
		if status == 404 {
			Expect(answer["have"]).To(ContainElement("GET /_sim/meter"))
		}
	},
		Entry(nil, "GET", "/_sim/metre", "", 404, "there is no GET /_sim/metre"),
		Entry(nil, "PATCH", "/_sim/meter", "", 404, "there is no PATCH /_sim/meter"),
		Entry(nil, "POST", "/_sim/faults", `{`, 400, "unexpected EOF"),
		Entry(nil, "POST", "/_sim/faults", `{"servce": "*"}`, 400, `unknown field "servce"`),
		Entry(nil, "POST", "/_sim/faults", `{"service": "*", "operation": "*", "kind": "drop"}`, 400, `"count"`),
		Entry(nil, "PUT", "/_sim/state", `[]`, 400, "cannot unmarshal array"),
		Entry(nil, "POST", "/_sim/vpcs", `{}`, 400, `"id" and "region"`),
	)
})
