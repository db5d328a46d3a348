package awssim

import (
	"maps"
	"sync"
)

// Meter counts calls by "service/Operation", as in "route53/GetChange".
type Meter struct {
	// Calls counts every attempt that reached the server, whatever came of
	// it; throttled ones are included.
	Calls map[string]int `json:"calls"`
	// Throttled counts the attempts answered with a throttling code, by a
	// bucket or by a fault.
	Throttled map[string]int `json:"throttled"`
}

// Total is the number of all calls.
func (m Meter) Total() int {
	total := 0
	for _, n := range m.Calls {
		total += n
	}
	return total
}

type meter struct {
	mu     sync.Mutex
	counts Meter
}

func newMeter() *meter {
	return &meter{counts: Meter{Calls: map[string]int{}, Throttled: map[string]int{}}}
}

func (m *meter) call(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.counts.Calls[key]++
}

func (m *meter) throttled(key string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.counts.Throttled[key]++
}

func (m *meter) read() Meter {
	m.mu.Lock()
	defer m.mu.Unlock()
	return Meter{Calls: maps.Clone(m.counts.Calls), Throttled: maps.Clone(m.counts.Throttled)}
}

func (m *meter) reset() {
	m.mu.Lock()
	defer m.mu.Unlock()
	clear(m.counts.Calls)
	clear(m.counts.Throttled)
}
