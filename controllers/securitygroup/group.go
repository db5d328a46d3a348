package securitygroup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/controllers/awsclient"
)

// Group is a security group in EC2.
type Group struct {
	ID, Name, Description, VPCID string
	Tags                         map[string]string
	Ingress, Egress              []Rule
}

// State is what is known of an object's group; changes keep it up to date.
type State struct {
	// Group is the object's own; nil when there is none.
	Group *Group
	// Interfaces are network interfaces that still use the group; read when it is to be deleted.
	Interfaces []string
	// Users are other security groups whose rules name the group; read when nothing else is left to hold it.
	Users []string
}

// maxName is the most characters that EC2 allows a group's name.
const maxName = 255

// hashDigits is how many digits of a hash make a name unlike all others.
const hashDigits = 8

// NameFor derives the name of an object's group, which is unlike that of any other object of any cluster. What the group
// is given that EC2 cannot change makes it another one.
func NameFor(owner awsclient.Owner, given ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(append([]string{owner.Cluster, owner.Object}, given...), "/")))
	hash := hex.EncodeToString(sum[:])[:hashDigits]
	name := owner.Object
	for len(name)+1+len(hash) > maxName {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	return name + "/" + hash
}

// Find reads a group by its id; nil when it does not exist.
func Find(ctx context.Context, clients *awsclient.Clients, id string) (*Group, error) {
	found, err := clients.SecurityGroup(ctx, id)
	switch {
	case awsclient.Classify(err) == awsclient.NotFound:
		return nil, nil
	case err != nil:
		return nil, err
	}
	return groupOf(&found), nil
}

// FindAll looks for all groups that are marked as an object's, those among them that an earlier turn made and did not
// live to write down.
func FindAll(ctx context.Context, clients *awsclient.Clients, owner awsclient.Owner) ([]*Group, error) {
	return find(ctx, clients, "tag:"+awsclient.TagCluster, owner.Cluster, "tag:"+awsclient.TagObject, owner.Object)
}

// findByName looks for the group of a name in a VPC, whosever it is; nil when there is none.
func findByName(ctx context.Context, clients *awsclient.Clients, vpc, name string) (*Group, error) {
	groups, err := find(ctx, clients, "vpc-id", vpc, "group-name", name)
	if err != nil || len(groups) == 0 {
		return nil, err
	}
	return groups[0], nil
}

// DefaultOf finds the group that EC2 keeps in every VPC.
func DefaultOf(ctx context.Context, clients *awsclient.Clients, vpc string) (*Group, error) {
	return findByName(ctx, clients, vpc, "default")
}

// find returns the groups that filters select, given as names and values in turn, by id.
func find(ctx context.Context, clients *awsclient.Clients, filters ...string) ([]*Group, error) {
	input := &ec2.DescribeSecurityGroupsInput{}
	for i := 0; i < len(filters); i += 2 {
		input.Filters = append(input.Filters, types.Filter{Name: &filters[i], Values: []string{filters[i+1]}})
	}
	var groups []*Group
	pages := ec2.NewDescribeSecurityGroupsPaginator(clients.EC2, input)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("looking for the security group: %w", err)
		}
		for i := range page.SecurityGroups {
			groups = append(groups, groupOf(&page.SecurityGroups[i]))
		}
	}
	slices.SortFunc(groups, func(a, b *Group) int { return strings.Compare(a.ID, b.ID) })
	return groups, nil
}

func groupOf(g *types.SecurityGroup) *Group {
	group := &Group{
		ID: aws.ToString(g.GroupId), Name: aws.ToString(g.GroupName), Description: aws.ToString(g.Description), VPCID: aws.ToString(g.VpcId),
		Tags: map[string]string{}, Ingress: rulesOf(g.IpPermissions), Egress: rulesOf(g.IpPermissionsEgress),
	}
	for _, tag := range g.Tags {
		group.Tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return group
}
