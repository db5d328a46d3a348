package autoscaling

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// mostActivities bounds the activities that a group remembers; keepActivities is how long AWS keeps them.
const (
	mostActivities = 500
	keepActivities = 6 * 7 * 24 * time.Hour
)

// causeTime is how causes spell a time.
const causeTime = "2006-01-02T15:04:05Z"

// begin notes an activity under way and gives its id.
func (g *group) begin(s *Service, now time.Time, description, cause, details string) string {
	a := types.Activity{
		ActivityId: aws.String(s.env.Random.RequestID()), AutoScalingGroupName: &g.Name, AutoScalingGroupARN: &g.ARN,
		Cause: &cause, Description: &description, Details: optional(details),
		StartTime: &now, StatusCode: types.ScalingActivityStatusCodeInProgress, Progress: aws.Int32(0),
	}
	g.Activities = slices.Insert(g.Activities, 0, a)
	g.Activities = slices.DeleteFunc(g.Activities, func(a types.Activity) bool { return now.Sub(*a.StartTime) > keepActivities })
	if len(g.Activities) > mostActivities {
		g.Activities = g.Activities[:mostActivities]
	}
	return *a.ActivityId
}

// progress notes how an activity is. Ended ones stay as they are.
func (g *group) progress(id string, code types.ScalingActivityStatusCode, percent int32, message string, now time.Time) {
	at := slices.IndexFunc(g.Activities, func(a types.Activity) bool { return *a.ActivityId == id })
	if at < 0 || g.Activities[at].EndTime != nil {
		return
	}
	a := &g.Activities[at]
	a.StatusCode, a.Progress = code, &percent
	if message != "" {
		a.StatusMessage = &message
	}
	switch code {
	case types.ScalingActivityStatusCodeSuccessful, types.ScalingActivityStatusCodeFailed, types.ScalingActivityStatusCodeCancelled:
		a.EndTime = &now
	}
}

func (g *group) activity(id string) types.Activity {
	for _, a := range g.Activities {
		if *a.ActivityId == id {
			return a
		}
	}
	return types.Activity{}
}

// latestActivity is the id of the newest activity.
func (g *group) latestActivity() string {
	if len(g.Activities) == 0 {
		return ""
	}
	return *g.Activities[0].ActivityId
}

// since renders a cause with its time.
func (t *turn) at(format string, args ...any) string {
	return "At " + t.now.Format(causeTime) + " " + fmt.Sprintf(format, args...)
}

func describeActivities(r *reading, in *sdk.DescribeScalingActivitiesInput) (*sdk.DescribeScalingActivitiesOutput, error) {
	found, err := r.activitiesOf(text(in.AutoScalingGroupName), aws.ToBool(in.IncludeDeletedGroups))
	if err != nil {
		return nil, err
	}
	if err := checkFilters(in.Filters, "StartTimeLowerBound", "StartTimeUpperBound", "Status"); err != nil {
		return nil, err
	}
	if text(in.AutoScalingGroupName) == "" && slices.ContainsFunc(in.Filters, func(f types.Filter) bool { return text(f.Name) == "Status" }) {
		return nil, invalid("The Status filter can only be used in combination with the AutoScalingGroupName parameter")
	}
	found = slices.DeleteFunc(slices.Clone(found), func(a types.Activity) bool {
		return len(in.ActivityIds) > 0 && !slices.Contains(in.ActivityIds, *a.ActivityId) || !matchesActivity(a, in.Filters)
	})
	slices.SortStableFunc(found, func(a, b types.Activity) int { return cmp.Compare(b.StartTime.UnixNano(), a.StartTime.UnixNano()) })
	// The order of pages is that of time, the newest first, so that the name of an activity has its place.
	place := map[string]string{}
	for i, a := range found {
		place[*a.ActivityId] = newestFirst(*a.StartTime) + fmt.Sprintf(" %06d", i)
	}
	cut, next, err := page(found, in.NextToken, in.MaxRecords, mostPage, mostPage, func(a *types.Activity) string { return place[*a.ActivityId] })
	if err != nil {
		return nil, err
	}
	return &sdk.DescribeScalingActivitiesOutput{Activities: cut, NextToken: next}, nil
}

// activitiesOf lists the activities of a group, or of all groups without a
// name, those of deleted groups too when they are asked for.
func (r *reading) activitiesOf(name string, deleted bool) ([]types.Activity, error) {
	var found []types.Activity
	groups := r.own(r.Request)
	if name != "" {
		g, err := r.find(&name)
		if err != nil && !deleted {
			return nil, err
		}
		groups = slices.DeleteFunc(groups, func(other *group) bool { return other != g })
	}
	for _, g := range groups {
		found = append(found, g.Activities...)
	}
	if !deleted {
		return found, nil
	}
	prefix := keyOf(r.Caller.Account, r.Region, name)
	for key, activities := range r.gone {
		if key != prefix && (name != "" || !strings.HasPrefix(key, prefix)) {
			continue
		}
		for _, a := range activities {
			a.AutoScalingGroupState = aws.String("Deleted")
			found = append(found, a)
		}
	}
	return found, nil
}

func matchesActivity(a types.Activity, filters []types.Filter) bool {
	for _, f := range filters {
		ok := slices.ContainsFunc(f.Values, func(value string) bool {
			if text(f.Name) == "Status" {
				return value == string(a.StatusCode)
			}
			bound, err := time.Parse(time.RFC3339, value)
			if err != nil {
				return false
			}
			if text(f.Name) == "StartTimeLowerBound" {
				return !a.StartTime.Before(bound)
			}
			return !a.StartTime.After(bound)
		})
		if !ok {
			return false
		}
	}
	return true
}

// newestFirst names a time so that later ones come first.
func newestFirst(at time.Time) string { return fmt.Sprintf("%020d", 1<<62-at.UnixNano()/2) }
