package v1alpha1

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// ScheduledAction changes the group's sizes at a time, or again and again. It is managed as a whole. A size that an action
// has set is not set back to spec.minSize, spec.maxSize or spec.desiredCapacity: another action does that.
// AWS API: BatchPutScheduledUpdateGroupAction, BatchDeleteScheduledAction.
// +kubebuilder:validation:XValidation:rule="has(self.minSize) || has(self.maxSize) || has(self.desiredCapacity)",message="a scheduled action changes something: give at least one of minSize, maxSize and desiredCapacity"
// +kubebuilder:validation:XValidation:rule="has(self.recurrence) || has(self.startTime)",message="a scheduled action needs a time: give recurrence or startTime, or both"
// +kubebuilder:validation:XValidation:rule="has(self.recurrence) || !has(self.timeZone) && !has(self.endTime)",message="timeZone and endTime go with recurrence: remove them (startTime has its zone within)"
// +kubebuilder:validation:XValidation:rule="!has(self.startTime) || !has(self.endTime) || self.startTime < self.endTime",message="startTime must be before endTime"
// +kubebuilder:validation:XValidation:rule="!has(self.minSize) || !has(self.maxSize) || self.minSize <= self.maxSize",message="minSize must not be more than maxSize"
// +kubebuilder:validation:XValidation:rule="!has(self.desiredCapacity) || (!has(self.minSize) || self.desiredCapacity >= self.minSize) && (!has(self.maxSize) || self.desiredCapacity <= self.maxSize)",message="desiredCapacity must be between minSize and maxSize"
type ScheduledAction struct {
	// Name of the action in the group, 1 to 255 characters without control characters. AWS API: ScheduledActionName. Another
	// name is another action.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[^\x00-\x1f\x7f]+$`
	Name string `json:"name"`

	// Recurrence in cron's notation: minute, hour, day of the month, month, day of the week, for instance
	// "0 8 * * MON-FRI". AWS API: Recurrence. Mutable.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^\s*(@(yearly|annually|monthly|weekly|daily|hourly)|[0-9*,/-]+\s+[0-9*,/-]+\s+[0-9*,/-]+\s+[0-9A-Za-z*,/-]+\s+[0-9A-Za-z*,/-]+)\s*$`
	Recurrence string `json:"recurrence,omitempty"`

	// TimeZone of the recurrence, by its IANA name, for instance Europe/Berlin; default UTC. AWS API: TimeZone. Mutable.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_+/-]+$`
	TimeZone string `json:"timeZone,omitempty"`

	// StartTime is when the action happens or, with recurrence, happens first, for instance "2026-12-24T18:00:00Z". One that
	// has passed is not sent again: an action that happens once is over, and one that recurs goes on. AWS API: StartTime. Mutable.
	// +optional
	StartTime *metav1.Time `json:"startTime,omitempty"`

	// EndTime is when the recurrence ends; AWS deletes the action then, which is not made again. AWS API: EndTime. Mutable.
	// +optional
	EndTime *metav1.Time `json:"endTime,omitempty"`

	// MinSize that the group gets; left out, it keeps the one it has. AWS API: MinSize. Mutable.
	// +optional
	// +kubebuilder:validation:Minimum=0
	MinSize *int32 `json:"minSize,omitempty"`

	// MaxSize that the group gets; left out, it keeps the one it has. AWS API: MaxSize. Mutable.
	// +optional
	// +kubebuilder:validation:Minimum=0
	MaxSize *int32 `json:"maxSize,omitempty"`

	// DesiredCapacity that the group gets; left out, it keeps the one it has, within the new sizes.
	// AWS API: DesiredCapacity. Mutable.
	// +optional
	// +kubebuilder:validation:Minimum=0
	DesiredCapacity *int32 `json:"desiredCapacity,omitempty"`
}
