package loadbalancer

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// Values of EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic.
const (
	enforced    = string(types.EnforceSecurityGroupInboundRulesOnPrivateLinkTrafficEnumOn)
	notEnforced = string(types.EnforceSecurityGroupInboundRulesOnPrivateLinkTrafficEnumOff)
)

// groupSettingChanges returns the call that gives the load balancer its security groups, and says whether they filter
// what comes through PrivateLink.
func groupSettingChanges(obj *v1alpha1.LoadBalancer, o *observed, resource string) []change {
	has := slices.Sorted(slices.Values(o.lb.sdk.SecurityGroups))
	want := desiredGroups(obj, o)
	enforce := enforcementChange(obj, o)
	if len(want) > 0 && len(has) == 0 && isNetwork(obj) {
		o.WaitFor(lifecycle.Refuse(v1alpha1.ReasonInvalidSpec, "Load balancer %s was made without security groups, and AWS never gives any to such a network load balancer. Remove spec.securityGroup and spec.securityGroupIDs, or create another LoadBalancer and point DNS at it.", o.lb.name()))
		return nil
	}
	var plan []v1alpha1.PlannedChange
	if len(want) > 0 && !slices.Equal(want, has) {
		plan = append(plan, planned(lifecycle.VerbUpdate, resource, fieldSecurityGroupIDs, strings.Join(has, ", "), strings.Join(want, ", "))...)
	}
	if enforce != "" {
		plan = append(plan, planned(lifecycle.VerbUpdate, resource, fieldEnforcement, enforcement(o), enforce)...)
	}
	if len(plan) == 0 {
		return nil
	}
	return []change{{plan: plan, run: func(ctx context.Context, k *Kind, obj *v1alpha1.LoadBalancer, o *observed) error {
		return k.setSecurityGroups(ctx, obj, o, enforce)
	}}}
}

// setSecurityGroups makes the call. Groups that are not managed are repeated as they are.
func (k *Kind) setSecurityGroups(ctx context.Context, obj *v1alpha1.LoadBalancer, o *observed, enforce string) error {
	groups := desiredGroups(obj, o)
	if len(groups) == 0 {
		groups = o.lb.sdk.SecurityGroups
	}
	answer, err := k.clients.ELBV2.SetSecurityGroups(ctx, &elasticloadbalancingv2.SetSecurityGroupsInput{
		LoadBalancerArn: aws.String(o.lb.arn()), SecurityGroups: groups,
		EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic: types.EnforceSecurityGroupInboundRulesOnPrivateLinkTrafficEnum(enforce),
	})
	if err != nil {
		return refused("setting the security groups of "+o.lb.name(), err)
	}
	o.lb.sdk.SecurityGroups = answer.SecurityGroupIds
	if enforce != "" {
		o.lb.sdk.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic = &enforce
	}
	return nil
}

func enforcement(o *observed) string {
	if aws.ToString(o.lb.sdk.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic) == notEnforced {
		return notEnforced
	}
	return enforced
}

// enforcementChange is what enforcement is to be, when that differs.
func enforcementChange(obj *v1alpha1.LoadBalancer, o *observed) string {
	declared := obj.Spec.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic
	want := enforced
	switch {
	case declared == nil && !lifecycle.Managed(obj, fieldEnforcement):
		return ""
	case declared != nil && !*declared:
		want = notEnforced
	}
	if want == enforcement(o) {
		return ""
	}
	return want
}
