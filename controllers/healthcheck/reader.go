package healthcheck

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"k8s.io/utils/clock"

	"github.com/evenkeel/evenkeel/controllers/awsclient"
)

const (
	// pageSize is the most checks that ListHealthChecks answers with.
	pageSize = 1000
	// fewChecks is how many checks are read one by one; more are cheaper to list.
	fewChecks = 2
	// joinDelay is how long a read waits for others to join it, and mostJoined how many may.
	joinDelay  = 5 * time.Millisecond
	mostJoined = 500
	// tagsPerCall is how many ids ListTagsForResources takes.
	tagsPerCall = 10
)

// reader reads health checks for all objects together: reads due at the same time share their calls, and a listing
// serves all objects for a while. Checks it returns must not be changed.
type reader struct {
	route53  *route53.Client
	clock    clock.PassiveClock
	single   *awsclient.Batcher[string, *types.HealthCheck]
	listings *awsclient.Batcher[struct{}, map[string]*types.HealthCheck]
	tagged   *awsclient.Batcher[string, map[string]string]

	mu       sync.Mutex
	wanted   map[string]struct{} // ids that were ever asked for
	listed   map[string]*types.HealthCheck
	listedAt time.Time
	made     map[string]madeCheck       // checks that a listing may be too old to have
	owners   map[string]awsclient.Owner // of checks that look like ours, as first read
}

// madeCheck is a check that we made or changed.
type madeCheck struct {
	check *types.HealthCheck
	at    time.Time
}

func newReader(client *route53.Client, c clock.PassiveClock) *reader {
	r := &reader{route53: client, clock: c, wanted: map[string]struct{}{}, made: map[string]madeCheck{}, owners: map[string]awsclient.Owner{}}
	r.single = awsclient.NewBatcher(mostJoined, joinDelay, r.fetch)
	r.listings = awsclient.NewBatcher(fewChecks, joinDelay, r.fetchAll)
	r.tagged = awsclient.NewBatcher(tagsPerCall, joinDelay, r.fetchTags)
	return r
}

// get reads a check as it is now; nil when there is none of the id.
func (r *reader) get(ctx context.Context, id string) (*types.HealthCheck, error) {
	check, err := r.single.Get(ctx, id)
	switch {
	case awsclient.Classify(err) == awsclient.NotFound:
		return nil, nil
	case err != nil:
		return nil, fmt.Errorf("reading the health check %s: %w", id, err)
	}
	return check, nil
}

// recent reads a check as it was not longer ago than the given time; with many checks, from one listing of them all.
func (r *reader) recent(ctx context.Context, id string, age time.Duration) (*types.HealthCheck, error) {
	r.mu.Lock()
	r.wanted[id] = struct{}{}
	few := len(r.wanted) <= fewChecks
	r.mu.Unlock()
	if few {
		return r.get(ctx, id)
	}
	checks, err := r.list(ctx, age)
	if err != nil {
		return nil, err
	}
	if check := checks[id]; check != nil {
		return check, nil
	}
	return r.get(ctx, id) // it may be newer than the listing
}

// list reads all health checks of the account as they were not longer ago than the given time.
func (r *reader) list(ctx context.Context, age time.Duration) (map[string]*types.HealthCheck, error) {
	r.mu.Lock()
	listed, fresh := r.listed, r.listed != nil && r.clock.Since(r.listedAt) < age
	r.mu.Unlock()
	if fresh {
		return listed, nil
	}
	checks, err := r.listings.Get(ctx, struct{}{})
	if err != nil {
		return nil, fmt.Errorf("listing the health checks: %w", err)
	}
	return checks, nil
}

// put notes a check that we made or changed, and whose it is, so that no listing has to tell.
func (r *reader) put(check *types.HealthCheck, owner awsclient.Owner) {
	r.mu.Lock()
	defer r.mu.Unlock()
	id := aws.ToString(check.Id)
	r.owners[id], r.made[id] = owner, madeCheck{check, r.clock.Now()}
	if r.listed != nil { // others read what is listed: it is not written to
		r.listed = maps.Clone(r.listed)
		r.listed[id] = check
	}
}

// forget drops a check that nobody asks for any more.
func (r *reader) forget(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.wanted, id)
	delete(r.owners, id)
	delete(r.made, id)
}

