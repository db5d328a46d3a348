package ec2_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim"
)

const image = "ami-0123456789abcdef0"

func webData() *types.RequestLaunchTemplateData {
	return &types.RequestLaunchTemplateData{
		ImageId: aws.String(image), InstanceType: types.InstanceTypeT3Micro, SecurityGroupIds: []string{"sg-0shared"},
		TagSpecifications: []types.LaunchTemplateTagSpecificationRequest{{
			ResourceType: types.ResourceTypeInstance, Tags: []types.Tag{{Key: aws.String("role"), Value: aws.String("web")}},
		}},
	}
}

// template makes a launch template and gives its id.
func (s *sim) template(ctx context.Context, name string, data *types.RequestLaunchTemplateData) string {
	GinkgoHelper()
	return *must(s.CreateLaunchTemplate(ctx, &sdk.CreateLaunchTemplateInput{LaunchTemplateName: &name, LaunchTemplateData: data})).
		LaunchTemplate.LaunchTemplateId
}

func (s *sim) versions(ctx context.Context, id string, asked ...string) []types.LaunchTemplateVersion {
	GinkgoHelper()
	return must(s.DescribeLaunchTemplateVersions(ctx, &sdk.DescribeLaunchTemplateVersionsInput{
		LaunchTemplateId: &id, Versions: asked,
	})).LaunchTemplateVersions
}

