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
	simroute53 "github.com/evenkeel/evenkeel/hack/awssim/route53"
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
	populateAround(ctx, s, zone)
	_, err = s.sts.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: aws.String(role), RoleSessionName: aws.String("spec")})
	Expect(err).NotTo(HaveOccurred())
	return zone
}

// populateAround makes something of everything around records.
func populateAround(ctx SpecContext, s *sim, zone string) {
	_, err := s.createKey(ctx, zone, "key", kmsKey(1), "ACTIVE")
	Expect(err).NotTo(HaveOccurred())
	s.settle()
	Expect(s.enable(ctx, zone)).To(Succeed())
	Expect(s.SetKMSKey(kmsKey(2), "the key is disabled")).To(Succeed())
	_, err = s.createSet(ctx, "set", &zone)
	Expect(err).NotTo(HaveOccurred())
	_, err = s.logTo(ctx, zone, logGroup)
	Expect(err).NotTo(HaveOccurred())
	Expect(s.SetLogGroup(simroute53.LogGroup{ARN: logGroup, Denied: true})).To(Succeed())
	collection := s.collection(ctx, "offices")
	Expect(s.changeBlocks(ctx, collection, put, "north", "192.0.2.0/24", "2001:db8::/32")).To(Succeed())
	id := s.check(ctx, check("HTTP", at("192.0.2.30", 80)))
	Expect(s.SetHealthCheck(id, simroute53.CheckState{Healthy: aws.Bool(false)})).To(Succeed())
	Expect(s.SetEndpoint("192.0.2.31:80", "127.0.0.1:18080")).To(Succeed())
	for i, private := range s.Zones() {
		if private.Private {
			Expect(authorize(ctx, s.route53, private.ID, "vpc-0main")).To(Succeed(), "zone %d", i)
		}
	}
	_, err = s.route53.UpdateHostedZoneFeatures(ctx, &route53.UpdateHostedZoneFeaturesInput{HostedZoneId: &zone, EnableAcceleratedRecovery: aws.Bool(true)})
	Expect(err).NotTo(HaveOccurred())
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
		Expect(again.HealthChecks()).To(Equal(s.HealthChecks()))
		Expect(again.Healthy(again.HealthChecks()[0].ID)).To(BeFalse())
		_, err = again.createCheck(ctx, "check 0", check("HTTP", at("192.0.2.31", 80)))
		Expect(codeOf(err)).To(Equal("HealthCheckAlreadyExists"))
		_, err = again.createSet(ctx, "set", nil)
		Expect(codeOf(err)).To(Equal("DelegationSetAlreadyCreated"))
		s.settle()
		again.clock.Advance(2 * time.Minute)
		Expect(*again.dnssec(ctx, zone).Status.ServeSignature).To(Equal("SIGNING"))
		Expect(again.dnssec(ctx, zone).KeySigningKeys).To(Equal(s.dnssec(ctx, zone).KeySigningKeys))
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
		Entry(nil, `{"endpoints": {"192.0.2.1:80": "192.0.2.2:80"}}`, "not a loopback one"),
		Entry(nil, `{"services": {"route53": {"healthChecks": [{"id": "h", "account": "1", "config": {"Type": "TCP"}}]}}}`, "Port must be specified"),
		Entry(nil, `{"services": {"route53": {"healthChecks": [{"config": {"Type": "TCP"}}]}}}`, `"id" and "account"`),
		Entry(nil, `{"services": {"route53": {"zones": [{"id": "Z1", "account": "1", "name": "a.b", "nameServers": ["n"], "dnssec": {"zoneKey": "00"}}]}}}`, "the zone's key"),
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

	It("tells endpoints, health, log groups and keys", func(ctx SpecContext) {
		s := start(awssim.Options{})
		post := func(path, body string) {
			GinkgoHelper()
			status, answer := ask(ctx, s, "POST", path, body)
			Expect(status).To(Equal(200), "%v", answer)
		}
		id := s.check(ctx, check("HTTP", at("192.0.2.30", 80)))
		post("/_sim/endpoints", `{"192.0.2.30:80": "127.0.0.1:18080", "www.example.com:443": "[::1]:18443"}`)
		post("/_sim/endpoints", `{"www.example.com:443": ""}`)
		_, endpoints := ask(ctx, s, "GET", "/_sim/endpoints", "")
		Expect(endpoints).To(Equal(map[string]any{"192.0.2.30:80": "127.0.0.1:18080"}))
		post("/_sim/healthchecks/"+id, `{"healthy": false}`)
		Expect(s.Healthy(id)).To(BeFalse())
		_, checks := ask(ctx, s, "GET", "/_sim/healthchecks", "")
		Expect(checks["list"]).To(ConsistOf(SatisfyAll(HaveKeyWithValue("id", id), HaveKeyWithValue("healthy", false))))
		post("/_sim/healthchecks/"+id, `{"healthy": null}`)
		Expect(s.Healthy(id)).To(BeTrue())
		post("/_sim/loggroups", `{"arn": "`+logGroup+`", "missing": true}`)
		_, err := s.logTo(ctx, s.zone(ctx, "example.com"), logGroup)
		Expect(codeOf(err)).To(Equal("NoSuchCloudWatchLogsLogGroup"))
		post("/_sim/kmskeys", `{"arn": "`+kmsKey(1)+`", "bad": "the key is disabled"}`)
		_, err = s.createKey(ctx, s.Zones()[0].ID, "key", kmsKey(1), "ACTIVE")
		Expect(codeOf(err)).To(Equal("InvalidKMSArn"))
		post("/_sim/vpcs", `{"id": "vpc-0near", "region": "eu-west-1", "cidr": "127.7.0.0/16"}`)
		ask(ctx, s, "POST", "/_sim/reset", "")
		Expect(s.HealthChecks()).To(BeEmpty())
		_, endpoints = ask(ctx, s, "GET", "/_sim/endpoints", "")
		Expect(endpoints).To(BeEmpty())
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
		Entry(nil, "POST", "/_sim/endpoints", `["192.0.2.30:80"]`, 400, `{"192.0.2.30:443": "127.0.0.1:18443"}`),
		Entry(nil, "POST", "/_sim/endpoints", `{"192.0.2.30:80": "192.0.2.31:80"}`, 400, "not a loopback one"),
		Entry(nil, "POST", "/_sim/healthchecks/abc", `{"healthy": false}`, 400, `no health check "abc"`),
		Entry(nil, "POST", "/_sim/healthchecks/abc", `{"health": false}`, 400, `unknown field "health"`),
		Entry(nil, "POST", "/_sim/loggroups", `{"arn": "abc"}`, 400, "not the ARN of a log group"),
		Entry(nil, "POST", "/_sim/kmskeys", `{"arn": "abc"}`, 400, "not the ARN of a key"),
	)
})
