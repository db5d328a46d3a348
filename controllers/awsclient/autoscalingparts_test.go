package awsclient

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// activitiesAnswer is a page of activities, each "group time", the newest first.
func activitiesAnswer(next string, activities ...string) answer {
	var b strings.Builder
	for _, one := range activities {
		group, at, _ := strings.Cut(one, " ")
		fmt.Fprintf(&b, `<member><ActivityId>%s</ActivityId><AutoScalingGroupName>%s</AutoScalingGroupName><StartTime>%s</StartTime><StatusCode>Failed</StatusCode></member>`, at, group, at)
	}
	if next != "" {
		next = "<NextToken>" + next + "</NextToken>"
	}
	return answer{200, `<DescribeScalingActivitiesResponse><DescribeScalingActivitiesResult><Activities>` + b.String() + `</Activities>` + next + `</DescribeScalingActivitiesResult></DescribeScalingActivitiesResponse>`}
}

// forEach makes a call for each name at the same time and returns the errors.
func forEach(names []string, call func(string) error) []error {
	errs := make([]error, len(names))
	var wg sync.WaitGroup
	for i, name := range names {
		wg.Go(func() {
			defer GinkgoRecover()
			errs[i] = call(name)
		})
	}
	wg.Wait()
	return errs
}

var _ = Describe("Scaling activities", func() {
	const noon, later = "2026-11-23T12:00:00Z", "2026-11-23T12:05:00Z"

	It("are read group by group for a few, since an hour ago", func(ctx SpecContext) {
		clock := newFakeClock()
		f := newFakeAWS(func(_ int, r *http.Request) answer {
			sent := form(r)
			if sent.Get("AutoScalingGroupName") == "gone" {
				return queryRefusal(400, "ValidationError", "AutoScalingGroup name not found - null")
			}
			Expect(sent.Get("Filters.member.1.Name")).To(Equal("StartTimeLowerBound"))
			Expect(sent.Get("Filters.member.1.Values.member.1")).To(Equal(clock.Now().Add(-time.Hour).UTC().Format(time.RFC3339)))
			return activitiesAnswer("", sent.Get("AutoScalingGroupName")+" "+noon, sent.Get("AutoScalingGroupName")+" "+later)
		})
		c := clientsFor(ctx, f, Options{Clock: clock})
		Expect(forEach([]string{"a", "b", "gone"}, func(name string) error {
			found, err := c.ScalingActivities(ctx, name)
			if name == "gone" {
				Expect(found).To(BeEmpty())
				return err
			}
			Expect(found).To(HaveLen(2))
			Expect(aws.ToString(found[0].ActivityId)).To(Equal(later), "the newest first")
			return err
		})).To(HaveEach(BeNil()))
	})

	It("are read of the whole account for many, in a bounded number of pages", func(ctx SpecContext) {
		f := newFakeAWS(func(n int, r *http.Request) answer {
			Expect(form(r).Has("AutoScalingGroupName")).To(BeFalse())
			return activitiesAnswer("more", fmt.Sprintf("g%d %s", n%10, noon), "foreign "+noon)
		})
		c := clientsFor(ctx, f, Options{BatchDelay: 100 * time.Millisecond})
		var names []string
		for i := range 60 {
			names = append(names, fmt.Sprintf("g%d", i))
		}
		Expect(forEach(names, func(name string) error {
			found, err := c.ScalingActivities(ctx, name)
			if len(name) == 2 {
				Expect(found).To(HaveLen(1))
			} else {
				Expect(found).To(BeEmpty())
			}
			return err
		})).To(HaveEach(BeNil()))
		Expect(f.requests()).To(HaveLen(activityPages))
	})
})

var _ = Describe("Notifications of groups", func() {
	It("are read together; a group without any has none", func(ctx SpecContext) {
		f := newFakeAWS(func(_ int, r *http.Request) answer {
			Expect(members(form(r), "AutoScalingGroupNames")).To(ConsistOf("a", "b"))
			return answer{200, `<DescribeNotificationConfigurationsResponse><DescribeNotificationConfigurationsResult><NotificationConfigurations>` +
				`<member><AutoScalingGroupName>a</AutoScalingGroupName><TopicARN>t</TopicARN><NotificationType>y</NotificationType></member>` +
				`<member><AutoScalingGroupName>a</AutoScalingGroupName><TopicARN>t</TopicARN><NotificationType>x</NotificationType></member>` +
				`</NotificationConfigurations></DescribeNotificationConfigurationsResult></DescribeNotificationConfigurationsResponse>`}
		})
		c := clientsFor(ctx, f, Options{BatchDelay: 100 * time.Millisecond})
		Expect(forEach([]string{"a", "b"}, func(name string) error {
			found, err := c.GroupNotifications(ctx, name)
			Expect(found).To(Equal(map[string]map[string][]string{"a": {"t": {"x", "y"}}, "b": {}}[name]))
			return err
		})).To(HaveEach(BeNil()))
		Expect(f.requests()).To(HaveLen(1))
	})
})
