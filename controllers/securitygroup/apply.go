package securitygroup

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// create makes the group, with the tags that mark whose it is. A name that is taken means that an earlier call took
// effect unseen, or that the group is somebody else's.
func create(ctx context.Context, clients *awsclient.Clients, desired *Desired, s *State) error {
	answer, err := clients.EC2.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{
		GroupName: &desired.Name, Description: &desired.Description, VpcId: &desired.VPCID,
		TagSpecifications: []types.TagSpecification{{ResourceType: types.ResourceTypeSecurityGroup, Tags: sdkTags(desired.Tags)}},
	})
	switch awsclient.Classify(err) {
	case "":
		s.Group = &Group{
			ID: aws.ToString(answer.GroupId), Name: desired.Name, Description: desired.Description, VPCID: desired.VPCID,
			Tags: maps.Clone(desired.Tags), Egress: Everything(),
		}
		return nil
	case awsclient.AlreadyExists:
		return takeBack(ctx, clients, desired, s)
	case awsclient.NotFound:
		return lifecycle.Refuse(v1alpha1.ReasonInvalidSpec, "The security group cannot be made: %s", awsclient.Message(err))
	default:
		return fmt.Errorf("creating security group %s: %w", desired.Name, err)
	}
}

// takeBack looks for the group that has the name already.
func takeBack(ctx context.Context, clients *awsclient.Clients, desired *Desired, s *State) error {
	found, err := findByName(ctx, clients, desired.VPCID, desired.Name)
	if err != nil {
		return err
	}
	if found == nil {
		return lifecycle.AsError(lifecycle.Wait(v1alpha1.ReasonWaitingForAWS, "EC2 says that the security group exists, and does not show it yet.", settle))
	}
	want, _ := awsclient.OwnerOf(desired.Tags)
	if owner, owned := awsclient.OwnerOf(found.Tags); !owned || owner != want {
		return lifecycle.Refuse(v1alpha1.ReasonConflict, "Security group %s has the name %s in %s already and is not this object's. Delete it or give the group another name.", found.ID, found.Name, found.VPCID)
	}
	s.Group = found
	return nil
}

func sdkTags(tags map[string]string) []types.Tag {
	var list []types.Tag
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, types.Tag{Key: aws.String(key), Value: aws.String(tags[key])})
	}
	return list
}

// setTags sets tags.
func setTags(ctx context.Context, clients *awsclient.Clients, group *Group, tags map[string]string) error {
	if _, err := clients.EC2.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{group.ID}, Tags: sdkTags(tags)}); err != nil {
		return fmt.Errorf("setting tags of security group %s: %w", group.ID, err)
	}
	maps.Copy(group.Tags, tags)
	return nil
}

// eachIf makes a call for all rules at once, and, when EC2 refuses it because one of them is there (or gone) already,
// for each alone: then that refusal is as good as success.
func eachIf(class awsclient.Class, what, id string, rules []Rule, do func([]types.IpPermission) error) error {
	err := do(permissions(rules))
	if awsclient.Classify(err) == class {
		for _, rule := range rules {
			if err = do(permissions([]Rule{rule})); err != nil && awsclient.Classify(err) != class {
				return fmt.Errorf("%s %s of security group %s: %w", what, rule, id, err)
			}
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s rules of security group %s: %w", what, id, err)
	}
	return nil
}

func authorizeIngress(ctx context.Context, clients *awsclient.Clients, id string, rules []Rule) error {
	return eachIf(awsclient.AlreadyExists, "authorising", id, rules, func(p []types.IpPermission) error {
		_, err := clients.EC2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &id, IpPermissions: p})
		return notFound(ctx, clients, id, err)
	})
}

func authorizeEgress(ctx context.Context, clients *awsclient.Clients, id string, rules []Rule) error {
	return eachIf(awsclient.AlreadyExists, "authorising", id, rules, func(p []types.IpPermission) error {
		_, err := clients.EC2.AuthorizeSecurityGroupEgress(ctx, &ec2.AuthorizeSecurityGroupEgressInput{GroupId: &id, IpPermissions: p})
		return notFound(ctx, clients, id, err)
	})
}

func revokeIngress(ctx context.Context, clients *awsclient.Clients, id string, rules []Rule) error {
	return eachIf(awsclient.NotFound, "revoking", id, rules, func(p []types.IpPermission) error {
		_, err := clients.EC2.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: &id, IpPermissions: p})
		return err
	})
}

func revokeEgress(ctx context.Context, clients *awsclient.Clients, id string, rules []Rule) error {
	return eachIf(awsclient.NotFound, "revoking", id, rules, func(p []types.IpPermission) error {
		_, err := clients.EC2.RevokeSecurityGroupEgress(ctx, &ec2.RevokeSecurityGroupEgressInput{GroupId: &id, IpPermissions: p})
		return err
	})
}

func describeIngress(ctx context.Context, clients *awsclient.Clients, id string, rules []Rule) error {
	_, err := clients.EC2.UpdateSecurityGroupRuleDescriptionsIngress(ctx, &ec2.UpdateSecurityGroupRuleDescriptionsIngressInput{GroupId: &id, IpPermissions: permissions(rules)})
	return describing(id, err)
}

func describeEgress(ctx context.Context, clients *awsclient.Clients, id string, rules []Rule) error {
	_, err := clients.EC2.UpdateSecurityGroupRuleDescriptionsEgress(ctx, &ec2.UpdateSecurityGroupRuleDescriptionsEgressInput{GroupId: &id, IpPermissions: permissions(rules)})
	return describing(id, err)
}

func describing(id string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("describing rules of security group %s: %w", id, err)
}

// notFound says what it means that EC2 does not know a group while a rule is authorised: the group itself, just made,
// does not show everywhere yet; or the peer that a rule names does not exist.
func notFound(ctx context.Context, clients *awsclient.Clients, id string, err error) error {
	if awsclient.Classify(err) != awsclient.NotFound {
		return err
	}
	if _, own := clients.SecurityGroup(ctx, id); own != nil {
		return lifecycle.AsError(lifecycle.Wait(v1alpha1.ReasonWaitingForAWS, fmt.Sprintf("EC2 does not show security group %s yet.", id), settle))
	}
	outcome := lifecycle.Stall(v1alpha1.ReasonInvalidSpec, "A rule of the security group cannot be authorised: "+awsclient.Message(err))
	outcome.After = recheck
	return lifecycle.AsError(outcome)
}