func (r *reader) fetch(ctx context.Context, ids []string) (map[string]awsclient.Result[*types.HealthCheck], error) {
	results := map[string]awsclient.Result[*types.HealthCheck]{}
	if len(ids) > fewChecks {
		checks, err := r.list(ctx, 0)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			if check := checks[id]; check != nil {
				results[id] = awsclient.Result[*types.HealthCheck]{Value: check}
			}
		}
		return results, nil
	}
	for _, id := range ids {
		answer, err := r.route53.GetHealthCheck(ctx, &route53.GetHealthCheckInput{HealthCheckId: &id})
		if err != nil {
			results[id] = awsclient.Result[*types.HealthCheck]{Err: err}
			continue
		}
		results[id] = awsclient.Result[*types.HealthCheck]{Value: answer.HealthCheck}
	}
	return results, nil
}

func (r *reader) fetchAll(ctx context.Context, keys []struct{}) (map[struct{}]awsclient.Result[map[string]*types.HealthCheck], error) {
	began := r.clock.Now()
	checks := map[string]*types.HealthCheck{}
	pages := route53.NewListHealthChecksPaginator(r.route53, &route53.ListHealthChecksInput{MaxItems: aws.Int32(pageSize)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for i := range page.HealthChecks {
			checks[aws.ToString(page.HealthChecks[i].Id)] = &page.HealthChecks[i]
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, made := range r.made {
		if made.at.Before(began) {
			delete(r.made, id)
		} else {
			checks[id] = made.check
		}
	}
	r.listed, r.listedAt = checks, began
	return map[struct{}]awsclient.Result[map[string]*types.HealthCheck]{keys[0]: {Value: checks}}, nil
}

// ownersOf reads from the tags whose checks these are; checks without ownership tags are left out. What was read once
// is not read again.
func (r *reader) ownersOf(ctx context.Context, ids []string) (map[string]awsclient.Owner, error) {
	found := map[string]awsclient.Owner{}
	var unknown []string
	r.mu.Lock()
	for _, id := range ids {
		if owner, known := r.owners[id]; known {
			found[id] = owner
		} else {
			unknown = append(unknown, id)
		}
	}
	r.mu.Unlock()
	for part := range slices.Chunk(unknown, tagsPerCall) {
		sets, err := r.tags(ctx, part)
		if err != nil {
			return nil, err
		}
		for i := range sets {
			if owner, owned := awsclient.OwnerOf(tagMap(sets[i].Tags)); owned {
				found[aws.ToString(sets[i].ResourceId)] = owner
			}
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for id, owner := range found {
		r.owners[id] = owner
	}
	return found, nil
}

// tagsOf reads the tags of a check as they are now.
func (r *reader) tagsOf(ctx context.Context, id string) (map[string]string, error) {
	tags, err := r.tagged.Get(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("reading the tags of the health check %s: %w", id, err)
	}
	return tags, nil
}

func (r *reader) fetchTags(ctx context.Context, ids []string) (map[string]awsclient.Result[map[string]string], error) {
	sets, err := r.tags(ctx, ids)
	if err != nil {
		return nil, err
	}
	results := map[string]awsclient.Result[map[string]string]{}
	for i := range sets {
		results[aws.ToString(sets[i].ResourceId)] = awsclient.Result[map[string]string]{Value: tagMap(sets[i].Tags)}
	}
	return results, nil
}

// tags reads the tags of some checks. AWS refuses the whole request for one that is gone: then each is asked for alone.
func (r *reader) tags(ctx context.Context, ids []string) ([]types.ResourceTagSet, error) {
	answer, err := r.route53.ListTagsForResources(ctx, &route53.ListTagsForResourcesInput{
		ResourceIds: ids, ResourceType: types.TagResourceTypeHealthcheck,
	})
	switch {
	case err == nil:
		return answer.ResourceTagSets, nil
	case awsclient.Classify(err) != awsclient.NotFound:
		return nil, fmt.Errorf("listing the tags of health checks: %w", err)
	case len(ids) == 1:
		return nil, nil
	}
	var sets []types.ResourceTagSet
	for _, id := range ids {
		one, err := r.tags(ctx, []string{id})
		if err != nil {
			return nil, err
		}
		sets = append(sets, one...)
	}
	return sets, nil
}

func tagMap(tags []types.Tag) map[string]string {
	m := make(map[string]string, len(tags))
	for _, tag := range tags {
		m[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return m
}
