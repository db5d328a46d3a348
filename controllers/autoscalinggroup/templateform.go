package autoscalinggroup

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// templateForm is the data of a launch template version in the one form in which versions are compared: what is declared
// by the API's names. No list of it has an order that means anything.
type templateForm map[string]any

// formOf returns data in normal form, be it as EC2 takes it or as it gives it: the SDK has two types, with members of the
// same names.
func formOf(data any) (templateForm, error) {
	raw, err := json.Marshal(data)
	if err != nil {
		return nil, fmt.Errorf("rendering a launch template: %w", err)
	}
	var read map[string]any
	if err := json.Unmarshal(raw, &read); err != nil {
		return nil, fmt.Errorf("reading a rendered launch template: %w", err)
	}
	form, _ := pruned(read).(map[string]any)
	if metadata, ok := form["MetadataOptions"].(map[string]any); ok {
		delete(metadata, "State") // of instances, which EC2 tells of templates too
	}
	return form, nil
}

// pruned leaves out what is not set, and brings lists into order.
func pruned(value any) any {
	switch v := value.(type) {
	case map[string]any:
		kept := map[string]any{}
		for key, member := range v {
			if member = pruned(member); member != nil {
				kept[key] = member
			}
		}
		if len(kept) > 0 {
			return kept
		}
	case []any:
		var kept []any
		for _, member := range v {
			if member = pruned(member); member != nil {
				kept = append(kept, member)
			}
		}
		slices.SortFunc(kept, func(a, b any) int { return strings.Compare(text(a), text(b)) })
		if len(kept) > 0 {
			return kept
		}
	case string:
		if v != "" {
			return v
		}
	case nil:
	default:
		return v
	}
	return nil
}

// text is how a value of a form is told. Maps are written with their keys in order.
func text(value any) string {
	switch v := value.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	raw, err := json.Marshal(value)
	if err != nil { // which a value that was read from JSON does not meet
		return fmt.Sprint(value)
	}
	return string(raw)
}

// hash tells one form from another.
func (f templateForm) hash() string {
	sum := sha256.Sum256([]byte(text(map[string]any(f))))
	return hex.EncodeToString(sum[:])
}

// describedBy is what the description of a version begins with that the controller made.
const describedBy = "Evenkeel sha256:"

// describe is the description of the version with this form, by which it is found again.
func (f templateForm) describe() string { return describedBy + f.hash() }

// fieldUserData is the member whose content nobody is told.
const fieldUserData = "UserData"

// formDifference is a member in which two forms differ.
type formDifference struct{ field, from, to string }

// differences tells in what a form differs from an earlier one, in order, by the names of the spec. What user data is
// remains a secret.
func (f templateForm) differences(earlier templateForm) []formDifference {
	var found []formDifference
	keys := slices.Concat(slices.Collect(maps.Keys(f)), slices.Collect(maps.Keys(earlier)))
	slices.Sort(keys)
	for _, key := range slices.Compact(keys) {
		if reflect.DeepEqual(f[key], earlier[key]) {
			continue
		}
		difference := formDifference{field: fieldTemplate + "." + specNames[key], from: text(earlier[key]), to: text(f[key])}
		if key == fieldUserData {
			difference.from, difference.to = hidden(earlier[key]), "(changed)"
			if f[key] == nil {
				difference.to = ""
			}
		}
		found = append(found, difference)
	}
	return found
}

func hidden(value any) string {
	if value == nil {
		return ""
	}
	return "(not shown)"
}

// specNames are the names of the spec for those of the API.
var specNames = map[string]string{
	"BlockDeviceMappings": "blockDeviceMappings", "CapacityReservationSpecification": "capacityReservationSpecification", "CpuOptions": "cpuOptions",
	"CreditSpecification": "creditSpecification", "DisableApiStop": "disableAPIStop", "DisableApiTermination": "disableAPITermination",
	"EbsOptimized": "ebsOptimized", "EnclaveOptions": "enclaveOptions", "HibernationOptions": "hibernationOptions",
	"IamInstanceProfile": "iamInstanceProfile", "ImageId": "imageID", "InstanceInitiatedShutdownBehavior": "instanceInitiatedShutdownBehavior",
	"InstanceMarketOptions": "instanceMarketOptions", "InstanceRequirements": "instanceRequirements", "InstanceType": "instanceType",
	"KernelId": "kernelID", "KeyName": "keyName", "LicenseSpecifications": "licenseSpecifications", "MaintenanceOptions": "maintenanceOptions",
	"MetadataOptions": "metadataOptions", "Monitoring": "monitoring", "NetworkInterfaces": "networkInterfaces",
	"NetworkPerformanceOptions": "networkPerformanceOptions", "Placement": "placement", "PrivateDnsNameOptions": "privateDNSNameOptions",
	"RamDiskId": "ramDiskID", "SecondaryInterfaces": "secondaryInterfaces", "SecurityGroupIds": "securityGroupIDs",
	"TagSpecifications": "tagSpecifications", fieldUserData: "userData",
}

// hashOf is the hash that the description of a version tells; empty of one that others made.
func hashOf(description *string) string {
	hash, ours := strings.CutPrefix(aws.ToString(description), describedBy)
	if !ours {
		return ""
	}
	return hash
}
