package awsclient

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// batchDelay is how long a read waits for others to join it: long against a burst, short against AWS.
const batchDelay = 5 * time.Millisecond

// ErrAbsent says that AWS answered a batched read without the key asked for. Its class is NotFound.
var ErrAbsent = errors.New("AWS did not return what was asked for")

// Result is the answer to one key of a batch.
type Result[V any] struct {
	Value V
	Err   error
}

// Batcher merges reads that are due within a few milliseconds into one request. Use NewBatcher.
type Batcher[K comparable, V any] struct {
	limit int
	delay time.Duration
	fetch func(context.Context, []K) (map[K]Result[V], error)

	mu   sync.Mutex
	open *batch[K, V] // the batch that still takes keys
}

type batch[K comparable, V any] struct {
	keys    []K
	waiting int
	timer   *time.Timer
	request func()             // fetches keys and closes done
	cancel  context.CancelFunc // of the request, when the last member has left

	done    chan struct{} // closed when results and err are final
	results map[K]Result[V]
	err     error
}

// NewBatcher returns a Batcher whose fetch gets each key once, at most limit of them. The error of
// fetch goes to all members; a key it leaves out of its results gets ErrAbsent.
func NewBatcher[K comparable, V any](
	limit int, delay time.Duration, fetch func(context.Context, []K) (map[K]Result[V], error),
) *Batcher[K, V] {
	return &Batcher[K, V]{limit: limit, delay: delay, fetch: fetch}
}

// Get reads one key. When ctx ends only this caller gives up; the request goes on for the others.
// Callers of one key share the value, so they must not change it.
func (b *Batcher[K, V]) Get(ctx context.Context, key K) (V, error) {
	var none V
	if err := ctx.Err(); err != nil {
		return none, err
	}
	joined := b.join(ctx, key)
	select {
	case <-joined.done:
	case <-ctx.Done():
		b.leave(joined)
		return none, ctx.Err()
	}
	if joined.err != nil {
		return none, joined.err
	}
	result, ok := joined.results[key]
	if !ok {
		return none, ErrAbsent
	}
	return result.Value, result.Err
}

// GetAll reads several keys, each as Get does; what AWS did not return has ErrAbsent. Its error is that of the whole read.
func (b *Batcher[K, V]) GetAll(ctx context.Context, keys []K) (map[K]Result[V], error) {
	results := make(map[K]Result[V], len(keys))
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	joined := map[*batch[K, V]][]K{}
	for _, key := range keys {
		member := b.join(ctx, key)
		joined[member] = append(joined[member], key)
	}
	var failure error
	for member, asked := range joined {
		select {
		case <-member.done:
		case <-ctx.Done():
			failure = ctx.Err()
		}
		for _, key := range asked {
			if failure != nil {
				b.leave(member)
				continue
			}
			if result, ok := member.results[key]; ok {
				results[key] = result
			} else {
				results[key] = Result[V]{Err: ErrAbsent}
			}
		}
		if failure == nil {
			failure = member.err
		}
	}
	if failure != nil {
		return nil, failure
	}
	return results, nil
}

func (b *Batcher[K, V]) join(ctx context.Context, key K) *batch[K, V] {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open == nil {
		b.open = b.begin(ctx)
	}
	joined := b.open
	joined.waiting++
	if !joined.has(key) {
		joined.keys = append(joined.keys, key)
	}
	if len(joined.keys) >= b.limit {
		b.open = nil
		if joined.timer.Stop() { // otherwise it fired, and makes the request once we unlock
			go joined.request()
		}
	}
	return joined
}

func (b *Batcher[K, V]) begin(caller context.Context) *batch[K, V] {
	ctx, cancel := context.WithCancel(context.WithoutCancel(caller))
	begun := &batch[K, V]{cancel: cancel, done: make(chan struct{})}
	begun.request = func() {
		defer cancel()
		begun.results, begun.err = b.fetch(ctx, begun.keys)
		close(begun.done)
	}
	begun.timer = time.AfterFunc(b.delay, func() {
		b.close(begun)
		begun.request()
	})
	return begun
}

func (b *batch[K, V]) has(key K) bool {
	return slices.Contains(b.keys, key)
}

// leave gives up one caller's place. Without any left the request is pointless.
func (b *Batcher[K, V]) leave(left *batch[K, V]) {
	b.mu.Lock()
	defer b.mu.Unlock()
	left.waiting--
	if left.waiting > 0 {
		return
	}
	left.cancel()
	if b.open == left {
		b.open = nil
		left.timer.Stop()
	}
}

// close lets nobody else join.
func (b *Batcher[K, V]) close(due *batch[K, V]) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open == due {
		b.open = nil
	}
}
