package ec2

import (
	"hash/fnv"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

const (
	// missingImages begins the ids of images that there are not.
	missingImages = "ami-0bad"
	// brokenImages begins the ids of images whose instances run, and answer every request with an error.
	brokenImages = "ami-0dead"
)

var imageID = regexp.MustCompile(`^ami-([0-9a-f]{8}|[0-9a-f]{17})$`)

// imageOf gives the image that a launch asks for, by id or by a parameter of
// Systems Manager. Every well-formed id is an image but those of missingImages;
// every parameter names one but those that have "missing" in their names.
func imageOf(asked string) (string, error) {
	if parameter, ok := strings.CutPrefix(asked, "resolve:ssm:"); ok {
		if parameter == "" || strings.Contains(parameter, "missing") {
			return "", invalidValue("Could not resolve parameter %s. Parameter was not found.", parameter)
		}
		sum := fnv.New64a()
		_, _ = sum.Write([]byte(parameter))
		digits := strconv.FormatUint(sum.Sum64()|1<<63, 16)
		return "ami-0" + strings.ReplaceAll(digits, "bad", "bed"), nil
	}
	switch {
	case !imageID.MatchString(asked):
		return "", frame.Errorf("InvalidAMIID.Malformed", `Invalid id: "%s" (expecting "ami-...")`, asked)
	case strings.HasPrefix(asked, missingImages):
		return "", frame.Errorf("InvalidAMIID.NotFound", "The image id '[%s]' does not exist", asked)
	}
	return asked, nil
}

func (s *Service) describeImages(t *turn, in *sdk.DescribeImagesInput) (*sdk.DescribeImagesOutput, error) {
	ids := slices.Clone(in.ImageIds)
	for _, filter := range in.Filters {
		if aws.ToString(filter.Name) == "image-id" {
			ids = append(ids, filter.Values...)
		}
	}
	out := &sdk.DescribeImagesOutput{Images: []types.Image{}}
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		image, err := imageOf(id)
		if err != nil && slices.Contains(in.ImageIds, id) {
			return nil, err
		}
		if err == nil {
			out.Images = append(out.Images, types.Image{
				ImageId: &image, Name: aws.String("image-" + strings.TrimPrefix(image, "ami-")), OwnerId: aws.String(t.Caller.Account),
				State: types.ImageStateAvailable, Architecture: types.ArchitectureValuesX8664, ImageType: types.ImageTypeValuesMachine,
				RootDeviceType: types.DeviceTypeEbs, RootDeviceName: aws.String(rootDevice), VirtualizationType: types.VirtualizationTypeHvm,
				CreationDate: aws.String("2026-01-01T00:00:00.000Z"), Public: aws.Bool(true), Hypervisor: types.HypervisorTypeXen,
				EnaSupport: aws.Bool(true), PlatformDetails: aws.String("Linux/UNIX"), UsageOperation: aws.String("RunInstances"),
				ImageLocation: aws.String("amazon/" + image), BlockDeviceMappings: []types.BlockDeviceMapping{}, Tags: []types.Tag{},
			})
		}
	}
	return out, nil
}
