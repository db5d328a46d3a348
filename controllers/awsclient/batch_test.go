package awsclient

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// echo answers each key with its square and remembers the batches.
type echo struct {
	mu      sync.Mutex
	batches [][]int
}

func (e *echo) fetch(_ context.Context, keys []int) (map[int]Result[int], error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.batches = append(e.batches, slices.Sorted(slices.Values(keys)))
	results := map[int]Result[int]{}
	for _, key := range keys {
		switch {
		case key < 0:
			results[key] = Result[int]{Err: fmt.Errorf("negative %d", key)}
		case key > 0:
			results[key] = Result[int]{Value: key * key}
		}
	}
	return results, nil
}

type reply struct {
	key, value int
	err        error
}

func getAll(ctx context.Context, b *Batcher[int, int], keys ...int) []reply {
	replies := make([]reply, len(keys))
	var all sync.WaitGroup
	for i, key := range keys {
		all.Go(func() {
			value, err := b.Get(ctx, key)
			replies[i] = reply{key, value, err}
		})
	}
	all.Wait()
	return replies
}

var _ = Describe("Batcher", func() {
	It("merges reads due together and gives each its own answer", func(ctx SpecContext) {
		e := &echo{}
		for _, r := range getAll(ctx, NewBatcher(10, 300*time.Millisecond, e.fetch), 1, 2, 3, -4, 0, 2) {
			switch {
			case r.key < 0:
				Expect(r.err).To(MatchError("negative -4"))
			case r.key == 0:
				Expect(r.err).To(MatchError(ErrAbsent))
			default:
				Expect(r).To(Equal(reply{r.key, r.key * r.key, nil}))
			}
		}
		Expect(e.batches).To(Equal([][]int{{-4, 0, 1, 2, 3}}))
	})

	It("sends a full batch at once and never more than the limit", func(ctx SpecContext) {
		e := &echo{}
		keys := []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
		for _, r := range getAll(ctx, NewBatcher(5, time.Hour, e.fetch), keys...) {
			Expect(r.err).NotTo(HaveOccurred())
		}
		Expect(e.batches).To(HaveLen(2))
		Expect(e.batches).To(HaveEach(HaveLen(5)))
	})

	It("gives the error of a failed request to all its members", func(ctx SpecContext) {
		failed := errors.New("failed")
		b := NewBatcher(10, 10*time.Millisecond, func(context.Context, []int) (map[int]Result[int], error) { return nil, failed })
		for _, r := range getAll(ctx, b, 1, 2, 3) {
			Expect(r.err).To(MatchError(failed))
		}
	})

	It("lets one caller give up without the others", func(ctx SpecContext) {
		release, started := make(chan struct{}), make(chan struct{})
		b := NewBatcher(2, time.Hour, func(ctx context.Context, keys []int) (map[int]Result[int], error) {
			close(started)
			<-release
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			return (&echo{}).fetch(ctx, keys)
		})
		impatient, giveUp := context.WithCancel(ctx)
		replies := make(chan reply, 2)
		for key, callerCtx := range map[int]context.Context{1: impatient, 2: ctx} {
			go func() {
				value, err := b.Get(callerCtx, key)
				replies <- reply{key, value, err}
			}()
		}
		<-started
		giveUp()
		Expect(<-replies).To(Equal(reply{1, 0, context.Canceled}))
		close(release)
		Expect(<-replies).To(Equal(reply{2, 4, nil}))
	})

	It("cancels the request when nobody waits any more", func(ctx SpecContext) {
		started, ended := make(chan struct{}), make(chan error, 1)
		b := NewBatcher(1, time.Hour, func(ctx context.Context, _ []int) (map[int]Result[int], error) {
			close(started)
			<-ctx.Done()
			ended <- ctx.Err()
			return nil, ctx.Err()
		})
		impatient, giveUp := context.WithCancel(ctx)
		go func() {
			<-started
			giveUp()
		}()
		_, err := b.Get(impatient, 1)
		Expect(err).To(MatchError(context.Canceled))
		Eventually(ctx, ended).Should(Receive(MatchError(context.Canceled)))
	}, SpecTimeout(10*time.Second))

	It("makes no request for callers that left before it was due", func(ctx SpecContext) {
		e := &echo{}
		b := NewBatcher(2, time.Hour, e.fetch)
		brief, cancel := context.WithTimeout(ctx, time.Millisecond)
		defer cancel()
		_, err := b.Get(brief, 1)
		Expect(err).To(MatchError(context.DeadlineExceeded))
		getAll(ctx, b, 2, 3)
		Expect(e.batches).To(Equal([][]int{{2, 3}}))

		By("not even joining with a context that has ended")
		_, err = b.Get(brief, 4)
		Expect(err).To(MatchError(context.DeadlineExceeded))
		Expect(b.open).To(BeNil())
	})
})
