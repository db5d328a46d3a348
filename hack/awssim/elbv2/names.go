package elbv2

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
	"github.com/evenkeel/evenkeel/hack/awssim/route53"
)

const hexadecimal = "0123456789abcdef"

var namePattern = regexp.MustCompile(`^[a-zA-Z0-9]([a-zA-Z0-9-]*[a-zA-Z0-9])?$`)

// checkName checks the name of a load balancer or a target group.
func checkName(what string, name *string) error {
	switch text := aws.ToString(name); {
	case name == nil:
		return missing(what + " name")
	case len(text) > 32:
		return invalid("%s name '%s' cannot be longer than '32' characters", what, text)
	case strings.HasPrefix(text, "-") || strings.HasSuffix(text, "-"):
		return invalid("%s name '%s' cannot begin or end with a hyphen", what, text)
	case !namePattern.MatchString(text):
		return invalid("%s name '%s' can only contain characters that are alphanumeric characters and hyphens(-)", what, text)
	}
	return nil
}

// newID draws the last part of an ARN.
func (w *write) newID() string { return w.service.env.Random.String(16, hexadecimal) }

// arn is the ARN of something of the caller, in the region called.
func (w *write) arn(resource string) string {
	return fmt.Sprintf("arn:aws:elasticloadbalancing:%s:%s:%s", w.Region, w.Caller.Account, resource)
}

// born makes what all resources have.
func (w *write) born(arn string, tags frame.Tags) meta {
	env := w.service.env
	return meta{
		ARN: arn, Account: w.Caller.Account, Region: w.Request.Region, Tags: tags, Created: w.moment,
		Shown: w.moment.Add(env.Random.Draw(env.Timing.LoadBalancing.Hidden)),
	}
}

// after is a moment in the future.
func (w *write) after(span frame.Span) time.Time {
	return w.moment.Add(w.service.env.Random.Draw(span))
}

// family is how ARNs and descriptions of interfaces call a type.
func family(of types.LoadBalancerTypeEnum) string {
	switch of {
	case types.LoadBalancerTypeEnumNetwork:
		return "net"
	case types.LoadBalancerTypeEnumGateway:
		return "gwy"
	}
	return "app"
}

// path is what the ARNs of the load balancer, its listeners and their rules have in common.
func (b *balancer) path() string { return family(b.Type) + "/" + b.Name + "/" + b.ID }

// nameInDNS sets the name and the hosted zone that a load balancer has in DNS.
func (w *write) nameInDNS(b *balancer) {
	application, network := route53.LoadBalancerZones(b.Region)
	switch b.Type {
	case types.LoadBalancerTypeEnumApplication:
		b.DNSName = fmt.Sprintf("%s-%s.%s.elb.amazonaws.com", b.Name, w.service.env.Random.String(10, "123456789"), b.Region)
		if b.Scheme == types.LoadBalancerSchemeEnumInternal {
			b.DNSName = "internal-" + b.DNSName
		}
		b.HostedZone = application
	case types.LoadBalancerTypeEnumNetwork:
		b.DNSName = fmt.Sprintf("%s-%s.elb.%s.amazonaws.com", b.Name, b.ID, b.Region)
		b.HostedZone = network
	case types.LoadBalancerTypeEnumGateway:
		return
	}
	if b.HostedZone == "" { // a region that the table does not have
		b.HostedZone = "ZSIMULATED" + strings.ToUpper(strings.ReplaceAll(b.Region, "-", "")+family(b.Type))
	}
}

// page cuts a page off a listing whose markers are ARNs or other names of items.
func page[T any](items []T, marker *string, size *int32, nameOf func(T) string) (cut []T, next *string, err error) {
	if size != nil && (*size < 1 || *size > mostPerPage) {
		return nil, nil, invalid("1 validation error detected: Value '%d' at 'pageSize' failed to satisfy constraint: "+
			"Member must have value between 1 and %d", *size, mostPerPage)
	}
	if marker != nil {
		from := -1
		for i := range items {
			if nameOf(items[i]) == *marker {
				from = i
			}
		}
		if from < 0 {
			return nil, nil, invalid("'%s' is not a valid marker", *marker)
		}
		items = items[from:]
	}
	cut, following := frame.Page(items, frame.PageSize(size, mostPerPage, mostPerPage))
	if following != nil {
		next = aws.String(nameOf(*following))
	}
	return cut, next, nil
}

// mostPerPage is the most that a page has, and what it has unasked.
const mostPerPage = 400
