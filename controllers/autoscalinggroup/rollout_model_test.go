package autoscalinggroup

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// modelled is a group in AWS as far as sources go, what is declared of it, and what its controller remembers.
type modelled struct {
	random *rand.Rand
	group  string
	// instances are the sources of the instances.
	instances []string
	refreshes []refreshSeen
	made      int

	desired   string
	spec      int
	automatic bool

	seen    bool
	settled string
	attempt *v1alpha1.InstanceRefreshAttempt

	// own are the ids of refreshes that the controller started; failed are those attempts of the present spec that failed;
	// had are the sources that the group has had.
	own    map[string]bool
	failed map[string]bool
	had    map[string]bool
	story  []string
}

func newModel(seed uint64) *modelled {
	m := &modelled{
		random: rand.New(rand.NewPCG(seed, 0)), group: "a", instances: []string{"a", "a", "a"}, desired: "a", automatic: true,
		own: map[string]bool{}, failed: map[string]bool{}, had: map[string]bool{"a": true},
	}
	return m
}

func (m *modelled) told(format string, args ...any) {
	m.story = append(m.story, fmt.Sprintf(format, args...))
}

func (m *modelled) key() string { return fmt.Sprintf("%s/%d", m.desired, m.spec) }

func (m *modelled) running() *refreshSeen {
	if len(m.refreshes) > 0 && m.refreshes[0].active() {
		return &m.refreshes[0]
	}
	return nil
}

// view is what the controller sees and remembers.
func (m *modelled) view() *rollOut {
	if !m.seen {
		m.settled = m.group
	}
	r := &rollOut{
		desired: m.desired, group: m.group, spec: fmt.Sprint(m.spec), automatic: m.automatic, made: true,
		refreshes: slices.Clone(m.refreshes), settled: m.settled, attempt: m.attempt,
	}
	for _, one := range m.instances {
		if one != m.desired {
			r.outdated++
		}
	}
	return r
}

func (m *modelled) remember(r *rollOut) { m.seen, m.settled, m.attempt = true, r.settled, r.attempt }

// turn lets the controller look once. It may die before or after its call.
func (m *modelled) turn(mortal bool) step {
	GinkgoHelper()
	r := m.view()
	r.learn()
	next := r.next()
	if next != stepStart && next != stepUpdate && next != stepCancel {
		m.remember(r)
		if next == stepNone && r.outdated == 0 { // all is well, by whatever hand: what failed does not matter any more
			clear(m.failed)
		}
		return next
	}
	r.claim(next)
	m.remember(r)
	m.told("claims %s for %s", next, m.key())
	if mortal && m.random.IntN(4) == 0 {
		m.told("dies before")
		return next
	}
	m.check(next)
	m.make(next)
	if mortal && m.random.IntN(4) == 0 {
		m.told("dies after")
		return next
	}
	r = m.view()
	r.learn()
	m.remember(r)
	return next
}

// check says what must never happen.
func (m *modelled) check(next step) {
	GinkgoHelper()
	running := m.running()
	switch next {
	case stepStart:
		Expect(m.automatic).To(BeTrue(), "a refresh in mode Manual: %v", m.story)
		Expect(running).To(BeNil(), "two refreshes: %v", m.story)
		Expect(m.failed).NotTo(HaveKey(m.key()), "started again after it failed: %v", m.story)
	case stepUpdate:
		Expect(running).To(BeNil(), "an update during a refresh: %v", m.story)
		if m.automatic && slices.ContainsFunc(m.instances, func(source string) bool { return source != m.desired }) {
			Expect(m.had).To(HaveKey(m.desired), "the group takes over what was never tried: %v", m.story)
		}
	case stepCancel:
		Expect(m.own).To(HaveKey(running.id), "the refresh of others is cancelled: %v", m.story)
		Expect(running.desired).NotTo(Equal(m.desired), "what is declared is cancelled: %v", m.story)
	}
}

// make is what AWS does on a call.
func (m *modelled) make(next step) {
	switch next {
	case stepStart:
		m.begin(m.desired)
		m.own[m.refreshes[0].id] = true
	case stepUpdate:
		m.group, m.had[m.desired] = m.desired, true
	case stepCancel:
		m.refreshes[0].status = types.InstanceRefreshStatusCancelling
	}
}

