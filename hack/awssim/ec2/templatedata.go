package ec2

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

const mostUserData = 16 << 10

// recast copies what two shapes of the SDK have in common: requests and
// responses name the same members alike, but are types of their own.
func recast(from, to reflect.Value) {
	switch {
	case from.Kind() == reflect.Pointer:
		if !from.IsNil() {
			recast(from.Elem(), to)
		}
	case to.Kind() == reflect.Pointer:
		made := reflect.New(to.Type().Elem())
		recast(from, made.Elem())
		to.Set(made)
	case from.Kind() == reflect.Struct && from.Type() != reflect.TypeFor[time.Time]():
		for i := range to.NumField() {
			field := to.Type().Field(i)
			if own := from.FieldByName(field.Name); field.IsExported() && own.IsValid() {
				recast(own, to.Field(i))
			}
		}
	case from.Kind() == reflect.Slice:
		if from.IsNil() {
			return
		}
		items := reflect.MakeSlice(to.Type(), from.Len(), from.Len())
		for i := range from.Len() {
			recast(from.Index(i), items.Index(i))
		}
		to.Set(items)
	case from.CanConvert(to.Type()):
		to.Set(from.Convert(to.Type()))
	}
}

// templateData is what a request holds, as a template has it.
func templateData(request any) *types.ResponseLaunchTemplateData {
	data := &types.ResponseLaunchTemplateData{}
	recast(reflect.ValueOf(request), reflect.ValueOf(data).Elem())
	return data
}

// overlaid is data with its members replaced by those that another one has.
func overlaid(base, over *types.ResponseLaunchTemplateData) *types.ResponseLaunchTemplateData {
	merged := *base
	from, to := reflect.ValueOf(over).Elem(), reflect.ValueOf(&merged).Elem()
	for i := range from.NumField() {
		if from.Type().Field(i).IsExported() && !from.Field(i).IsZero() {
			to.Field(i).Set(from.Field(i))
		}
	}
	// A type and requirements exclude each other: the newer one holds.
	switch {
	case over.InstanceType != "" && over.InstanceRequirements == nil:
		merged.InstanceRequirements = nil
	case over.InstanceRequirements != nil && over.InstanceType == "":
		merged.InstanceType = ""
	}
	return &merged
}

// fingerprint tells requests with the same client token apart.
func fingerprint(in any) string {
	// The SDK's inputs can always be rendered.
	raw, _ := json.Marshal(in)
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}

// checkData refuses what no launch template may hold. Combinations that only a
// launch can judge are warned of instead.
func (t *turn) checkData(data *types.ResponseLaunchTemplateData) error {
	if reflect.ValueOf(*data).IsZero() {
		return missingParameter("LaunchTemplateData")
	}
	if data.InstanceType != "" && data.InstanceRequirements != nil {
		return frame.Errorf("InvalidParameterCombination",
			"The parameters InstanceType and InstanceRequirements cannot be specified together. Specify only one of them.")
	}
	if err := checkUserData(data.UserData); err != nil {
		return err
	}
	if err := checkChoices(data); err != nil {
		return err
	}
	if r := data.InstanceRequirements; r != nil && (r.VCpuCount == nil || r.VCpuCount.Min == nil || r.MemoryMiB == nil || r.MemoryMiB.Min == nil) {
		return missingParameter("InstanceRequirements.VCpuCount.Min and InstanceRequirements.MemoryMiB.Min")
	}
	return t.checkDataTags(data.TagSpecifications)
}

func checkUserData(text *string) error {
	if text == nil {
		return nil
	}
	raw, err := base64.StdEncoding.DecodeString(*text)
	if err != nil {
		return frame.Errorf("InvalidUserData.Malformed", "Invalid BASE64 encoding of user data.")
	}
	if len(raw) > mostUserData {
		return invalidValue("User data is limited to %d bytes", mostUserData)
	}
	return nil
}

