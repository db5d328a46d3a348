package autoscalinggroup

import (
	"context"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/judge"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// longestText bounds what is shown of the texts of an activity.
const longestText = 512

// observeActivities reads the newest scaling activities while less is in service than desired: what failed says why.
func observeActivities(ctx context.Context, k *Kind, obj *v1alpha1.AutoScalingGroup, o *observed) error {
	if o.group == nil || o.group.hidden || o.group.deleting() || lifecycle.Deleting(obj) || !capacityOf(&o.group.sdk).lacks() {
		return nil
	}
	activities, err := k.clients.ScalingActivities(ctx, o.group.name())
	if awsclient.Classify(err) == awsclient.Denied {
		o.unexplained = judge.Sentence(err) // the group goes on without it; only nobody can say why something fails
		return nil
	}
	o.activities = activities
	return err
}

// newestFailure is the newest activity that failed, unless an instance has been launched since; nil without one. The
// activities are the newest first.
func newestFailure(activities []types.Activity) *types.Activity {
	for i := range activities {
		activity := &activities[i]
		switch activity.StatusCode {
		case types.ScalingActivityStatusCodeSuccessful:
			if strings.HasPrefix(aws.ToString(activity.Description), "Launching") {
				return nil
			}
		case types.ScalingActivityStatusCodeFailed, types.ScalingActivityStatusCodeCancelled:
			if aws.ToString(activity.StatusMessage) != "" { // one that was overtaken says nothing, and nothing is wrong
				return activity
			}
		}
	}
	return nil
}

// reportFailure tells of the newest failure while less is in service than desired. One that repeats is told as it was at
// first: a group that cannot launch tries again and again.
func reportFailure(obj *v1alpha1.AutoScalingGroup, o *observed, c capacity) {
	former := obj.Status.FailedActivity
	obj.Status.FailedActivity = nil
	newest := newestFailure(o.activities)
	if newest == nil || !c.lacks() {
		return
	}
	told := &v1alpha1.FailedActivity{
		ID: aws.ToString(newest.ActivityId), Status: string(newest.StatusCode),
		Description: stable(aws.ToString(newest.Description)), Message: stable(aws.ToString(newest.StatusMessage)),
	}
	if newest.StartTime != nil {
		told.Time = metav1.NewTime(newest.StartTime.UTC())
	}
	if former != nil && former.Status == told.Status && former.Message == told.Message {
		told = former
	}
	obj.Status.FailedActivity = told
}

// passing are parts of AWS's texts that differ at each try, and say nothing to a person.
var passing = regexp.MustCompile(`(?i) with token [0-9a-f-]{36}|\s*\(?(?:Request|Transaction) ID: [0-9a-z-]+\)?|\s*Encoded authorization failure message: \S+`)

// stable is a text of AWS without what differs at each try, cut short.
func stable(text string) string {
	text = strings.Join(strings.Fields(passing.ReplaceAllString(text, "")), " ")
	if len(text) <= longestText {
		return text
	}
	return strings.ToValidUTF8(text[:longestText], "") + "…"
}
