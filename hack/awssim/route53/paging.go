package route53

import (
	"encoding/base64"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// itemsPerPage is the page of listings for which AWS documents no other.
const itemsPerPage = 100

// tokenPrefix tells Route 53's own tokens from anything else.
const tokenPrefix = "from:"

// keyed is what a listing by token is ordered by.
type keyed interface{ identity() (account, id string) }

// pageByToken cuts the page that a token asks for off a listing in the order of
// its ids. The token holds the id of the page's first item, or of where that
// was before it was deleted.
func pageByToken[K keyed](items []K, token *string, asked *int32, most int) (page []K, next *string, err error) {
	size, err := pageSize(asked, most, most)
	if err != nil {
		return nil, nil, err
	}
	idOf := func(item K) string { _, id := item.identity(); return id }
	items = slices.SortedFunc(slices.Values(items), func(a, b K) int { return strings.Compare(idOf(a), idOf(b)) })
	if text := aws.ToString(token); text != "" {
		raw, decodeErr := base64.StdEncoding.DecodeString(text)
		from, ours := strings.CutPrefix(string(raw), tokenPrefix)
		if decodeErr != nil || !ours {
			return nil, nil, frame.Errorf("InvalidPaginationToken",
				"The value that you specified to get the second or subsequent page of results is invalid.")
		}
		items = slices.DeleteFunc(items, func(item K) bool { return idOf(item) < from })
	}
	page, first := frame.Page(items, size)
	if first != nil {
		next = aws.String(base64.StdEncoding.EncodeToString([]byte(tokenPrefix + idOf(*first))))
	}
	return page, next, nil
}
