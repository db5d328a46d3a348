package elbv2

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// redirect fills in the parts of the URL that stay, which are these words.
func redirect(l *listener, a *types.Action) error {
	if a.RedirectConfig == nil {
		return missing("RedirectConfig")
	}
	config := *a.RedirectConfig
	var broken frame.Violations
	frame.Enum(&broken, config.StatusCode, "statusCode", config.StatusCode.Values())
	broken.Length(config.Host, "host", 1, 128)
	broken.Length(config.Path, "path", 1, 128)
	broken.Length(config.Query, "query", 0, 128)
	if err := broken.Err(validationError); err != nil {
		return err
	}
	for _, part := range []struct {
		value  **string
		normal string
	}{
		{&config.Protocol, "#{protocol}"}, {&config.Host, "#{host}"}, {&config.Port, "#{port}"},
		{&config.Path, "/#{path}"}, {&config.Query, "#{query}"},
	} {
		if *part.value == nil {
			*part.value = aws.String(part.normal)
		}
	}
	a.RedirectConfig = &config
	return checkRedirect(l, &config)
}

func checkRedirect(l *listener, config *types.RedirectActionConfig) error {
	port, err := strconv.Atoi(*config.Port)
	protocol := *config.Protocol
	switch {
	case config.StatusCode == "":
		return invalid("A redirect status code must be specified")
	case !slices.Contains([]string{"HTTP", "HTTPS", "#{protocol}"}, protocol):
		return invalid("The redirect protocol '%s' is not valid", protocol)
	case *config.Port != "#{port}" && (err != nil || port < 1 || port > mostPort):
		return invalid("The redirect port '%s' is not valid", *config.Port)
	case !strings.HasPrefix(*config.Path, "/"):
		return invalid("The redirect path '%s' must begin with '/'", *config.Path)
	case strings.HasPrefix(*config.Query, "?"):
		return invalid("The redirect query '%s' must not begin with '?'", *config.Query)
	case l.Protocol == types.ProtocolEnumHttps && protocol == "HTTP":
		return frame.Errorf("InvalidLoadBalancerAction", "An HTTPS listener cannot redirect to HTTP")
	}
	return checkLoop(l, config, port)
}

func checkLoop(l *listener, config *types.RedirectActionConfig, port int) error {
	protocol := *config.Protocol
	same := protocol == "#{protocol}" || protocol == string(l.Protocol)
	samePort := *config.Port == "#{port}" || port == int(l.Port)
	if same && samePort && *config.Host == "#{host}" && *config.Path == "/#{path}" {
		return frame.Errorf("InvalidLoadBalancerAction", "The redirect configuration is not valid because it creates a loop.")
	}
	return nil
}

var (
	statusPattern = regexp.MustCompile(`^[245]\d\d$`)
	contentTypes  = []string{"text/plain", "text/css", "text/html", "application/javascript", "application/json"}
)

func fixedResponse(a *types.Action) error {
	if a.FixedResponseConfig == nil {
		return missing("FixedResponseConfig")
	}
	config := a.FixedResponseConfig
	var broken frame.Violations
	broken.Length(config.MessageBody, "messageBody", 0, 1024)
	if err := broken.Err(validationError); err != nil {
		return err
	}
	switch {
	case !statusPattern.MatchString(aws.ToString(config.StatusCode)):
		return invalid("The fixed-response status code '%s' must be 2XX, 4XX or 5XX", aws.ToString(config.StatusCode))
	case config.ContentType != nil && !slices.Contains(contentTypes, *config.ContentType):
		return invalid("The fixed-response content type '%s' must be one of %s", *config.ContentType, strings.Join(contentTypes, ", "))
	}
	return nil
}

// checkUses checks that a listener of a load balancer can forward to groups.
func (w *write) checkUses(b *balancer, l *listener, actions []types.Action) error {
	fresh := forwarded(actions)
	for _, arn := range slices.Sorted(maps.Keys(fresh)) {
		g, err := w.group(&arn)
		if err != nil {
			return err
		}
		if err := b.checkUse(l, g); err != nil {
			return err
		}
		if user := w.userOf[arn]; user != "" && user != b.ARN {
			return frame.Errorf("TargetGroupAssociationLimit",
				"The following target groups cannot be associated with more than one load balancer: %s", arn)
		}
	}
	for arn, user := range w.userOf {
		if user == b.ARN {
			fresh[arn] = true
		}
	}
	if most := w.service.quotas.TargetGroupsPerBalancer; len(fresh) > most {
		return frame.Errorf("TooManyUniqueTargetGroupsPerLoadBalancer",
			"The maximum number of unique target groups for load balancer '%s' has been reached: %d", b.ARN, most)
	}
	return nil
}

// groupProtocols are those of the groups that a listener forwards to.
var groupProtocols = map[types.ProtocolEnum][]types.ProtocolEnum{
	types.ProtocolEnumHttp:    {types.ProtocolEnumHttp, types.ProtocolEnumHttps},
	types.ProtocolEnumHttps:   {types.ProtocolEnumHttp, types.ProtocolEnumHttps},
	types.ProtocolEnumTcp:     {types.ProtocolEnumTcp, types.ProtocolEnumTcpUdp},
	types.ProtocolEnumTls:     {types.ProtocolEnumTcp, types.ProtocolEnumTls},
	types.ProtocolEnumUdp:     {types.ProtocolEnumUdp, types.ProtocolEnumTcpUdp},
	types.ProtocolEnumTcpUdp:  {types.ProtocolEnumTcpUdp},
	types.ProtocolEnumQuic:    {types.ProtocolEnumQuic, types.ProtocolEnumTcpQuic},
	types.ProtocolEnumTcpQuic: {types.ProtocolEnumTcpQuic},
	"":                        {types.ProtocolEnumGeneve},
}

func (b *balancer) checkUse(l *listener, g *group) error {
	lambda := g.Settings.TargetType == types.TargetTypeEnumLambda
	version := aws.ToString(g.Settings.ProtocolVersion)
	switch {
	case lambda && b.Type != types.LoadBalancerTypeEnumApplication,
		!lambda && !slices.Contains(groupProtocols[l.Protocol], g.Settings.Protocol):
		return frame.Errorf("IncompatibleProtocols", "The protocol '%s' of target group '%s' is not compatible with the listener protocol '%s'",
			g.Settings.Protocol, g.ARN, l.Protocol)
	case l.Protocol == types.ProtocolEnumHttp && (version == "GRPC" || version == "HTTP2"):
		return misconfigured("Listener protocol 'HTTP' is not supported with a target group with the protocol-version '%s'", version)
	case !lambda && aws.ToString(g.Settings.VpcId) != b.VPC:
		return misconfigured("The following target groups are not in the same VPC as load balancer '%s': %s", b.ARN, g.ARN)
	case g.Settings.IpAddressType == types.TargetGroupIpAddressTypeEnumIpv6 && b.IPAddressType == types.IpAddressTypeIpv4:
		return misconfigured("Target group '%s' with IP address type 'ipv6' needs a dualstack load balancer", g.ARN)
	}
	return nil
}
