package route53

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

func isEndpoint(kind types.HealthCheckType) bool {
	return kind == types.HealthCheckTypeTcp || overHTTP(kind)
}

func overHTTP(kind types.HealthCheckType) bool {
	return kind == types.HealthCheckTypeHttp || kind == types.HealthCheckTypeHttps || searches(kind)
}

func searches(kind types.HealthCheckType) bool {
	return kind == types.HealthCheckTypeHttpStrMatch || kind == types.HealthCheckTypeHttpsStrMatch
}

func overTLS(kind types.HealthCheckType) bool {
	return kind == types.HealthCheckTypeHttps || kind == types.HealthCheckTypeHttpsStrMatch
}

func validateCreateHealthCheck(in *sdk.CreateHealthCheckInput) error {
	var broken frame.Violations
	broken.Required(in.CallerReference, "callerReference")
	broken.Length(in.CallerReference, "callerReference", 1, 64)
	config := in.HealthCheckConfig
	if config == nil {
		broken.Add(nil, "healthCheckConfig", "Member must not be null")
		return broken.Err(invalidInput)
	}
	if config.Type == "" {
		broken.Add(nil, "healthCheckConfig.type", "Member must not be null")
	}
	modelOfCheck(&broken, config, "healthCheckConfig.")
	if err := broken.Err(invalidInput); err != nil {
		return err
	}
	return checkProblems(config)
}

func validateUpdateHealthCheck(in *sdk.UpdateHealthCheckInput) error {
	var broken frame.Violations
	frame.Between(&broken, in.HealthCheckVersion, "healthCheckVersion", 1, 1<<62)
	modelOfCheck(&broken, given(in), "")
	for i, element := range in.ResetElements {
		frame.Enum(&broken, element, fmt.Sprintf("resetElements.%d.member", i+1), element.Values())
	}
	return broken.Err(invalidInput)
}

// given is what an update says, as a configuration.
func given(in *sdk.UpdateHealthCheckInput) *types.HealthCheckConfig {
	return &types.HealthCheckConfig{
		AlarmIdentifier: in.AlarmIdentifier, ChildHealthChecks: in.ChildHealthChecks, Disabled: in.Disabled,
		EnableSNI: in.EnableSNI, FailureThreshold: in.FailureThreshold, FullyQualifiedDomainName: in.FullyQualifiedDomainName,
		HealthThreshold: in.HealthThreshold, IPAddress: in.IPAddress,
		InsufficientDataHealthStatus: in.InsufficientDataHealthStatus, Inverted: in.Inverted, Port: in.Port,
		Regions: in.Regions, ResourcePath: in.ResourcePath, SearchString: in.SearchString,
	}
}

// modelOfCheck notes what the API's model refuses.
func modelOfCheck(broken *frame.Violations, c *types.HealthCheckConfig, path string) {
	frame.Enum(broken, c.Type, path+"type", c.Type.Values())
	broken.Length(c.IPAddress, path+"iPAddress", 0, 45)
	frame.Between(broken, c.Port, path+"port", 1, 65535)
	broken.Length(c.ResourcePath, path+"resourcePath", 0, 255)
	broken.Length(c.FullyQualifiedDomainName, path+"fullyQualifiedDomainName", 0, 255)
	broken.Length(c.SearchString, path+"searchString", 0, 255)
	frame.Between(broken, c.RequestInterval, path+"requestInterval", 10, 30)
	frame.Between(broken, c.FailureThreshold, path+"failureThreshold", 1, 10)
	frame.Between(broken, c.HealthThreshold, path+"healthThreshold", 0, 256)
	broken.Length(c.RoutingControlArn, path+"routingControlArn", 1, 255)
	frame.Enum(broken, c.InsufficientDataHealthStatus, path+"insufficientDataHealthStatus", c.InsufficientDataHealthStatus.Values())
	if n := len(c.ChildHealthChecks); n > 256 {
		broken.Add(n, path+"childHealthChecks", "Member must have length less than or equal to 256")
	}
	if n := len(c.Regions); c.Regions != nil && n < 3 {
		broken.Add(c.Regions, path+"regions", "Member must have length greater than or equal to 3")
	}
	for i, region := range c.Regions {
		frame.Enum(broken, region, fmt.Sprintf("%sregions.%d.member", path, i+1), region.Values())
	}
	if alarm := c.AlarmIdentifier; alarm != nil {
		if alarm.Region == "" {
			broken.Add(nil, path+"alarmIdentifier.region", "Member must not be null")
		}
		frame.Enum(broken, alarm.Region, path+"alarmIdentifier.region", alarm.Region.Values())
		broken.Required(alarm.Name, path+"alarmIdentifier.name")
		broken.Length(alarm.Name, path+"alarmIdentifier.name", 1, 256)
	}
}

