package ec2

import (
	"net/netip"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

var prefixListFilters = filters[prefixList]{
	"prefix-list-id":   of(func(p prefixList) *string { return p.PrefixListId }),
	"prefix-list-name": of(func(p prefixList) *string { return p.PrefixListName }),
	"owner-id":         of(func(p prefixList) *string { return p.OwnerId }),
}

func (s *Service) createPrefixList(t *turn, in *sdk.CreateManagedPrefixListInput) (*sdk.CreateManagedPrefixListOutput, error) {
	switch {
	case in.PrefixListName == nil:
		return nil, missingParameter("PrefixListName")
	case in.MaxEntries == nil:
		return nil, missingParameter("MaxEntries")
	case aws.ToString(in.AddressFamily) != "IPv4" && aws.ToString(in.AddressFamily) != "IPv6":
		return nil, invalidValue("Invalid value '%s' for AddressFamily. Valid values are IPv4, IPv6", aws.ToString(in.AddressFamily))
	case strings.HasPrefix(*in.PrefixListName, "com.amazonaws"):
		return nil, invalidValue("The prefix list name cannot start with com.amazonaws")
	case int(*in.MaxEntries) < max(1, len(in.Entries)):
		return nil, frame.Errorf("PrefixListMaxEntriesExceeded", "You can't add more entries than the maximum number of entries of the prefix list")
	}
	tagged, err := t.tagSpecifications(in.TagSpecifications, types.ResourceTypePrefixList)
	if err != nil {
		return nil, err
	}
	id := s.newID(prefixListKind.prefix)
	list := prefixList{ManagedPrefixList: types.ManagedPrefixList{
		PrefixListId: &id, PrefixListName: in.PrefixListName, AddressFamily: in.AddressFamily, MaxEntries: in.MaxEntries,
		OwnerId: aws.String(t.Caller.Account), PrefixListArn: aws.String(t.arn("prefix-list", id)), Version: aws.Int64(1),
		State: types.PrefixListStateCreateComplete,
	}}
	for _, entry := range in.Entries {
		block, err := netip.ParsePrefix(aws.ToString(entry.Cidr))
		if err != nil || block.Addr().Is4() != (*in.AddressFamily == "IPv4") {
			return nil, invalidValue("The CIDR %s is not a valid %s CIDR block", aws.ToString(entry.Cidr), *in.AddressFamily)
		}
		list.Entries = append(list.Entries, types.PrefixListEntry{Cidr: aws.String(block.Masked().String()), Description: entry.Description})
	}
	t.PrefixLists[id] = made(t, list)
	t.tag(id, tagged)
	return &sdk.CreateManagedPrefixListOutput{PrefixList: t.shownPrefixList(list)}, nil
}

func (t *turn) shownPrefixList(list prefixList) *types.ManagedPrefixList {
	shown := list.ManagedPrefixList
	shown.Tags = t.Tags[*list.PrefixListId].list()
	return &shown
}

func (s *Service) describePrefixLists(t *turn, in *sdk.DescribeManagedPrefixListsInput) (*sdk.DescribeManagedPrefixListsOutput, error) {
	found, next, err := describe(t, t.PrefixLists, prefixListKind, prefixListFilters,
		question{ids: in.PrefixListIds, filters: in.Filters, most: in.MaxResults, token: in.NextToken})
	if err != nil {
		return nil, err
	}
	out := &sdk.DescribeManagedPrefixListsOutput{PrefixLists: []types.ManagedPrefixList{}, NextToken: next}
	for _, list := range found {
		out.PrefixLists = append(out.PrefixLists, *t.shownPrefixList(list))
	}
	return out, nil
}

func (s *Service) prefixListEntries(t *turn, in *sdk.GetManagedPrefixListEntriesInput) (*sdk.GetManagedPrefixListEntriesOutput, error) {
	list, err := find(t, t.PrefixLists, in.PrefixListId, prefixListKind)
	if err != nil {
		return nil, err
	}
	return &sdk.GetManagedPrefixListEntriesOutput{Entries: list.Entries}, nil
}

func (s *Service) deletePrefixList(t *turn, in *sdk.DeleteManagedPrefixListInput) (*sdk.DeleteManagedPrefixListOutput, error) {
	list, err := find(t, t.PrefixLists, in.PrefixListId, prefixListKind)
	if err != nil {
		return nil, err
	}
	id := *list.PrefixListId
	for _, held := range t.Groups {
		for _, r := range held.Is.Rules {
			if r.PrefixList == id {
				return nil, dependency("The prefix list '%s' is referenced by %s", id, held.Is.ID)
			}
		}
	}
	shown := t.shownPrefixList(list)
	shown.State = types.PrefixListStateDeleteInProgress
	delete(t.PrefixLists, id)
	delete(t.Tags, id)
	return &sdk.DeleteManagedPrefixListOutput{PrefixList: shown}, nil
}
