// Package sns simulates SNS's topics and subscriptions. What is published is
// kept, and not delivered.
package sns

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/evenkeel/evenkeel/hack/awssim/autoscaling"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
	"github.com/evenkeel/evenkeel/hack/awssim/query"
)

const (
	namespace = "http://sns.amazonaws.com/doc/2010-03-31/"
	version   = "2010-03-31"
	// mostMessages bounds the messages kept of a topic, the newest ones.
	mostMessages = 100
)

// topic is a topic with what was published to it, the newest message last.
type topic struct {
	ARN           string            `json:"arn"`
	Account       string            `json:"account"`
	Region        string            `json:"region"`
	Name          string            `json:"name"`
	Attributes    map[string]string `json:"attributes,omitempty"`
	Tags          frame.Tags        `json:"tags,omitempty"`
	Subscriptions []subscription    `json:"subscriptions,omitempty"`
	Messages      []Message         `json:"messages,omitempty"`
}

type subscription struct {
	ARN        string            `json:"arn"`
	Protocol   string            `json:"protocol"`
	Endpoint   string            `json:"endpoint"`
	Pending    bool              `json:"pending,omitempty"`
	Attributes map[string]string `json:"attributes,omitempty"`
}

// Message is what was published.
type Message struct {
	ID       string    `json:"id"`
	TopicARN string    `json:"topicArn"`
	Subject  string    `json:"subject,omitempty"`
	Message  string    `json:"message"`
	At       time.Time `json:"at"`
}

// content is all topics by ARN; it is never written to once published.
type content struct {
	Topics map[string]topic `json:"topics"`
}

// Service is the simulated SNS.
type Service struct {
	env   *frame.Environment
	store *frame.Store[content]
}

var _ autoscaling.Topics = (*Service)(nil)

// New makes the service without topics.
func New(env *frame.Environment) *Service {
	return &Service{env: env, store: frame.NewStore(env.Clock, &content{Topics: map[string]topic{}}, nil)}
}

// Reset forgets all topics.
func (s *Service) Reset() { s.store.Replace(&content{Topics: map[string]topic{}}) }

// State is the topics.
func (s *Service) State() any { return s.store.Now() }

// Load replaces the topics.
func (s *Service) Load(raw json.RawMessage) error {
	loaded := &content{}
	if err := frame.StrictJSON(raw, loaded); err != nil {
		return err
	}
	if loaded.Topics == nil {
		loaded.Topics = map[string]topic{}
	}
	s.store.Replace(loaded)
	return nil
}

// KeepHistory records earlier states for stale reads.
func (s *Service) KeepHistory(on bool) { s.store.KeepHistory(on) }

func (s *Service) change(do func(draft *content) error) error {
	err := s.store.Change(func(before *content) (*content, error) {
		draft := &content{Topics: maps.Clone(before.Topics)}
		return draft, do(draft)
	})
	if err == nil {
		s.env.Changed()
	}
	return err
}

// Messages are those kept of all topics, the oldest first.
func (s *Service) Messages() []Message {
	all := []Message{}
	for _, t := range s.store.Now().Topics {
		all = append(all, t.Messages...)
	}
	slices.SortStableFunc(all, func(a, b Message) int { return a.At.Compare(b.At) })
	return all
}

// Publish sends a message; the error tells that there is no such topic.
func (s *Service) Publish(topicARN, subject, message string) error {
	return s.change(func(draft *content) error {
		_, err := s.publish(draft, topicARN, subject, message)
		return err
	})
}

func (s *Service) publish(draft *content, arn, subject, message string) (string, error) {
	t, ok := draft.Topics[arn]
	if !ok {
		return "", notFound()
	}
	sent := Message{ID: s.env.Random.RequestID(), TopicARN: arn, Subject: subject, Message: message, At: s.env.Clock.Now().UTC()}
	t.Messages = append(slices.Clone(t.Messages), sent)
	t.Messages = t.Messages[max(0, len(t.Messages)-mostMessages):]
	draft.Topics[arn] = t
	return sent.ID, nil
}

func notFound() error { return frame.StatusErrorf(404, "NotFound", "Topic does not exist") }

func invalid(format string, args ...any) error {
	return frame.Errorf("InvalidParameter", format, args...)
}

// turn is one call and the topics it sees.
type turn struct {
	*frame.Request
	*content
}

func read[In, Out any](s *Service, name string, do func(*turn, *In) (*Out, error)) frame.Operation {
	return frame.Op(name, func(_ context.Context, r *frame.Request, in *In) (*Out, error) {
		return do(&turn{r, s.store.View(r)}, in)
	})
}

func write[In, Out any](s *Service, name string, do func(*turn, *In) (*Out, error)) frame.Operation {
	return frame.Op(name, func(_ context.Context, r *frame.Request, in *In) (out *Out, err error) {
		err = s.change(func(draft *content) error {
			out, err = do(&turn{r, draft}, in)
			return err
		})
		return out, err
	})
}

// Definition tells the server how to serve SNS.
func (s *Service) Definition() frame.Definition {
	operations := []frame.Operation{
		write(s, "CreateTopic", s.createTopic), write(s, "DeleteTopic", s.deleteTopic), read(s, "ListTopics", s.listTopics),
		read(s, "GetTopicAttributes", s.getAttributes), write(s, "SetTopicAttributes", s.setAttributes),
		write(s, "Subscribe", s.subscribe), write(s, "Unsubscribe", s.unsubscribe),
		read(s, "ListSubscriptions", s.listSubscriptions), read(s, "ListSubscriptionsByTopic", s.listByTopic),
		write(s, "Publish", s.publishCall),
		write(s, "TagResource", s.tagResource), write(s, "UntagResource", s.untagResource), read(s, "ListTagsForResource", s.listTags),
	}
	return frame.Definition{
		Name: "sns", Protocol: query.New(namespace, version, frame.Names(operations)...).WithEmptyResults(), Operations: operations,
		Rates: frame.Rates{
			Code: "Throttled", Default: &frame.Bucket{Capacity: 100, Refill: 100},
			Operations: map[string]frame.Bucket{
				"ListSubscriptionsByTopic": {Capacity: 30, Refill: 30}, "ListSubscriptions": {Capacity: 30, Refill: 30},
				"ListTopics": {Capacity: 30, Refill: 30}, "TagResource": {Capacity: 10, Refill: 10}, "UntagResource": {Capacity: 10, Refill: 10},
			},
		},
	}
}