// setting is a field of a configuration: whether it is given, and for which
// types it can be.
type setting struct {
	name  string
	given bool
	fits  bool
}

func settingsOf(c *types.HealthCheckConfig) []setting {
	endpoint, control := isEndpoint(c.Type), c.Type == types.HealthCheckTypeRecoveryControl
	alarm, calculated := c.Type == types.HealthCheckTypeCloudwatchMetric, c.Type == types.HealthCheckTypeCalculated
	return []setting{
		{"IPAddress", c.IPAddress != nil, endpoint},
		{"Port", c.Port != nil, endpoint},
		{"FullyQualifiedDomainName", c.FullyQualifiedDomainName != nil, endpoint},
		{"ResourcePath", c.ResourcePath != nil, overHTTP(c.Type)},
		{"SearchString", c.SearchString != nil, searches(c.Type)},
		{"EnableSNI", aws.ToBool(c.EnableSNI), overTLS(c.Type)},
		{"Regions", c.Regions != nil, endpoint},
		{"RequestInterval", c.RequestInterval != nil, !control},
		{"FailureThreshold", c.FailureThreshold != nil, !control},
		{"MeasureLatency", aws.ToBool(c.MeasureLatency), !control},
		{"ChildHealthChecks", len(c.ChildHealthChecks) > 0, calculated},
		{"HealthThreshold", c.HealthThreshold != nil, calculated},
		{"AlarmIdentifier", c.AlarmIdentifier != nil, alarm},
		{"InsufficientDataHealthStatus", c.InsufficientDataHealthStatus != "", alarm},
		{"RoutingControlArn", c.RoutingControlArn != nil, control},
	}
}

// needs are the settings that a type cannot do without; one of those in a row is enough.
func needs(kind types.HealthCheckType) [][]string {
	switch {
	case kind == types.HealthCheckTypeTcp:
		return [][]string{{"IPAddress", "FullyQualifiedDomainName"}, {"Port"}}
	case searches(kind):
		return [][]string{{"IPAddress", "FullyQualifiedDomainName"}, {"SearchString"}}
	case overHTTP(kind):
		return [][]string{{"IPAddress", "FullyQualifiedDomainName"}}
	case kind == types.HealthCheckTypeCalculated:
		return [][]string{{"HealthThreshold"}}
	case kind == types.HealthCheckTypeCloudwatchMetric:
		return [][]string{{"AlarmIdentifier"}}
	}
	return [][]string{{"RoutingControlArn"}}
}

var printablePath = regexp.MustCompile(`^[!-~]*$`)

// checkProblems refuses settings that do not go together.
func checkProblems(c *types.HealthCheckConfig) error {
	has := map[string]bool{}
	var wrong []string
	for _, field := range settingsOf(c) {
		has[field.name] = field.given
		if field.given && !field.fits {
			wrong = append(wrong, fmt.Sprintf("%s cannot be specified when Type is %s", field.name, c.Type))
		}
	}
	for _, row := range needs(c.Type) {
		if !slices.ContainsFunc(row, func(name string) bool { return has[name] }) {
			wrong = append(wrong, fmt.Sprintf("%s must be specified when Type is %s", strings.Join(row, " or "), c.Type))
		}
	}
	if seconds := c.RequestInterval; seconds != nil && *seconds != 10 && *seconds != 30 {
		wrong = append(wrong, fmt.Sprintf("RequestInterval must be 10 or 30, but is %d", *seconds))
	}
	if c.SearchString != nil && *c.SearchString == "" && searches(c.Type) {
		wrong = append(wrong, "SearchString cannot be empty")
	}
	if !printablePath.MatchString(aws.ToString(c.ResourcePath)) {
		wrong = append(wrong, "ResourcePath cannot have spaces or characters that are not ASCII")
	}
	if problem := addressProblem(c); problem != "" {
		wrong = append(wrong, problem)
	}
	if len(wrong) > 0 {
		return frame.Errorf(invalidInput, "Invalid request: %s.", strings.Join(wrong, ", "))
	}
	return nil
}

var shared = netip.MustParsePrefix("100.64.0.0/10")

