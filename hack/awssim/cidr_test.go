package awssim_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim"
	simroute53 "github.com/evenkeel/evenkeel/hack/awssim/route53"
)

func (s *sim) createCollection(ctx context.Context, name, reference string) (*route53.CreateCidrCollectionOutput, error) {
	return s.route53.CreateCidrCollection(ctx, &route53.CreateCidrCollectionInput{Name: &name, CallerReference: &reference})
}

func (s *sim) collection(ctx context.Context, name string) string {
	GinkgoHelper()
	out, err := s.createCollection(ctx, name, name)
	Expect(err).NotTo(HaveOccurred())
	return *out.Collection.Id
}

func (s *sim) changeBlocks(ctx context.Context, id string, action types.CidrCollectionChangeAction, location string, blocks ...string) error {
	_, err := s.route53.ChangeCidrCollection(ctx, &route53.ChangeCidrCollectionInput{Id: &id, Changes: []types.CidrCollectionChange{
		{Action: action, LocationName: &location, CidrList: blocks},
	}})
	return err
}

const (
	put            = types.CidrCollectionChangeActionPut
	deleteIfExists = types.CidrCollectionChangeActionDeleteIfExists
)

// blocks lists a collection as "block location".
func (s *sim) blocks(ctx context.Context, id string) []string {
	GinkgoHelper()
	listed := []string{}
	pages := route53.NewListCidrBlocksPaginator(s.route53, &route53.ListCidrBlocksInput{CollectionId: &id, MaxResults: aws.Int32(7)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		Expect(err).NotTo(HaveOccurred())
		for _, block := range page.CidrBlocks {
			listed = append(listed, *block.CidrBlock+" "+*block.LocationName)
		}
	}
	return listed
}

var _ = Describe("CIDR collections", func() {
	It("hold blocks in locations, version by version", func(ctx SpecContext) {
		s := start(awssim.Options{})
		out, err := s.createCollection(ctx, "offices", "one")
		Expect(err).NotTo(HaveOccurred())
		id := *out.Collection.Id
		Expect(*out.Collection.Arn).To(Equal("arn:aws:route53:::cidrcollection/" + id))
		again, err := s.createCollection(ctx, "offices", "one")
		Expect(err).NotTo(HaveOccurred())
		Expect(again.Collection).To(Equal(out.Collection))
		changed, err := s.route53.ChangeCidrCollection(ctx, &route53.ChangeCidrCollectionInput{
			Id: &id, CollectionVersion: out.Collection.Version, Changes: []types.CidrCollectionChange{
				{Action: put, LocationName: aws.String("north"), CidrList: []string{"192.0.2.0/24", "2001:DB8::/32"}},
				{Action: put, LocationName: aws.String("south"), CidrList: []string{"198.51.100.99/24"}},
			},
		})
		Expect(err).NotTo(HaveOccurred())
		status, err := s.route53.GetChange(ctx, &route53.GetChangeInput{Id: changed.Id})
		Expect(err).NotTo(HaveOccurred())
		Expect(status.ChangeInfo.Status).To(Equal(types.ChangeStatusPending))
		Expect(s.blocks(ctx, id)).To(Equal([]string{"192.0.2.0/24 north", "2001:db8::/32 north", "198.51.100.0/24 south"}))
		locations, err := s.route53.ListCidrLocations(ctx, &route53.ListCidrLocationsInput{CollectionId: &id})
		Expect(err).NotTo(HaveOccurred())
		Expect(locations.CidrLocations).To(Equal([]types.LocationSummary{{LocationName: aws.String("north")}, {LocationName: aws.String("south")}}))
		collections, err := s.route53.ListCidrCollections(ctx, &route53.ListCidrCollectionsInput{})
		Expect(err).NotTo(HaveOccurred())
		Expect(collections.CidrCollections).To(HaveLen(1))
		Expect(*collections.CidrCollections[0].Version).To(BeEquivalentTo(2))
		Expect(s.changeBlocks(ctx, id, deleteIfExists, "south", "198.51.100.0/24", "203.0.113.0/24", "192.0.2.0/24")).To(Succeed())
		Expect(s.blocks(ctx, id)).To(Equal([]string{"192.0.2.0/24 north", "2001:db8::/32 north"}), "what another location has stays")
		Expect(s.changeBlocks(ctx, id, deleteIfExists, "north", "192.0.2.0/24", "2001:db8::/32")).To(Succeed())
		_, err = s.route53.DeleteCidrCollection(ctx, &route53.DeleteCidrCollectionInput{Id: &id})
		Expect(err).NotTo(HaveOccurred())
	})

	It("hold after any sequence of changes what a map would", func(ctx SpecContext) {
		s := start(awssim.Options{})
		id := s.collection(ctx, "c")
		random := rand.New(rand.NewPCG(uint64(GinkgoRandomSeed()), 3))
		model := map[string]string{}
		for range 200 {
			after, inUse := maps.Clone(model), false
			location := fmt.Sprint("l", random.IntN(3))
			action := []types.CidrCollectionChangeAction{put, deleteIfExists}[random.IntN(2)]
			var blocks []string
			for range 1 + random.IntN(3) {
				block := fmt.Sprintf("10.%d.0.0/16", random.IntN(12))
				blocks = append(blocks, block)
				switch owner := after[block]; {
				case action == put && owner != "" && owner != location:
					inUse = true
				case action == put:
					after[block] = location
				case owner == location:
					delete(after, block)
				}
			}
			err := s.changeBlocks(ctx, id, action, location, blocks...)
			if inUse {
				Expect(codeOf(err)).To(Equal("CidrBlockInUseException"))
				continue
			}
			Expect(err).NotTo(HaveOccurred())
			model = after
		}
		held := []string{}
		for block, location := range model {
			held = append(held, block+" "+location)
		}
		Expect(s.blocks(ctx, id)).To(ConsistOf(held))
		Expect(slices.IsSortedFunc(s.blocks(ctx, id), func(a, b string) int { return cmp.Compare(a[len(a)-2:], b[len(b)-2:]) })).To(BeTrue())
	})
})

var _ = DescribeTable("A refused CIDR call",
	func(ctx SpecContext, try func(ctx context.Context, s *sim, id string) error, code, message string) {
		s := start(awssim.Options{Quotas: simroute53.Quotas{CIDRCollections: 2, BlocksPerCollection: 3}})
		id := s.collection(ctx, "offices")
		Expect(s.changeBlocks(ctx, id, put, "north", "192.0.2.0/24")).To(Succeed())
		err := try(ctx, s, id)
		Expect(codeOf(err)).To(Equal(code))
		Expect(messageOf(err)).To(ContainSubstring(message))
		Expect(statusOf(err)).To(Equal(cmp.Or(statuses[code], http.StatusBadRequest)))
		Expect(s.blocks(ctx, id)).To(Equal([]string{"192.0.2.0/24 north"}))
	},
	Entry("a name twice", func(ctx context.Context, s *sim, _ string) error {
		_, err := s.createCollection(ctx, "offices", "another")
		return err
	}, "CidrCollectionAlreadyExistsException", "different caller reference"),
	Entry("an odd name", func(ctx context.Context, s *sim, _ string) error {
		_, err := s.createCollection(ctx, "my offices", "r")
		return err
	}, "InvalidInput", "regular expression pattern"),
	Entry("a collection too many", func(ctx context.Context, s *sim, _ string) error {
		s.collection(ctx, "two")
		_, err := s.createCollection(ctx, "three", "three")
		return err
	}, "LimitsExceeded", "more than 2"),
	Entry("a block too many", func(ctx context.Context, s *sim, id string) error {
		return s.changeBlocks(ctx, id, put, "south", "10.1.0.0/16", "10.2.0.0/16", "10.3.0.0/16")
	}, "LimitsExceeded", "more than 3"),
	Entry("a block in two locations", func(ctx context.Context, s *sim, id string) error {
		return s.changeBlocks(ctx, id, put, "south", "10.1.0.0/16", "192.0.2.0/24")
	}, "CidrBlockInUseException", "north"),
	Entry("a block that is none", func(ctx context.Context, s *sim, id string) error {
		return s.changeBlocks(ctx, id, put, "south", "north")
	}, "InvalidInput", "'north'"),
	Entry("a small IPv4 block", func(ctx context.Context, s *sim, id string) error {
		return s.changeBlocks(ctx, id, put, "south", "10.1.0.0/25")
	}, "InvalidInput", "/1 to /24"),
	Entry("a small IPv6 block", func(ctx context.Context, s *sim, id string) error {
		return s.changeBlocks(ctx, id, put, "south", "2001:db8::/49")
	}, "InvalidInput", "/1 to /48"),
	Entry("everything", func(ctx context.Context, s *sim, id string) error {
		return s.changeBlocks(ctx, id, put, "south", "0.0.0.0/0")
	}, "InvalidInput", "/1 to /24"),
	Entry("the default location", func(ctx context.Context, s *sim, id string) error {
		return s.changeBlocks(ctx, id, put, "*", "10.1.0.0/16")
	}, "InvalidInput", "locationName"),
	Entry("a long location", func(ctx context.Context, s *sim, id string) error {
		return s.changeBlocks(ctx, id, put, "seventeen-letters", "10.1.0.0/16")
	}, "InvalidInput", "less than or equal to 16"),
	Entry("an unknown action", func(ctx context.Context, s *sim, id string) error {
		return s.changeBlocks(ctx, id, "DELETE", "south", "10.1.0.0/16")
	}, "InvalidInput", "[PUT, DELETE_IF_EXISTS]"),
	Entry("an old version", func(ctx context.Context, s *sim, id string) error {
		_, err := s.route53.ChangeCidrCollection(ctx, &route53.ChangeCidrCollectionInput{Id: &id, CollectionVersion: aws.Int64(1), Changes: []types.CidrCollectionChange{
			{Action: put, LocationName: aws.String("south"), CidrList: []string{"10.1.0.0/16"}},
		}})
		return err
	}, "CidrCollectionVersionMismatchException", "1"),
	Entry("an unknown collection", func(ctx context.Context, s *sim, _ string) error {
		return s.changeBlocks(ctx, collectionA, put, "south", "10.1.0.0/16")
	}, "NoSuchCidrCollectionException", collectionA),
	Entry("an unknown location", func(ctx context.Context, s *sim, id string) error {
		_, err := s.route53.ListCidrBlocks(ctx, &route53.ListCidrBlocksInput{CollectionId: &id, LocationName: aws.String("south")})
		return err
	}, "NoSuchCidrLocationException", "south"),
	Entry("the collection of another account", func(ctx context.Context, s *sim, id string) error {
		_, err := s.otherAccount(ctx).ListCidrLocations(ctx, &route53.ListCidrLocationsInput{CollectionId: &id})
		return err
	}, "NoSuchCidrCollectionException", "doesn't exist"),
	Entry("deleting what is not empty", func(ctx context.Context, s *sim, id string) error {
		_, err := s.route53.DeleteCidrCollection(ctx, &route53.DeleteCidrCollectionInput{Id: &id})
		return err
	}, "CidrCollectionInUseException", "1 CIDR blocks"),
	Entry("deleting what a record uses", func(ctx context.Context, s *sim, _ string) error {
		empty, zone := s.collection(ctx, "empty"), s.zone(ctx, "example.com")
		s.mustChange(ctx, zone, create(a("x.example.com", "192.0.2.1", cidr("all", empty, "*"))))
		_, err := s.route53.DeleteCidrCollection(ctx, &route53.DeleteCidrCollectionInput{Id: &empty})
		return err
	}, "CidrCollectionInUseException", "set-identifier='all'"),
)

var _ = Describe("Accelerated recovery", func() {
	It("is enabled and disabled in time", func(ctx SpecContext) {
		s := start(awssim.Options{})
		zone := s.zone(ctx, "example.com")
		status := func() types.AcceleratedRecoveryStatus {
			GinkgoHelper()
			out, err := s.route53.GetHostedZone(ctx, &route53.GetHostedZoneInput{Id: &zone})
			Expect(err).NotTo(HaveOccurred())
			if out.HostedZone.Features == nil {
				return ""
			}
			return out.HostedZone.Features.AcceleratedRecoveryStatus
		}
		Expect(status()).To(BeEmpty())
		for _, enable := range []bool{true, false} {
			_, err := s.route53.UpdateHostedZoneFeatures(ctx, &route53.UpdateHostedZoneFeaturesInput{HostedZoneId: &zone, EnableAcceleratedRecovery: &enable})
			Expect(err).NotTo(HaveOccurred())
			word := map[bool]types.AcceleratedRecoveryStatus{true: "ENABL", false: "DISABL"}[enable]
			Expect(status()).To(Equal(word + "ING"))
			s.settle()
			Expect(status()).To(Equal(word + "ED"))
		}
	})
})
