package loadbalancer

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

const (
	deletionProtection = "deletion_protection.enabled"
	crossZone          = "load_balancing.cross_zone.enabled"
	secondaryIPs       = "secondary_ips.auto_assigned.per_subnet"
	denyIGWTraffic     = "ipv6.deny_all_igw_traffic"

	// attributesPerCall is the most attributes that one call changes.
	attributesPerCall = 20
)

// attributeSet collects attributes by AWS's keys. What is not given is left out.
type attributeSet map[string]string

func (s attributeSet) bool(key string, value *bool) {
	if value != nil {
		s[key] = strconv.FormatBool(*value)
	}
}

func (s attributeSet) int(key string, value *int32) {
	if value != nil {
		s[key] = strconv.FormatInt(int64(*value), 10)
	}
}

func (s attributeSet) text(key, value string) {
	if value != "" {
		s[key] = value
	}
}

// logs sets where logs are written. A bucket means something only while they are.
func (s attributeSet) logs(prefix string, logs *v1alpha1.S3Logs) {
	if logs == nil {
		return
	}
	s.bool(prefix+".enabled", &logs.Enabled)
	if logs.Enabled {
		s.text(prefix+".bucket", logs.Bucket)
		s[prefix+".prefix"] = logs.Prefix
	}
}

// desiredAttributes are the attributes that the spec declares, by AWS's keys.
func desiredAttributes(obj *v1alpha1.LoadBalancer) map[string]string {
	a := obj.Spec.Attributes
	if a == nil {
		return nil
	}
	s := attributeSet{}
	s.bool(deletionProtection, a.DeletionProtectionEnabled)
	s.bool(crossZone, a.CrossZoneEnabled)
	s.logs("access_logs.s3", a.AccessLogs)
	s.logs("connection_logs.s3", a.ConnectionLogs)
	s.logs("health_check_logs.s3", a.HealthCheckLogs)
	s.bool(denyIGWTraffic, a.IPv6DenyAllIGWTraffic)
	s.bool("zonal_shift.config.enabled", a.ZonalShiftEnabled)
	s.int("idle_timeout.timeout_seconds", a.IdleTimeoutSeconds)
	s.int("client_keep_alive.seconds", a.ClientKeepAliveSeconds)
	s.text("routing.http.desync_mitigation_mode", string(a.DesyncMitigationMode))
	s.bool("routing.http.drop_invalid_header_fields.enabled", a.DropInvalidHeaderFieldsEnabled)
	s.bool("routing.http.preserve_host_header.enabled", a.PreserveHostHeaderEnabled)
	s.bool("routing.http.x_amzn_tls_version_and_cipher_suite.enabled", a.TLSVersionAndCipherSuiteHeadersEnabled)
	s.bool("routing.http.xff_client_port.enabled", a.XFFClientPortEnabled)
	s.text("routing.http.xff_header_processing.mode", string(a.XFFHeaderProcessingMode))
	s.bool("routing.http2.enabled", a.HTTP2Enabled)
	s.bool("waf.fail_open.enabled", a.WAFFailOpenEnabled)
	s.text("dns_record.client_routing_policy", string(a.ClientRoutingPolicy))
	s.int(secondaryIPs, a.SecondaryIPsAutoAssignedPerSubnet)
	for key, value := range a.Other {
		s[key] = string(value)
	}
	return s
}

// commonDefaults, applicationDefaults and networkDefaults are what AWS gives a new load balancer.
var (
	commonDefaults      = map[string]string{deletionProtection: "false", crossZone: "false"}
	applicationDefaults = map[string]string{
		crossZone: "true", "access_logs.s3.enabled": "false", "access_logs.s3.prefix": "",
		"connection_logs.s3.enabled": "false", "connection_logs.s3.prefix": "",
		"health_check_logs.s3.enabled": "false", "health_check_logs.s3.prefix": "",
		"zonal_shift.config.enabled": "false", "idle_timeout.timeout_seconds": "60", "client_keep_alive.seconds": "3600",
		"routing.http.desync_mitigation_mode": "defensive", "routing.http.drop_invalid_header_fields.enabled": "false",
		"routing.http.preserve_host_header.enabled":                "false",
		"routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false", "routing.http.xff_client_port.enabled": "false",
		"routing.http.xff_header_processing.mode": "append", "routing.http2.enabled": "true", "waf.fail_open.enabled": "false",
	}
	networkDefaults = map[string]string{
		"access_logs.s3.enabled": "false", "access_logs.s3.prefix": "", "zonal_shift.config.enabled": "false",
		"dns_record.client_routing_policy": "any_availability_zone", secondaryIPs: "0",
	}
)