// checkChoices looks at members with few allowed values.
func checkChoices(data *types.ResponseLaunchTemplateData) error {
	if m := data.MetadataOptions; m != nil {
		if hops := m.HttpPutResponseHopLimit; hops != nil && (*hops < 1 || *hops > 64) {
			return invalidValue("Value (%d) for parameter HttpPutResponseHopLimit is invalid. Valid values are between 1 and 64.", *hops)
		}
		if err := oneOf("HttpTokens", m.HttpTokens, m.HttpTokens.Values()); err != nil {
			return err
		}
		if err := oneOf("HttpEndpoint", m.HttpEndpoint, m.HttpEndpoint.Values()); err != nil {
			return err
		}
	}
	if c := data.CreditSpecification; c != nil && !slices.Contains([]string{"", "standard", "unlimited"}, aws.ToString(c.CpuCredits)) {
		return invalidValue("Value (%s) for parameter CpuCredits is invalid.", *c.CpuCredits)
	}
	if err := oneOf("InstanceInitiatedShutdownBehavior", data.InstanceInitiatedShutdownBehavior, data.InstanceInitiatedShutdownBehavior.Values()); err != nil {
		return err
	}
	return checkVolumes(data.BlockDeviceMappings)
}

func checkVolumes(devices []types.LaunchTemplateBlockDeviceMapping) error {
	for _, device := range devices {
		if device.Ebs == nil {
			continue
		}
		if err := oneOf("VolumeType", device.Ebs.VolumeType, device.Ebs.VolumeType.Values()); err != nil {
			return err
		}
		if size := device.Ebs.VolumeSize; size != nil && (*size < 1 || *size > 65536) {
			return invalidValue("Volume of %dGiB is invalid. The size must be between 1 and 65536 GiB.", *size)
		}
	}
	return nil
}

func oneOf[T ~string](name string, value T, known []T) error {
	if value == "" || slices.Contains(known, value) {
		return nil
	}
	return invalidValue("Value (%s) for parameter %s is invalid.", value, name)
}

// taggedAtLaunch are the kinds of resources that a launch can tag.
var taggedAtLaunch = []types.ResourceType{
	types.ResourceTypeInstance, types.ResourceTypeVolume, types.ResourceTypeNetworkInterface, types.ResourceTypeSpotInstancesRequest,
	types.ResourceTypeElasticGpu,
}

func (t *turn) checkDataTags(specified []types.LaunchTemplateTagSpecification) error {
	var seen []types.ResourceType
	for _, specification := range specified {
		if !slices.Contains(taggedAtLaunch, specification.ResourceType) {
			return invalidValue("'%s' is not a valid taggable resource type for this operation.", specification.ResourceType)
		}
		if slices.Contains(seen, specification.ResourceType) {
			return invalidValue("Duplicate resource type '%s' in tag specifications.", specification.ResourceType)
		}
		seen = append(seen, specification.ResourceType)
		if err := t.checkTags(tagMap(specification.Tags)); err != nil {
			return err
		}
	}
	return nil
}

// warned tells what a launch from the data would fail of.
func (s *Service) warned(t *turn, data *types.ResponseLaunchTemplateData) *types.ValidationWarning {
	warning := &types.ValidationWarning{}
	add := func(err error) {
		if err != nil {
			known := frame.AsError(err)
			warning.Errors = append(warning.Errors, types.ValidationError{Code: aws.String(known.Code), Message: aws.String(known.Message)})
		}
	}
	if data.ImageId != nil {
		_, err := imageOf(*data.ImageId)
		add(err)
	}
	if data.InstanceType != "" {
		_, err := instanceTypeNamed(data.InstanceType)
		add(err)
	}
	groups, err := groupsAtLaunch(data)
	add(err)
	for _, id := range groups {
		_, err := t.groupOf(&id, nil)
		add(err)
	}
	if len(warning.Errors) == 0 {
		return nil
	}
	return warning
}

// groupsAtLaunch are the security groups that data asks for.
func groupsAtLaunch(data *types.ResponseLaunchTemplateData) ([]string, error) {
	groups := data.SecurityGroupIds
	if len(data.NetworkInterfaces) > 0 {
		if len(groups) > 0 || len(data.SecurityGroups) > 0 {
			return nil, frame.Errorf("InvalidParameterCombination",
				"Network interfaces and an instance-level security groups may not be specified on the same request")
		}
		groups = data.NetworkInterfaces[0].Groups
	}
	if len(data.SecurityGroups) > 0 {
		return nil, frame.Errorf("InvalidParameterCombination",
			"The parameter groupName cannot be used with the parameter subnet")
	}
	for _, id := range groups {
		if !strings.HasPrefix(id, groupKind.prefix+"-") {
			return nil, frame.Errorf("InvalidGroupId.Malformed", `Invalid id: "%s" (expecting "sg-...")`, id)
		}
	}
	return groups, nil
}
