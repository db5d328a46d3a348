package awsclient

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("ownership tags", func() {
	It("read back what they write", func() {
		owner := Owner{Cluster: "c1", Object: "HostedZone/default/example"}
		read, ok := OwnerOf(owner.Tags())
		Expect(ok).To(BeTrue())
		Expect(read).To(Equal(owner))
	})

	It("are no proof when one is missing", func() {
		_, ok := OwnerOf(map[string]string{TagCluster: "c1"})
		Expect(ok).To(BeFalse())
		_, ok = OwnerOf(nil)
		Expect(ok).To(BeFalse())
	})
})

// randomTags draws from few keys, so that the sets overlap.
func randomTags(r *rand.Rand) map[string]string {
	tags := map[string]string{}
	for range r.IntN(8) {
		prefix := []string{"", "", "", "aws:"}[r.IntN(4)]
		tags[fmt.Sprintf("%sk%d", prefix, r.IntN(8))] = fmt.Sprint(r.IntN(2))
	}
	return tags
}

var _ = Describe("DiffTags", func() {
	It("makes own keys as desired, leaves the others, and then finds nothing to do", func() {
		r := rand.New(rand.NewPCG(uint64(GinkgoRandomSeed()), 1))
		for range 2000 {
			desired, observed := randomTags(r), randomTags(r)
			managed := slices.Collect(maps.Keys(randomTags(r)))
			set, remove := DiffTags(desired, observed, managed)

			after := maps.Clone(observed)
			maps.Copy(after, set)
			for _, key := range remove {
				Expect(managed).To(ContainElement(key))
				Expect(observed).To(HaveKey(key))
				delete(after, key)
			}
			for key, value := range observed {
				if _, wanted := desired[key]; !wanted && !slices.Contains(managed, key) || key[:1] == "a" {
					Expect(after).To(HaveKeyWithValue(key, value), "belongs to others")
				}
			}
			for key, value := range desired {
				if key[:1] != "a" {
					Expect(after).To(HaveKeyWithValue(key, value))
				}
			}
			set, remove = DiffTags(desired, after, managed)
			Expect(set).To(BeEmpty())
			Expect(remove).To(BeEmpty())
		}
	})

	It("lists removals in order, each once", func() {
		_, remove := DiffTags(nil, map[string]string{"b": "", "a": ""}, []string{"b", "a", "b"})
		Expect(remove).To(Equal([]string{"a", "b"}))
	})
})

var _ = Describe("SplitTagChange", func() {
	It("stays within ten of each and loses nothing", func() {
		for n := range 25 {
			for m := range 25 {
				set, remove := map[string]string{}, []string{}
				for i := range n {
					set[fmt.Sprint("s", i)] = fmt.Sprint(i)
				}
				for i := range m {
					remove = append(remove, fmt.Sprint("r", i))
				}
				gotSet, gotRemove := map[string]string{}, []string{}
				changes := SplitTagChange(set, remove, Route53TagsPerChange)
				Expect(changes).To(HaveLen((max(n, m) + 9) / 10))
				for _, change := range changes {
					Expect(len(change.Set)).To(BeNumerically("<=", 10))
					Expect(len(change.Remove)).To(BeNumerically("<=", 10))
					maps.Copy(gotSet, change.Set)
					gotRemove = append(gotRemove, change.Remove...)
				}
				Expect(gotSet).To(Equal(set))
				Expect(gotRemove).To(Equal(remove))
			}
		}
	})

	It("marks the owner first", func() {
		set := Owner{Cluster: "c", Object: "o"}.Tags()
		for i := range 20 {
			set[fmt.Sprint("a", i)], set[fmt.Sprint("z", i)] = "", ""
		}
		Expect(SplitTagChange(set, nil, Route53TagsPerChange)[0].Set).To(And(HaveKey(TagCluster), HaveKey(TagObject)))
	})
})