// defaultAttributes are what AWS gives a new load balancer of the object's type and scheme.
func defaultAttributes(obj *v1alpha1.LoadBalancer) map[string]string {
	defaults := maps.Clone(commonDefaults)
	switch obj.Spec.Type {
	case v1alpha1.LoadBalancerApplication:
		maps.Copy(defaults, applicationDefaults)
	case v1alpha1.LoadBalancerNetwork:
		maps.Copy(defaults, networkDefaults)
	default:
		return defaults
	}
	defaults[denyIGWTraffic] = strconv.FormatBool(scheme(obj) == types.LoadBalancerSchemeEnumInternal)
	return defaults
}

// sameAttribute compares values as AWS reads them.
func sameAttribute(a, b string) bool {
	return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}

// caseSensitive are attributes whose values are names of things.
func caseSensitive(key string) bool {
	return strings.HasSuffix(key, ".bucket") || strings.HasSuffix(key, ".prefix") || strings.HasSuffix(key, "header_value") ||
		strings.HasSuffix(key, "header_name")
}

// diffAttributes returns what to set so that attributes are as desired. Keys that were managed and are declared no more
// go back to AWS's default, as far as it is known and can be gone back to.
func diffAttributes(desired, observed, defaults map[string]string, before []string) map[string]string {
	set := map[string]string{}
	differs := func(key, want string) bool {
		got, there := observed[key]
		if caseSensitive(key) {
			return got != want
		}
		return !sameAttribute(got, want) || !there && want != ""
	}
	for key, want := range desired {
		if differs(key, want) {
			set[key] = want
		}
	}
	for _, key := range before {
		if _, declared := desired[key]; declared || key == secondaryIPs {
			continue
		}
		// A prefix of logs that are not written is left as it is.
		if group, isPrefix := strings.CutSuffix(key, ".prefix"); isPrefix && !sameAttribute(desired[group+".enabled"], "true") {
			continue
		}
		if want, known := defaults[key]; known && differs(key, want) {
			set[key] = want
		}
	}
	return set
}

// attributeChanges returns the calls that set attributes of the load balancer.
func attributeChanges(obj *v1alpha1.LoadBalancer, o *observed, resource string) []change {
	verb, has := lifecycle.VerbCreate, defaultAttributes(obj)
	if o.lb != nil {
		if verb, has = lifecycle.VerbUpdate, o.lb.attributes; has == nil {
			return nil // they could not be read, or are not managed
		}
	}
	set := diffAttributes(desiredAttributes(obj), has, defaultAttributes(obj), lifecycle.ManagedUnder(obj, fieldAttribute))
	return settingAttributes(verb, resource, set, has, func(ctx context.Context, k *Kind, o *observed, part map[string]string) error {
		return k.modifyAttributes(ctx, o.lb, part)
	})
}

// settingAttributes returns changes that set attributes of a resource, as many a call as AWS takes.
func settingAttributes(verb, resource string, set, has map[string]string, modify func(context.Context, *Kind, *observed, map[string]string) error) []change {
	var changes []change
	for keys := range slices.Chunk(slices.Sorted(maps.Keys(set)), attributesPerCall) {
		part := map[string]string{}
		var plan []v1alpha1.PlannedChange
		for _, key := range keys {
			part[key] = set[key]
			plan = append(plan, planned(verb, resource, fieldAttribute+key, has[key], set[key])...)
		}
		changes = append(changes, change{plan: plan, run: func(ctx context.Context, k *Kind, _ *v1alpha1.LoadBalancer, o *observed) error {
			return modify(ctx, k, o, part)
		}})
	}
	return changes
}

func (k *Kind) modifyAttributes(ctx context.Context, lb *loadBalancer, set map[string]string) error {
	input := &elasticloadbalancingv2.ModifyLoadBalancerAttributesInput{LoadBalancerArn: aws.String(lb.arn())}
	for _, key := range slices.Sorted(maps.Keys(set)) {
		input.Attributes = append(input.Attributes, types.LoadBalancerAttribute{Key: aws.String(key), Value: aws.String(set[key])})
	}
	if _, err := k.clients.ELBV2.ModifyLoadBalancerAttributes(ctx, input); err != nil {
		return fmt.Errorf("setting attributes of load balancer %s: %w", lb.name(), err)
	}
	maps.Copy(lb.attributes, set)
	return nil
}

func (k *Kind) readAttributes(ctx context.Context, lb *loadBalancer) error {
	answer, err := k.clients.ELBV2.DescribeLoadBalancerAttributes(ctx, &elasticloadbalancingv2.DescribeLoadBalancerAttributesInput{LoadBalancerArn: aws.String(lb.arn())})
	if err != nil {
		return fmt.Errorf("reading the attributes of load balancer %s: %w", lb.name(), err)
	}
	lb.attributes = map[string]string{}
	for _, attribute := range answer.Attributes {
		lb.attributes[aws.ToString(attribute.Key)] = aws.ToString(attribute.Value)
	}
	return nil
}