// addressProblem tells why an endpoint cannot be reached from outside. Loopback
// addresses are let through: they are the endpoints on this machine.
func addressProblem(c *types.HealthCheckConfig) string {
	if name := aws.ToString(c.FullyQualifiedDomainName); name != "" && !parsedAddress(name).IsValid() {
		if _, ok := NormalName(name); !ok {
			return fmt.Sprintf("FullyQualifiedDomainName '%s' is not a domain name", name)
		}
	}
	if c.IPAddress == nil {
		return ""
	}
	address := parsedAddress(*c.IPAddress)
	switch {
	case !address.IsValid() || address.Zone() != "":
		return fmt.Sprintf("'%s' is not a valid IP address", *c.IPAddress)
	case address.IsPrivate() || address.IsLinkLocalUnicast() || address.IsMulticast() || address.IsUnspecified() ||
		shared.Contains(address):
		return fmt.Sprintf("IPAddress %s is in a local, private, non-routable, or multicast range", address)
	}
	return ""
}

func parsedAddress(text string) netip.Addr {
	address, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Addr{}
	}
	return address
}

// checkChildren refuses children that are not health checks of the account.
func (c content) checkChildren(account string, children []string) error {
	seen := map[string]bool{}
	for _, id := range children {
		child, ok := c.checks[id]
		if !ok || child.account != account {
			return frame.Errorf(invalidInput, "Invalid request: the child health check %s does not exist.", id)
		}
		if seen[id] {
			return frame.Errorf(invalidInput, "Invalid request: the child health check %s is given twice.", id)
		}
		seen[id] = true
	}
	return nil
}

// normalCheck is a configuration as it is stored, with what Route 53 takes for what is left out.
func normalCheck(asked *types.HealthCheckConfig) types.HealthCheckConfig {
	c := *asked
	preset := func(field **bool, value bool) {
		if *field == nil {
			*field = &value
		}
	}
	preset(&c.Inverted, false)
	preset(&c.Disabled, false)
	if isEndpoint(c.Type) {
		preset(&c.MeasureLatency, false)
		preset(&c.EnableSNI, overTLS(c.Type))
		if c.RequestInterval == nil {
			c.RequestInterval = aws.Int32(30)
		}
		if c.FailureThreshold == nil {
			c.FailureThreshold = aws.Int32(3)
		}
	}
	return c
}

// updated is a configuration with an update applied, or why it cannot be.
func updated(c types.HealthCheckConfig, in *sdk.UpdateHealthCheckInput) (types.HealthCheckConfig, error) {
	if c.IPAddress == nil && in.IPAddress != nil && isEndpoint(c.Type) {
		return c, frame.Errorf(invalidInput,
			"Invalid request: IPAddress cannot be given to a health check that was created with a domain name alone.")
	}
	for _, element := range in.ResetElements {
		if err := reset(&c, in, element); err != nil {
			return c, err
		}
	}
	replace(&c.Disabled, in.Disabled)
	replace(&c.Inverted, in.Inverted)
	replace(&c.EnableSNI, in.EnableSNI)
	replace(&c.FailureThreshold, in.FailureThreshold)
	replace(&c.FullyQualifiedDomainName, in.FullyQualifiedDomainName)
	replace(&c.HealthThreshold, in.HealthThreshold)
	replace(&c.IPAddress, in.IPAddress)
	replace(&c.Port, in.Port)
	replace(&c.ResourcePath, in.ResourcePath)
	replace(&c.SearchString, in.SearchString)
	replace(&c.AlarmIdentifier, in.AlarmIdentifier)
	if in.ChildHealthChecks != nil {
		c.ChildHealthChecks = in.ChildHealthChecks
	}
	if in.Regions != nil {
		c.Regions = in.Regions
	}
	if in.InsufficientDataHealthStatus != "" {
		c.InsufficientDataHealthStatus = in.InsufficientDataHealthStatus
	}
	return c, checkProblems(&c)
}

func replace[T any](field **T, given *T) {
	if given != nil {
		*field = given
	}
}

// reset clears an element, which the update cannot set at the same time.
func reset(c *types.HealthCheckConfig, in *sdk.UpdateHealthCheckInput, element types.ResettableElementName) error {
	set := false
	switch element {
	case types.ResettableElementNameFullyQualifiedDomainName:
		c.FullyQualifiedDomainName, set = nil, in.FullyQualifiedDomainName != nil
	case types.ResettableElementNameRegions:
		c.Regions, set = nil, in.Regions != nil
	case types.ResettableElementNameResourcePath:
		c.ResourcePath, set = nil, in.ResourcePath != nil
	case types.ResettableElementNameChildHealthChecks:
		c.ChildHealthChecks, set = nil, in.ChildHealthChecks != nil
	}
	if set {
		return frame.Errorf(invalidInput, "Invalid request: %s cannot be both specified and reset.", element)
	}
	return nil
}