var _ = Describe("Launch templates", func() {
	var s *sim
	BeforeEach(func() { s = start(awssim.Options{}) })

	It("number their versions, the default of which stays until it is moved", func(ctx SpecContext) {
		id := s.template(ctx, "web", webData())
		second := must(s.CreateLaunchTemplateVersion(ctx, &sdk.CreateLaunchTemplateVersionInput{
			LaunchTemplateId: &id, VersionDescription: aws.String("larger"),
			LaunchTemplateData: &types.RequestLaunchTemplateData{InstanceType: types.InstanceTypeM5Large},
		})).LaunchTemplateVersion
		Expect(*second.VersionNumber).To(BeEquivalentTo(2))
		Expect(second.LaunchTemplateData.ImageId).To(BeNil(), "nothing is inherited without a source")
		latest := s.versions(ctx, id, "$Latest")
		Expect(*latest[0].VersionNumber).To(BeEquivalentTo(2))
		Expect(*latest[0].DefaultVersion).To(BeFalse())
		Expect(*s.versions(ctx, id, "$Default")[0].VersionNumber).To(BeEquivalentTo(1))
		must(s.ModifyLaunchTemplate(ctx, &sdk.ModifyLaunchTemplateInput{LaunchTemplateName: aws.String("web"), DefaultVersion: aws.String("2")}))
		Expect(*s.versions(ctx, id, "$Default")[0].VersionNumber).To(BeEquivalentTo(2))
	})

	It("inherit from a source version what the request leaves out", func(ctx SpecContext) {
		id := s.template(ctx, "web", webData())
		v := must(s.CreateLaunchTemplateVersion(ctx, &sdk.CreateLaunchTemplateVersionInput{
			LaunchTemplateId: &id, SourceVersion: aws.String("1"),
			LaunchTemplateData: &types.RequestLaunchTemplateData{InstanceRequirements: &types.InstanceRequirementsRequest{
				VCpuCount: &types.VCpuCountRangeRequest{Min: aws.Int32(2)}, MemoryMiB: &types.MemoryMiBRequest{Min: aws.Int32(4096)},
			}},
		})).LaunchTemplateVersion
		Expect(*v.LaunchTemplateData.ImageId).To(Equal(image))
		Expect(v.LaunchTemplateData.InstanceType).To(BeEmpty())
		Expect(*v.LaunchTemplateData.InstanceRequirements.VCpuCount.Min).To(BeEquivalentTo(2))
		Expect(v.LaunchTemplateData.TagSpecifications[0].Tags[0].Value).To(HaveValue(Equal("web")))
	})

	It("are made once for a client token", func(ctx SpecContext) {
		create := func(description string) (*sdk.CreateLaunchTemplateOutput, error) {
			return s.CreateLaunchTemplate(ctx, &sdk.CreateLaunchTemplateInput{
				LaunchTemplateName: aws.String("once"), LaunchTemplateData: webData(), ClientToken: aws.String("t"), VersionDescription: &description,
			})
		}
		first := must(create("a")).LaunchTemplate
		Expect(*must(create("a")).LaunchTemplate.LaunchTemplateId).To(Equal(*first.LaunchTemplateId))
		Expect(refusal(create("b"))).To(HavePrefix("IdempotentParameterMismatch: "))
		version := func() int64 {
			return *must(s.CreateLaunchTemplateVersion(ctx, &sdk.CreateLaunchTemplateVersionInput{
				LaunchTemplateName: aws.String("once"), LaunchTemplateData: webData(), ClientToken: aws.String("v"),
			})).LaunchTemplateVersion.VersionNumber
		}
		Expect(version()).To(BeEquivalentTo(2))
		Expect(version()).To(BeEquivalentTo(2))
		Expect(s.versions(ctx, *first.LaunchTemplateId)).To(HaveLen(2))
	})

	It("lose versions one by one, but never the default one, and never reuse a number", func(ctx SpecContext) {
		id := s.template(ctx, "web", webData())
		for range 2 {
			must(s.CreateLaunchTemplateVersion(ctx, &sdk.CreateLaunchTemplateVersionInput{LaunchTemplateId: &id, LaunchTemplateData: webData()}))
		}
		out := must(s.DeleteLaunchTemplateVersions(ctx, &sdk.DeleteLaunchTemplateVersionsInput{
			LaunchTemplateId: &id, Versions: []string{"1", "3", "7"},
		}))
		Expect(out.SuccessfullyDeletedLaunchTemplateVersions).To(HaveLen(1))
		Expect(out.UnsuccessfullyDeletedLaunchTemplateVersions).To(HaveLen(2))
		Expect(out.UnsuccessfullyDeletedLaunchTemplateVersions[1].ResponseError.Code).
			To(Equal(types.LaunchTemplateErrorCodeLaunchTemplateVersionDoesNotExist))
		Expect(*s.versions(ctx, id, "$Latest")[0].VersionNumber).To(BeEquivalentTo(2))
		Expect(*must(s.CreateLaunchTemplateVersion(ctx, &sdk.CreateLaunchTemplateVersionInput{
			LaunchTemplateId: &id, LaunchTemplateData: webData(),
		})).LaunchTemplateVersion.VersionNumber).To(BeEquivalentTo(4))
		many := make([]string, 201)
		for i := range many {
			many[i] = fmt.Sprint(i + 1)
		}
		Expect(refusal(s.DeleteLaunchTemplateVersions(ctx, &sdk.DeleteLaunchTemplateVersionsInput{LaunchTemplateId: &id, Versions: many}))).
			To(HavePrefix("InvalidParameterValue: "))
	})

	It("are listed by page, name and tag, newest versions first", func(ctx SpecContext) {
		for _, name := range []string{"one", "two", "three"} {
			must(s.CreateLaunchTemplate(ctx, &sdk.CreateLaunchTemplateInput{
				LaunchTemplateName: &name, LaunchTemplateData: webData(),
				TagSpecifications: []types.TagSpecification{{
					ResourceType: types.ResourceTypeLaunchTemplate, Tags: []types.Tag{{Key: aws.String("n"), Value: &name}},
				}},
			}))
		}
		page := must(s.DescribeLaunchTemplates(ctx, &sdk.DescribeLaunchTemplatesInput{MaxResults: aws.Int32(2)}))
		Expect(page.LaunchTemplates).To(HaveLen(2))
		rest := must(s.DescribeLaunchTemplates(ctx, &sdk.DescribeLaunchTemplatesInput{MaxResults: aws.Int32(2), NextToken: page.NextToken}))
		Expect(rest.LaunchTemplates).To(HaveLen(1))
		Expect(rest.NextToken).To(BeNil())
		tagged := must(s.DescribeLaunchTemplates(ctx, &sdk.DescribeLaunchTemplatesInput{Filters: filter("tag:n", "two")})).LaunchTemplates
		Expect(tagged).To(HaveExactElements(HaveField("LaunchTemplateName", HaveValue(Equal("two")))))
		must(s.CreateLaunchTemplateVersion(ctx, &sdk.CreateLaunchTemplateVersionInput{
			LaunchTemplateId: tagged[0].LaunchTemplateId, LaunchTemplateData: webData(),
		}))
		numbers := s.versions(ctx, *tagged[0].LaunchTemplateId)
		Expect(*numbers[0].VersionNumber).To(BeEquivalentTo(2))
		everywhere := must(s.DescribeLaunchTemplateVersions(ctx, &sdk.DescribeLaunchTemplateVersionsInput{Versions: []string{"$Latest"}}))
		Expect(everywhere.LaunchTemplateVersions).To(HaveLen(3))
	})

	It("warn of what a launch would fail of", func(ctx SpecContext) {
		data := webData()
		data.NetworkInterfaces = []types.LaunchTemplateInstanceNetworkInterfaceSpecificationRequest{{DeviceIndex: aws.Int32(0)}}
		out := must(s.CreateLaunchTemplate(ctx, &sdk.CreateLaunchTemplateInput{LaunchTemplateName: aws.String("both"), LaunchTemplateData: data}))
		Expect(*out.Warning.Errors[0].Code).To(Equal("InvalidParameterCombination"))
	})

	DescribeTable("are refused", func(ctx SpecContext, name string, change func(*types.RequestLaunchTemplateData), expected string) {
		s.template(ctx, "taken", webData())
		data := webData()
		change(data)
		Expect(refusal(s.CreateLaunchTemplate(ctx, &sdk.CreateLaunchTemplateInput{LaunchTemplateName: &name, LaunchTemplateData: data}))).
			To(HavePrefix(expected))
	},
		Entry("for a name in use", "taken", func(*types.RequestLaunchTemplateData) {}, "InvalidLaunchTemplateName.AlreadyExistsException: "),
		Entry("for a malformed name", "no spaces", func(*types.RequestLaunchTemplateData) {}, "InvalidLaunchTemplateName.MalformedException: "),
		Entry("without data", "new", func(d *types.RequestLaunchTemplateData) { *d = types.RequestLaunchTemplateData{} }, "MissingParameter: "),
		Entry("for user data that is not base64", "new", func(d *types.RequestLaunchTemplateData) { d.UserData = aws.String("#!/bin/sh") },
			"InvalidUserData.Malformed: Invalid BASE64 encoding of user data."),
		Entry("for too much user data", "new", func(d *types.RequestLaunchTemplateData) {
			d.UserData = aws.String(base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", 16385))))
		}, "InvalidParameterValue: User data is limited to 16384 bytes"),
		Entry("for a type beside requirements", "new", func(d *types.RequestLaunchTemplateData) {
			d.InstanceRequirements = &types.InstanceRequirementsRequest{
				VCpuCount: &types.VCpuCountRangeRequest{Min: aws.Int32(1)}, MemoryMiB: &types.MemoryMiBRequest{Min: aws.Int32(1)},
			}
		}, "InvalidParameterCombination: "),
		Entry("for a wrong choice", "new", func(d *types.RequestLaunchTemplateData) {
			d.MetadataOptions = &types.LaunchTemplateInstanceMetadataOptionsRequest{HttpTokens: "perhaps"}
		}, "InvalidParameterValue: "),
		Entry("for tags of what cannot be tagged", "new", func(d *types.RequestLaunchTemplateData) {
			d.TagSpecifications[0].ResourceType = types.ResourceTypeVpc
		}, "InvalidParameterValue: 'vpc' is not a valid taggable resource type"),
	)

	It("are told to be missing with the codes of id, name and version", func(ctx SpecContext) {
		id := s.template(ctx, "web", webData())
		ask := func(in sdk.DescribeLaunchTemplateVersionsInput) string {
			return refusal(s.DescribeLaunchTemplateVersions(ctx, &in))
		}
		Expect(ask(sdk.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: aws.String("lt-0none")})).To(HavePrefix("InvalidLaunchTemplateId.NotFound: "))
		Expect(ask(sdk.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: aws.String("web")})).To(HavePrefix("InvalidLaunchTemplateId.Malformed: "))
		Expect(ask(sdk.DescribeLaunchTemplateVersionsInput{LaunchTemplateName: aws.String("none")})).
			To(HavePrefix("InvalidLaunchTemplateName.NotFoundException: "))
		Expect(ask(sdk.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: &id, Versions: []string{"9"}})).
			To(HavePrefix("InvalidLaunchTemplateId.VersionNotFound: "))
		must(s.DeleteLaunchTemplate(ctx, &sdk.DeleteLaunchTemplateInput{LaunchTemplateId: &id}))
		Expect(ask(sdk.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: &id})).To(HavePrefix("InvalidLaunchTemplateId.NotFound: "))
	})

	It("survive a save with tags and user data", func(ctx SpecContext) {
		data := webData()
		data.UserData = aws.String("Zm9v")
		id := s.template(ctx, "web", data)
		before := s.versions(ctx, id)
		state := must(s.StateJSON())
		s.Reset()
		Expect(s.LoadState(state)).To(Succeed())
		Expect(s.versions(ctx, id)).To(Equal(before))
		Expect(string(must(s.StateJSON()))).To(Equal(string(state)))
	})
})
