package route53

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/netip"
	"regexp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// collection is a CIDR collection.
type collection struct {
	ID              string `json:"id"`
	Account         string `json:"account"`
	Name            string `json:"name"`
	CallerReference string `json:"callerReference"`
	Version         int64  `json:"version"`
	// Blocks are each in one location.
	Blocks map[netip.Prefix]string `json:"blocks"`
}

func (c *collection) identity() (account, id string) { return c.Account, c.ID }

func (c *collection) arn() *string { return aws.String("arn:aws:route53:::cidrcollection/" + c.ID) }

// locations are the names of those that have blocks, in order.
func (c *collection) locations() []string {
	return slices.Compact(slices.Sorted(maps.Values(c.Blocks)))
}

// everywhere is the location of all clients that are in none.
const everywhere = "*"

var (
	collectionName = regexp.MustCompile(`^[0-9A-Za-z_\-]+$`)
	locationName   = regexp.MustCompile(`^[0-9A-Za-z_\-]+$`)
)

func (c content) collection(r *frame.Request, id *string) (*collection, error) {
	if found, ok := own(c.collections, r, id); ok {
		return found, nil
	}
	return nil, frame.StatusErrorf(http.StatusNotFound, "NoSuchCidrCollectionException",
		"The CIDR collection you specified, doesn't exist: %s", aws.ToString(id))
}

func (s *Service) createCollection(_ context.Context, r *frame.Request, in *sdk.CreateCidrCollectionInput,
) (*sdk.CreateCidrCollectionOutput, error) {
	var broken frame.Violations
	broken.Required(in.Name, "name")
	broken.Length(in.Name, "name", 1, 64)
	pattern(&broken, in.Name, "name", collectionName)
	broken.Required(in.CallerReference, "callerReference")
	broken.Length(in.CallerReference, "callerReference", 1, 64)
	if err := broken.Err(invalidInput); err != nil {
		return nil, err
	}
	next := s.now()
	owned := ownedBy(next.collections, r.Caller.Account)
	for _, other := range owned {
		if other.Name == *in.Name && other.CallerReference == *in.CallerReference {
			return other.created(), nil
		}
		if other.Name == *in.Name {
			return nil, frame.Errorf("CidrCollectionAlreadyExistsException",
				"A CIDR collection with this name and a different caller reference already exists in this account: %s", other.ID)
		}
	}
	if len(owned) >= s.quotas.CIDRCollections {
		return nil, frame.Errorf("LimitsExceeded", "Limits Exceeded: cannot create more than %d CIDR collections.", s.quotas.CIDRCollections)
	}
	made := &collection{
		ID: s.env.Random.RequestID(), Account: r.Caller.Account, Name: *in.Name, CallerReference: *in.CallerReference, Version: 1,
	}
	next.collections = with(next.collections, made.ID, made)
	s.publish(next)
	return made.created(), nil
}

func (c *collection) created() *sdk.CreateCidrCollectionOutput {
	return &sdk.CreateCidrCollectionOutput{
		Collection: &types.CidrCollection{Arn: c.arn(), Id: &c.ID, Name: &c.Name, Version: &c.Version},
		Location:   aws.String("https://route53.amazonaws.com" + version + "/cidrcollection/" + c.ID),
	}
}

func validateChangeCollection(in *sdk.ChangeCidrCollectionInput) error {
	var broken frame.Violations
	frame.Between(&broken, in.CollectionVersion, "collectionVersion", 1, 1<<62)
	if n := len(in.Changes); n < 1 || n > 1000 {
		broken.Add(n, "changes", "Member must have length between 1 and 1000")
	}
	for i, c := range in.Changes {
		path := fmt.Sprintf("changes.%d.member", i+1)
		if c.Action == "" {
			broken.Add(nil, path+".action", "Member must not be null")
		}
		frame.Enum(&broken, c.Action, path+".action", c.Action.Values())
		broken.Required(c.LocationName, path+".locationName")
		broken.Length(c.LocationName, path+".locationName", 1, 16)
		pattern(&broken, c.LocationName, path+".locationName", locationName)
		if n := len(c.CidrList); n < 1 || n > 1000 {
			broken.Add(n, path+".cidrList", "Member must have length between 1 and 1000")
		}
	}
	return broken.Err(invalidInput)
}

// parseBlock reads a block of /1 to /24 for IPv4, or of /1 to /48 for IPv6. Bits of the host are dropped.
func parseBlock(text string) (netip.Prefix, error) {
	block, err := netip.ParsePrefix(text)
	most := 48
	if err == nil && block.Addr().Is4() {
		most = 24
	}
	if err != nil || block.Bits() < 1 || block.Bits() > most {
		return netip.Prefix{}, frame.Errorf(invalidInput,
			"Invalid request: '%s' is not a CIDR block of /1 to /24 for IPv4, or of /1 to /48 for IPv6.", text)
	}
	return block.Masked(), nil
}