func (m *modelled) begin(source string) {
	m.made++
	m.refreshes = slices.Insert(m.refreshes, 0, refreshSeen{id: fmt.Sprint("r", m.made), status: types.InstanceRefreshStatusPending, desired: source})
}

// progress is what happens to a refresh that is under way.
func (m *modelled) progress(succeeds bool) {
	running := m.running()
	if running == nil {
		return
	}
	source := running.desired
	if source == "" {
		source = m.group
	}
	replace := func(with string, n int) {
		for i := range min(n, len(m.instances)) {
			m.instances[i] = with
		}
	}
	outcome := m.random.IntN(6)
	switch {
	case running.status == types.InstanceRefreshStatusCancelling:
		running.status = types.InstanceRefreshStatusCancelled
	case running.status == types.InstanceRefreshStatusRollbackInProgress:
		replace(m.group, len(m.instances))
		running.status = types.InstanceRefreshStatusRollbackSuccessful
	case succeeds || outcome < 2:
		replace(source, len(m.instances))
		running.status, m.group, m.had[source] = types.InstanceRefreshStatusSuccessful, source, true
	case outcome == 2:
		running.status = types.InstanceRefreshStatusFailed
	case outcome == 3:
		replace(source, 1)
		running.status = types.InstanceRefreshStatusRollbackInProgress
	case outcome == 4:
		replace(source, 2)
		running.status = types.InstanceRefreshStatusInProgress
	default:
		running.status = types.InstanceRefreshStatusCancelling // by somebody
	}
	m.told("%s of %s is %s", running.id, source, running.status)
	m.note(running)
}

// note remembers attempts of the present spec that failed. One that was cancelled for a newer change did not.
func (m *modelled) note(running *refreshSeen) {
	superseded := m.attempt != nil && m.attempt.ID == running.id && m.attempt.Superseded
	bad := !running.active() && running.status != types.InstanceRefreshStatusSuccessful && !superseded
	if bad && m.own[running.id] && m.attempt != nil && m.attempt.Source == running.desired {
		m.failed[running.desired+"/"+m.attempt.Spec] = true
	}
}

// happens is something that somebody else does.
func (m *modelled) happens() {
	sources := []string{"a", "b", "c"}
	source := sources[m.random.IntN(len(sources))]
	switch m.random.IntN(8) {
	case 0, 1:
		if source != m.desired {
			clear(m.failed)
			m.desired = source
			m.spec++
		}
		m.told("declares %s", m.key())
	case 2:
		m.spec++
		m.told("declares %s", m.key())
	case 3:
		if m.running() == nil {
			m.group, m.had[source] = source, true
			m.told("others set %s", source)
		}
	case 4:
		if m.running() == nil {
			m.begin([]string{"", source}[m.random.IntN(2)])
			m.told("others refresh to %q", m.refreshes[0].desired)
			if a := m.attempt; a != nil && a.ID == "" && a.Spec != "" && a.Source == m.refreshes[0].desired {
				m.own[m.refreshes[0].id] = true // nobody can tell it from one whose answer was lost
			}
		}
	case 5:
		m.instances = nil
		for range m.random.IntN(4) {
			m.instances = append(m.instances, m.group)
		}
		m.told("now %d instances", len(m.instances))
	case 6:
		m.automatic = m.random.IntN(3) > 0
		m.spec++
		m.told("automatic %v", m.automatic)
	case 7: // AWS forgets, long after
		if m.running() == nil && (m.attempt == nil || m.attempt.Failure != "") {
			m.refreshes = nil
			m.told("AWS forgets")
		}
	}
}

var _ = Describe("The way of a launch source, whatever happens", func() {
	It("never tries again what failed, touches what others do or takes over what is untried, and ends as declared", func() {
		for seed := range uint64(3000) {
			m := newModel(seed + uint64(GinkgoRandomSeed())*10000)
			for range 60 {
				switch m.random.IntN(3) {
				case 0:
					m.happens()
				case 1:
					m.progress(false)
				default:
					m.turn(true)
				}
			}
			m.spec, m.automatic = m.spec+1, true
			m.instances = append(m.instances, m.group)
			m.told("%s to the end", m.key())
			next := step("")
			for range 20 {
				next = m.turn(false)
				m.progress(true)
			}
			Expect(next).To(Equal(stepNone), "%v", m.story)
			Expect(m.group).To(Equal(m.desired), "%v", m.story)
		}
	})
})
