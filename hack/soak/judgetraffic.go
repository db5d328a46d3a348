package main

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// domainsOf are the names that an application's certificate is for.
func domainsOf(a *app) []v1alpha1.CertificateDomainName {
	return a.lb.object.Spec.Listeners[1].Certificates[0].Issue.DomainNames
}

// judgeListeners compares what a load balancer listens on, and where requests go from there.
func (v *verdict) judgeListeners(ctx context.Context, a *app, target string, listeners []elbtypes.Listener) error {
	what := "load balancer " + a.name
	slices.SortFunc(listeners, func(a, b elbtypes.Listener) int { return int(*a.Port - *b.Port) })
	var ports []string
	for i := range listeners {
		ports = append(ports, fmt.Sprint(*listeners[i].Port, " ", listeners[i].Protocol))
	}
	v.same("the listeners of "+what, []string{"80 HTTP", "443 HTTPS"}, ports)
	if len(listeners) != 2 {
		return nil
	}
	v.same("the target group of the listener of "+what, target, forwardedTo(listeners[0].DefaultActions))
	if err := v.judgeRules(ctx, &a.lb.object.Spec, what, *listeners[0].ListenerArn); err != nil {
		return err
	}
	if len(listeners[1].Certificates) != 1 {
		v.complain("%s has %d certificates, not one", what, len(listeners[1].Certificates))
		return nil
	}
	certificate, err := v.acm.DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: listeners[1].Certificates[0].CertificateArn})
	if err != nil {
		return err
	}
	names := slices.Sorted(slices.Values(certificate.Certificate.SubjectAlternativeNames))
	v.same("the certificate of "+what, slices.Sorted(slices.Values(domainsOf(a))), names)
	return nil
}

// forwardedTo is the target group that actions forward to.
func forwardedTo(actions []elbtypes.Action) string {
	for _, action := range actions {
		if action.ForwardConfig != nil && len(action.ForwardConfig.TargetGroups) == 1 {
			return *action.ForwardConfig.TargetGroups[0].TargetGroupArn
		}
	}
	return "none"
}

func (v *verdict) judgeRules(ctx context.Context, spec *v1alpha1.LoadBalancerSpec, what, listener string) error {
	rules, err := v.elb.DescribeRules(ctx, &elasticloadbalancingv2.DescribeRulesInput{ListenerArn: &listener})
	if err != nil {
		return err
	}
	var found []string
	for _, rule := range rules.Rules {
		if !aws.ToBool(rule.IsDefault) {
			found = append(found, *rule.Priority+" "+*rule.Actions[0].FixedResponseConfig.StatusCode)
		}
	}
	declared := spec.Listeners[0].Rules[0]
	v.same("the rules of "+what, []string{fmt.Sprint(declared.Priority, " ", declared.Actions[0].FixedResponse.StatusCode)}, found)
	return nil
}

// judgeIngress compares the ports of a managed security group.
func (v *verdict) judgeIngress(ctx context.Context, status *v1alpha1.SecurityGroupStatus, spec *v1alpha1.SecurityGroup, what string) error {
	if status == nil {
		v.complain("%s has no security group", what)
		return nil
	}
	groups, err := v.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{status.ID}})
	if err != nil {
		return err
	}
	var declared, found []int32
	for _, rule := range spec.Ingress {
		declared = append(declared, *rule.Port)
	}
	for _, permission := range groups.SecurityGroups[0].IpPermissions {
		found = append(found, aws.ToInt32(permission.FromPort))
	}
	v.same("the open ports of "+what, declared, found)
	return nil
}

// judgeSource compares who may reach the instances of a group: its load balancer, and nobody else.
func (v *verdict) judgeSource(ctx context.Context, a *app) error {
	group, err := live(ctx, v.user, a.group)
	if err != nil || group == nil || group.Status.SecurityGroup == nil {
		return err
	}
	balancer, err := live(ctx, v.user, a.lb)
	if err != nil || balancer == nil || balancer.Status.SecurityGroup == nil {
		return err
	}
	groups, err := v.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{group.Status.SecurityGroup.ID}})
	if err != nil {
		return err
	}
	var sources []string
	for _, permission := range groups.SecurityGroups[0].IpPermissions {
		for _, pair := range permission.UserIdGroupPairs {
			sources = append(sources, fmt.Sprint(aws.ToInt32(permission.FromPort), " ", *pair.GroupId))
		}
	}
	v.same("who may reach the instances of group "+a.name, []string{"8080 " + balancer.Status.SecurityGroup.ID}, sources)
	return nil
}
