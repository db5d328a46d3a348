// Package traffic is the people who use the application: they look its name up, and ask it for a page, again and again.
package traffic

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/miekg/dns"
)

// mostHops is how many CNAME records a resolver follows.
const mostHops = 8

// errNoAnswer is that DNS knows no address for a name.
var errNoAnswer = errors.New("DNS has no address")

// Resolver finds addresses as resolvers of the internet do: it keeps what it learnt for as long as the TTL allows.
type Resolver struct {
	// Server is the address of the DNS server that is asked.
	Server string
	// Faster is by what TTLs are divided, since time in the simulated world is short.
	Faster float64
	// ask is one question; nil asks Server.
	ask func(ctx context.Context, name string) ([]dns.RR, error)

	mu    sync.Mutex
	known map[string]answer
}

// answer is the records of a name: either an alias to another name, or addresses.
type answer struct {
	alias     string
	addresses []string
	until     time.Time
}

// Addresses are the IPv4 addresses of a name.
func (r *Resolver) Addresses(ctx context.Context, name string, now time.Time) ([]string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	name = dns.CanonicalName(name)
	for range mostHops {
		found, err := r.find(ctx, name, now)
		if err != nil {
			return nil, err
		}
		if found.alias == "" {
			return found.addresses, nil
		}
		name = found.alias
	}
	return nil, fmt.Errorf("%s leads through more than %d CNAME records", name, mostHops)
}

// find takes what is known of one name, or asks.
func (r *Resolver) find(ctx context.Context, name string, now time.Time) (answer, error) {
	if found, ok := r.known[name]; ok && now.Before(found.until) {
		return found, nil
	}
	delete(r.known, name)
	ask := r.ask
	if ask == nil {
		ask = r.exchange
	}
	records, err := ask(ctx, name)
	if err != nil {
		return answer{}, err
	}
	r.learn(name, records, now)
	found, ok := r.known[name]
	if !ok {
		return answer{}, errNoAnswer
	}
	return found, nil
}

// learn keeps the records of a name. Those of the names that it leads to are asked for by themselves.
func (r *Resolver) learn(name string, records []dns.RR, now time.Time) {
	if r.known == nil {
		r.known = map[string]answer{}
	}
	var found answer
	for _, record := range records {
		if dns.CanonicalName(record.Header().Name) != name {
			continue
		}
		found.until = now.Add(time.Duration(float64(record.Header().Ttl) * float64(time.Second) / r.Faster))
		switch is := record.(type) {
		case *dns.CNAME:
			found.alias = dns.CanonicalName(is.Target)
		case *dns.A:
			found.addresses = append(found.addresses, is.A.String())
		}
	}
	if found.alias != "" || len(found.addresses) > 0 {
		r.known[name] = found
	}
}

func (r *Resolver) exchange(ctx context.Context, name string) ([]dns.RR, error) {
	client := &dns.Client{Timeout: 2 * time.Second}
	reply, _, err := client.ExchangeContext(ctx, new(dns.Msg).SetQuestion(name, dns.TypeA), r.Server)
	if err != nil {
		return nil, fmt.Errorf("asking %s for %s: %w", r.Server, name, err)
	}
	return reply.Answer, nil
}