// changeCollection applies all changes or none.
func (s *Service) changeCollection(_ context.Context, r *frame.Request, in *sdk.ChangeCidrCollectionInput,
) (*sdk.ChangeCidrCollectionOutput, error) {
	if err := validateChangeCollection(in); err != nil {
		return nil, err
	}
	next := s.now()
	found, err := next.collection(r, in.Id)
	if err != nil {
		return nil, err
	}
	if in.CollectionVersion != nil && *in.CollectionVersion != found.Version {
		return nil, frame.StatusErrorf(http.StatusConflict, "CidrCollectionVersionMismatchException",
			"The CIDR collection version you provided, %d, does not match the one in the CIDR collection, %d.",
			*in.CollectionVersion, found.Version)
	}
	changed := *found
	changed.Blocks = map[netip.Prefix]string{}
	maps.Copy(changed.Blocks, found.Blocks)
	for _, c := range in.Changes {
		if err := changed.apply(c); err != nil {
			return nil, err
		}
	}
	if len(changed.Blocks) > s.quotas.BlocksPerCollection {
		return nil, frame.Errorf("LimitsExceeded", "Limits Exceeded: a CIDR collection cannot have more than %d CIDR blocks.",
			s.quotas.BlocksPerCollection)
	}
	changed.Version++
	next.collections = with(next.collections, changed.ID, &changed)
	s.publish(next)
	return &sdk.ChangeCidrCollectionOutput{Id: aws.String(bareID(*s.submit(r.Caller.Account, nil).Id))}, nil
}

func (c *collection) apply(change types.CidrCollectionChange) error {
	for _, text := range change.CidrList {
		block, err := parseBlock(text)
		if err != nil {
			return err
		}
		location, taken := c.Blocks[block]
		switch {
		case change.Action == types.CidrCollectionChangeActionPut && taken && location != *change.LocationName:
			return frame.Errorf("CidrBlockInUseException", "The CIDR block %s is already in use by the location %s.", block, location)
		case change.Action == types.CidrCollectionChangeActionPut:
			c.Blocks[block] = *change.LocationName
		case taken && location == *change.LocationName:
			delete(c.Blocks, block)
		}
	}
	return nil
}

func (s *Service) deleteCollection(_ context.Context, r *frame.Request, in *sdk.DeleteCidrCollectionInput,
) (*sdk.DeleteCidrCollectionOutput, error) {
	next := s.now()
	found, err := next.collection(r, in.Id)
	if err != nil {
		return nil, err
	}
	if len(found.Blocks) > 0 {
		return nil, frame.Errorf("CidrCollectionInUseException", "This CIDR collection is in use, and isn't empty: it has %d CIDR blocks.",
			len(found.Blocks))
	}
	if user := next.userOf(found.ID); user != "" {
		return nil, frame.Errorf("CidrCollectionInUseException", "This CIDR collection is in use, and isn't empty: %s uses it.", user)
	}
	next.collections = without(next.collections, found.ID)
	s.publish(next)
	return &sdk.DeleteCidrCollectionOutput{}, nil
}

// userOf names a record set that is routed by a collection, or is empty.
func (c content) userOf(collectionID string) string {
	for _, z := range c.zones.sorted() {
		for _, r := range z.records {
			if routing := r.set.CidrRoutingConfig; routing != nil && *routing.CollectionId == collectionID {
				return identity(r.set)
			}
		}
	}
	return ""
}

// Blocks are the CIDR blocks of a location of a collection, of whichever account.
func (s *Service) Blocks(collectionID, location string) []netip.Prefix {
	found, ok := s.now().collections[collectionID]
	if !ok {
		return nil
	}
	var blocks []netip.Prefix
	for block, in := range found.Blocks {
		if in == location {
			blocks = append(blocks, block)
		}
	}
	slices.SortFunc(blocks, comparePrefixes)
	return blocks
}

func comparePrefixes(a, b netip.Prefix) int {
	return cmp.Or(a.Addr().Compare(b.Addr()), cmp.Compare(a.Bits(), b.Bits()))
}

// cidrProblem tells why a record set cannot be routed by its CIDR location, or is empty.
func (c content) cidrProblem(account string, set *types.ResourceRecordSet) string {
	routing := set.CidrRoutingConfig
	if routing == nil {
		return ""
	}
	head := fmt.Sprintf("RRSet with DNS name %s, type %s, SetIdentifier %s cannot be created because ",
		*set.Name, set.Type, *set.SetIdentifier)
	found, ok := c.collections[*routing.CollectionId]
	switch {
	case !ok || found.Account != account:
		return head + fmt.Sprintf("the CIDR collection %s does not exist.", *routing.CollectionId)
	case *routing.LocationName != everywhere && !slices.Contains(found.locations(), *routing.LocationName):
		return head + fmt.Sprintf("the CIDR collection %s has no location %s.", *routing.CollectionId, *routing.LocationName)
	}
	return ""
}
