package query_test

import (
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/middleware"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
	"github.com/evenkeel/evenkeel/hack/awssim/query"
)

func TestQuery(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Query protocol")
}

// input has what the SDK's inputs have, as no operation alone does.
type input struct {
	Names      []string
	Attributes map[string]string
	Nested     *struct{ Enabled *bool }
	Count      *int32
}

type output struct {
	Items          []item
	ResultMetadata middleware.Metadata
}

type item struct{ Name *string }

var codec = query.New("http://example.com/doc/", "2020-01-01", "DescribeThings", "DeleteThing")

func request(form string) *frame.Request {
	return &frame.Request{ID: "id-1", Operation: "DescribeThings", HTTP: httptest.NewRequest("POST", "/", nil), Body: []byte(form)}
}

var _ = Describe("The query protocol", func() {
	decode := func(form string) (input, error) {
		r := request("Action=DescribeThings&Version=2020-01-01&" + form)
		if _, err := codec.Route(r); err != nil {
			return input{}, err
		}
		var in input
		err := codec.Decode(r, &in)
		return in, err
	}

	It("reads lists in the order of their numbers, maps and nested members", func() {
		in, err := decode("Names.member.10=c&Names.member.2=b&Names.member.1=a&Attributes.entry.1.key=k&Attributes.entry.1.value=v%3D" +
			"&Nested.Enabled=true&Count=3")
		Expect(err).NotTo(HaveOccurred())
		Expect(in.Names).To(Equal([]string{"a", "b", "c"}))
		Expect(in.Attributes).To(Equal(map[string]string{"k": "v="}))
		Expect(*in.Nested.Enabled).To(BeTrue())
		Expect(*in.Count).To(BeEquivalentTo(3))
	})

	It("tells an empty list from an absent one", func() {
		in, err := decode("Names=")
		Expect(err).NotTo(HaveOccurred())
		Expect(in.Names).To(And(BeEmpty(), Not(BeNil())))
		in, err = decode("")
		Expect(err).NotTo(HaveOccurred())
		Expect(in.Names).To(BeNil())
	})

	DescribeTable("refuses what it cannot read", func(form, code string) {
		_, err := decode(form)
		Expect(frame.AsError(err).Code).To(Equal(code))
	},
		Entry(nil, "Count=many", "ValidationError"),
		Entry(nil, "Names.member.x=a", "ValidationError"),
		Entry(nil, "Count.member.1=1", "ValidationError"),
		Entry(nil, "Attributes.entry.1.value=v", "ValidationError"),
		Entry(nil, "Names=%", "MalformedQueryString"),
	)

	It("writes members inside a result, and none when there is no output", func() {
		response, err := codec.Encode(request(""), &output{Items: []item{{Name: aws.String("<a>")}, {}}})
		Expect(err).NotTo(HaveOccurred())
		Expect(string(response.Body)).To(HaveSuffix(`<DescribeThingsResponse xmlns="http://example.com/doc/"><DescribeThingsResult>` +
			`<Items><member><Name>&lt;a&gt;</Name></member><member></member></Items></DescribeThingsResult>` +
			`<ResponseMetadata><RequestId>id-1</RequestId></ResponseMetadata></DescribeThingsResponse>`))
		response, err = codec.Encode(request(""), &struct{ ResultMetadata middleware.Metadata }{})
		Expect(err).NotTo(HaveOccurred())
		Expect(string(response.Body)).NotTo(ContainSubstring("Result>"))
		complete := query.New("http://example.com/doc/", "2020-01-01", "DescribeThings").WithEmptyResults()
		response, err = complete.Encode(request(""), &struct{ ResultMetadata middleware.Metadata }{})
		Expect(err).NotTo(HaveOccurred())
		Expect(string(response.Body)).To(ContainSubstring("<DescribeThingsResult></DescribeThingsResult>"))
	})

	It("writes maps as entries in the order of their keys", func() {
		response, err := codec.Encode(request(""), &struct{ Extra map[string]string }{map[string]string{"b": "2", "a": "<1>"}})
		Expect(err).NotTo(HaveOccurred())
		Expect(string(response.Body)).To(ContainSubstring(`<Extra><entry><key>a</key><value>&lt;1&gt;</value></entry>` +
			`<entry><key>b</key><value>2</value></entry></Extra>`))
	})
})
