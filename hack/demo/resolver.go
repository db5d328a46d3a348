package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/miekg/dns"
)

const (
	// weightedAsks is how often a weighted name is asked for.
	weightedAsks = 300
	// sigmas is how far from its share an answer may be: beyond it by chance once in two million demos.
	sigmas = 5
)

// resolver asks one DNS server.
type resolver struct{ address string }

// answer is what DNS said.
type answer struct {
	ttl    uint32
	values []string
}

// finding is what came of a question: lines for people, and what is wrong, if anything.
type finding struct {
	question question
	answer   string
	problem  string
}

// check asks a question, often when answers are shared by weight, and compares what comes.
func (r resolver) check(ctx context.Context, q question) (finding, error) {
	f := finding{question: q}
	if q.unknown != "" {
		f.answer = "not asked: " + q.unknown
		return f, nil
	}
	if len(q.choices) == 1 {
		got, err := r.ask(ctx, q)
		if err != nil {
			return f, err
		}
		f.answer, f.problem = got.String(), compare(q, got)
		return f, nil
	}
	counts := make([]int, len(q.choices))
	for range weightedAsks {
		got, err := r.ask(ctx, q)
		if err != nil {
			return f, err
		}
		i := slices.IndexFunc(q.choices, func(c choice) bool { return slices.Equal(c.values, got.values) && c.ttl == got.ttl })
		if i < 0 {
			f.answer, f.problem = got.String(), "none of the records declares this"
			return f, nil
		}
		counts[i]++
	}
	f.answer, f.problem = judgeShares(q, counts)
	return f, nil
}

// judgeShares compares how often each choice was the answer with its weight.
func judgeShares(q question, counts []int) (text, problem string) {
	total := 0
	for _, n := range counts {
		total += n
	}
	var parts, problems []string
	for i, c := range q.choices {
		parts = append(parts, fmt.Sprintf("%s %.0f %% (weight %d)", elide(c.values), 100*float64(counts[i])/float64(total), c.weight))
		// Two records with one content cannot be told apart: the first was counted for all.
		share, first := 0.0, true
		for j, other := range q.choices {
			if slices.Equal(other.values, c.values) && other.ttl == c.ttl {
				share += q.share(other)
				first = first && j >= i
			}
		}
		expected := share * float64(total)
		tolerance := sigmas * math.Sqrt(expected*(1-share))
		if first && math.Abs(float64(counts[i])-expected) > tolerance+1e-9 {
			problems = append(problems, fmt.Sprintf("%s came %d times of %d instead of about %.0f", elide(c.values), counts[i], total, expected))
		}
	}
	return strings.Join(parts, ", "), strings.Join(problems, "; ")
}

// compare says what is wrong with the answer to a question that has only one.
func compare(q question, got answer) string {
	want := q.choices[0]
	switch {
	case !slices.Equal(want.values, got.values):
		return "declared is " + elide(want.values)
	case want.ttl != got.ttl:
		return fmt.Sprintf("the TTL is %d, declared is %d", got.ttl, want.ttl)
	}
	return ""
}

// ask sends one question, by UDP and, when the answer does not fit, by TCP.
func (r resolver) ask(ctx context.Context, q question) (answer, error) {
	message := new(dns.Msg).SetQuestion(q.name, q.qtype)
	message.SetEdns0(dns.DefaultMsgSize, false)
	var reply *dns.Msg
	for _, network := range []string{"udp", "tcp"} {
		var err error
		client := &dns.Client{Net: network, Timeout: 5 * time.Second}
		if reply, _, err = client.ExchangeContext(ctx, message, r.address); err != nil {
			return answer{}, fmt.Errorf("asking %s for %s %s: %w", r.address, q.name, dns.TypeToString[q.qtype], err)
		}
		if !reply.Truncated {
			break
		}
	}
	records := reply.Answer
	if q.qtype == dns.TypeNS && len(records) == 0 {
		records = reply.Ns // a delegation
	}
	var got answer
	for _, rr := range records {
		if header := rr.Header(); header.Rrtype == q.qtype && strings.EqualFold(header.Name, q.name) {
			got.ttl = header.Ttl
			got.values = append(got.values, recordData(rr))
		}
	}
	if reply.Rcode != dns.RcodeSuccess {
		got.values = append(got.values, dns.RcodeToString[reply.Rcode])
	}
	slices.Sort(got.values)
	return got, nil
}

func (a answer) String() string {
	if len(a.values) == 0 {
		return "(nothing)"
	}
	return elide(a.values)
}

// elide shows values, long ones by their beginning.
func elide(values []string) string {
	const most = 40
	shown := make([]string, len(values))
	for i, value := range values {
		shown[i] = value
		if runes := []rune(value); len(runes) > most {
			shown[i] = fmt.Sprintf("%s… (%d characters)", string(runes[:most-20]), len(runes))
		}
	}
	return strings.Join(shown, ", ")
}
