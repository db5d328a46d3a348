package securitygroup

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

const (
	// settle is how long EC2 is given to show what it has made, or to notice that something is gone.
	settle = 2 * time.Second
	// recheck is how soon it is tried again what a person must set right, or EC2 shows by itself after a while.
	recheck = 30 * time.Second
	// named is how many of those who use a group are named.
	named = 3
)

// ObserveUsers reads who still uses a group that is to be deleted: network interfaces, which go by themselves some time
// after what they belonged to; and, when there are none, the rules of other groups.
func ObserveUsers(ctx context.Context, clients *awsclient.Clients, s *State) error {
	s.Interfaces, s.Users = nil, nil
	if s.Group == nil {
		return nil
	}
	interfaces := ec2.NewDescribeNetworkInterfacesPaginator(clients.EC2, &ec2.DescribeNetworkInterfacesInput{Filters: filter("group-id", s.Group.ID)})
	for interfaces.HasMorePages() {
		page, err := interfaces.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("listing the network interfaces in security group %s: %w", s.Group.ID, err)
		}
		for i := range page.NetworkInterfaces {
			s.Interfaces = append(s.Interfaces, aws.ToString(page.NetworkInterfaces[i].NetworkInterfaceId))
		}
	}
	if len(s.Interfaces) > 0 {
		return nil
	}
	for _, name := range []string{"ip-permission.group-id", "egress.ip-permission.group-id"} {
		groups := ec2.NewDescribeSecurityGroupsPaginator(clients.EC2, &ec2.DescribeSecurityGroupsInput{Filters: filter(name, s.Group.ID)})
		for groups.HasMorePages() {
			page, err := groups.NextPage(ctx)
			if err != nil {
				return fmt.Errorf("listing the security groups that name %s: %w", s.Group.ID, err)
			}
			for i := range page.SecurityGroups {
				if id := aws.ToString(page.SecurityGroups[i].GroupId); id != s.Group.ID {
					s.Users = append(s.Users, id)
				}
			}
		}
	}
	slices.Sort(s.Users)
	s.Users = slices.Compact(s.Users)
	return nil
}

func filter(name, value string) []types.Filter {
	return []types.Filter{{Name: aws.String(name), Values: []string{value}}}
}

// Deletion returns the change that deletes the group; none while somebody uses it. Before that it lets go of groups that
// its own rules name, when others' rules name it: two that name each other could not be deleted either of them.
func Deletion(s *State) []Change {
	if s.Group == nil || len(s.Interfaces) > 0 {
		return nil
	}
	if len(s.Users) > 0 {
		return lettingGo(s.Group)
	}
	return []Change{{
		Plan: []v1alpha1.PlannedChange{{Verb: lifecycle.VerbDelete, Resource: Resource(s.Group.Name)}},
		Run:  remove,
	}}
}

// lettingGo returns what revokes the group's rules for other groups.
func lettingGo(group *Group) []Change {
	keep := func(rules []Rule) *[]Rule {
		kept := slices.DeleteFunc(slices.Clone(rules), func(rule Rule) bool { return rule.isGroup() })
		return &kept
	}
	return Diff(&Desired{Name: group.Name, Ingress: keep(group.Ingress), Egress: keep(group.Egress)}, group)
}

// remove deletes the group. EC2 may refuse for a while after the last user has gone: that is waited for.
func remove(ctx context.Context, clients *awsclient.Clients, s *State) error {
	_, err := clients.EC2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: &s.Group.ID})
	switch awsclient.Classify(err) {
	case "", awsclient.NotFound:
		s.Group = nil
		return nil
	case awsclient.Conflict:
		return lifecycle.AsError(lifecycle.Wait(v1alpha1.ReasonWaitingForAWS, fmt.Sprintf("Security group %s cannot be deleted yet: something still depends on it.", s.Group.ID), settle))
	default:
		return fmt.Errorf("deleting security group %s: %w", s.Group.ID, err)
	}
}

// Remaining says what the deletion of the group waits for, when to look again at the latest, and false when nothing
// stands against it.
func Remaining(s *State, again time.Duration) (lifecycle.Outcome, bool) {
	switch {
	case s.Group == nil:
		return lifecycle.Outcome{}, false
	case len(s.Interfaces) > 0:
		return lifecycle.Wait(v1alpha1.ReasonDeleting, fmt.Sprintf(
			"Security group %s is deleted once the network interfaces in it are gone, which AWS removes some time after what they served.", s.Group.ID), again), true
	case len(s.Users) > 0:
		return lifecycle.Wait(v1alpha1.ReasonDeletionBlocked, fmt.Sprintf(
			"Security group %s cannot be deleted while rules of other security groups name it: %s. Remove those rules.", s.Group.ID, lifecycle.FirstFew(s.Users, named, len(s.Users))), again), true
	default:
		return lifecycle.Wait(v1alpha1.ReasonDeleting, fmt.Sprintf("Security group %s is being deleted.", s.Group.ID), again), true
	}
}
