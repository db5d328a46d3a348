package awsclient

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go/middleware"
)

const (
	// attempts at one call: enough for a passing failure, the rest is the caller's back-off.
	attempts = 3
	// backoff before the second attempt; it doubles for the third.
	backoff = 100 * time.Millisecond
)

// gate stands in front of every attempt of every client: it holds the budgets of all services.
type gate struct {
	options Options
	metrics *metrics

	mu       sync.Mutex
	budgets  map[string]Budget
	limiters map[string]*limiter // by service and scope
}

// call is what the steps of one call share through its context.
type call struct {
	input any
	last  error // how the attempt before failed
}

type callKey struct{}

// install puts the two steps into the stack of one call. The budget comes last before the request
// is sent: inside the SDK's retry loop, and after signing, so an attempt without credentials costs no tokens.
func (g *gate) install(stack *middleware.Stack) error {
	remember := middleware.InitializeMiddlewareFunc("EvenkeelCall", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (middleware.InitializeOutput, middleware.Metadata, error) {
		return next.HandleInitialize(middleware.WithStackValue(ctx, callKey{}, &call{input: in.Parameters}), in)
	})
	return errors.Join(
		stack.Initialize.Add(remember, middleware.After),
		stack.Finalize.Add(middleware.FinalizeMiddlewareFunc("EvenkeelBudget", g.attempt), middleware.After),
	)
}

func (g *gate) attempt(
	ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler,
) (out middleware.FinalizeOutput, metadata middleware.Metadata, err error) {
	c, ok := middleware.GetStackValue(ctx, callKey{}).(*call)
	if !ok {
		c = &call{}
	}
	operation := awsmiddleware.GetOperationName(ctx)
	budget := g.limiter(serviceKey(awsmiddleware.GetServiceID(ctx)), operation)
	if err := budget.acquire(ctx, operation, c.input); err != nil {
		var refused *BudgetError
		if errors.As(err, &refused) {
			refused.Err = c.last
		}
		return out, metadata, err
	}
	if g.options.Permit != nil {
		if err := g.options.Permit(); err != nil {
			return out, metadata, errors.Join(err, c.last) // an earlier attempt may have taken effect
		}
	}
	sent := g.options.Clock.Now()
	out, metadata, err = next.HandleFinalize(ctx, in)
	g.metrics.observe(budget.service, operation, err, g.options.Clock.Now().Sub(sent))
	if Classify(err) == Throttled {
		said := awsmiddleware.GetServiceID(ctx) + " " + operation + ": " + Message(err)
		err = &ThrottleError{RetryAfter: budget.throttled(sent, operation, c.input, said), Err: err}
	}
	c.last = err
	return out, metadata, err
}

func (g *gate) limiter(service, operation string) *limiter {
	g.mu.Lock()
	defer g.mu.Unlock()
	budget, known := g.budgets[service]
	if !known {
		budget = g.options.budget(service)
		g.budgets[service] = budget
	}
	key := service + " " + budget.scope(operation)
	if _, ok := g.limiters[key]; !ok {
		g.limiters[key] = newLimiter(service, budget, g.options, g.metrics)
	}
	return g.limiters[key]
}

// budget is what a service may use: as configured, as published, or modest.
func (o Options) budget(service string) Budget {
	if budget, ok := o.Budgets[service]; ok {
		return budget
	}
	if budget, ok := publishedBudgets()[service]; ok {
		return budget
	}
	return DefaultBudget()
}

// newRetryer retries what may pass by itself at once: failures of AWS and of the connection. A
// throttle, a busy zone and an empty budget are never answered with more calls.
func newRetryer() aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = attempts
		o.Backoff = retry.BackoffDelayerFunc(retryDelay)
		o.Retryables = []retry.IsErrorRetryable{retry.RetryableError{}, retry.IsErrorRetryableFunc(passing)}
	})
}

func passing(err error) aws.Ternary {
	var (
		refused *BudgetError
		creds   *CredentialsError
	)
	if errors.As(err, &refused) || errors.As(err, &creds) { // the credentials chain has its own retries
		return aws.FalseTernary
	}
	return aws.BoolTernary(Classify(err) == Unavailable)
}

func retryDelay(attempt int, _ error) (time.Duration, error) {
	longest := backoff << max(attempt-1, 0)
	return longest/2 + rand.N(longest/2), nil
}

// credentials marks the failures of the chain, which otherwise look like those of the call itself.
type credentials struct{ aws.CredentialsProvider }

// Retrieve asks the chain.
func (c credentials) Retrieve(ctx context.Context) (aws.Credentials, error) {
	found, err := c.CredentialsProvider.Retrieve(ctx)
	if err != nil && ctx.Err() == nil {
		err = &CredentialsError{Err: err}
	}
	return found, err
}
