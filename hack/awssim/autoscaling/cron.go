package autoscaling

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// cron is a recurrence of five fields: minute, hour, day of the month, month,
// day of the week.
type cron struct {
	minutes, hours, days, months, weekdays []int
	// anyDay and anyWeekday tell that the field is *: then the other one decides alone.
	anyDay, anyWeekday bool
}

var cronAliases = map[string]string{
	"@yearly": "0 0 1 1 *", "@annually": "0 0 1 1 *", "@monthly": "0 0 1 * *", "@weekly": "0 0 * * 0", "@daily": "0 0 * * *", "@hourly": "0 * * * *",
}

var (
	monthNames   = []string{"", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}
	weekdayNames = []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}
)

func parseCron(expression string) (cron, error) {
	if full, ok := cronAliases[expression]; ok {
		expression = full
	}
	fields := strings.Fields(expression)
	if len(fields) != 5 {
		return cron{}, fmt.Errorf("a recurrence has five fields, not %d", len(fields))
	}
	var c cron
	for i, one := range []struct {
		into        *[]int
		least, most int
		names       []string
	}{{&c.minutes, 0, 59, nil}, {&c.hours, 0, 23, nil}, {&c.days, 1, 31, nil}, {&c.months, 1, 12, monthNames}, {&c.weekdays, 0, 7, weekdayNames}} {
		values, err := parseCronField(fields[i], one.least, one.most, one.names)
		if err != nil {
			return cron{}, err
		}
		*one.into = values
	}
	if slices.Contains(c.weekdays, 7) {
		c.weekdays = append(c.weekdays, 0)
	}
	c.anyDay, c.anyWeekday = fields[2] == "*", fields[4] == "*"
	return c, nil
}

func parseCronField(field string, least, most int, names []string) ([]int, error) {
	var values []int
	for part := range strings.SplitSeq(field, ",") {
		span, stepText, stepped := strings.Cut(part, "/")
		step := 1
		if stepped {
			n, err := strconv.Atoi(stepText)
			if err != nil || n < 1 {
				return nil, fmt.Errorf("%q is not a step", stepText)
			}
			step = n
		}
		from, to := least, most
		if span != "*" {
			first, last, ranged := strings.Cut(span, "-")
			var err error
			if from, err = cronValue(first, least, most, names); err != nil {
				return nil, err
			}
			to = from
			if ranged {
				if to, err = cronValue(last, least, most, names); err != nil {
					return nil, err
				}
			} else if stepped {
				to = most
			}
		}
		if from > to {
			return nil, fmt.Errorf("%q ends before it begins", span)
		}
		for n := from; n <= to; n += step {
			values = append(values, n)
		}
	}
	return values, nil
}

func cronValue(s string, least, most int, names []string) (int, error) {
	if at := slices.Index(names, strings.ToUpper(s)); at >= 0 && s != "" {
		return at, nil
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < least || n > most {
		return 0, fmt.Errorf("%q is not between %d and %d", s, least, most)
	}
	return n, nil
}

// next is the first time of a recurrence after a time, in a time zone; the zero
// time when there is none within five years.
func (c cron) next(after time.Time, zone *time.Location) time.Time {
	at := after.In(zone).Truncate(time.Minute).Add(time.Minute)
	end := at.AddDate(5, 0, 0)
	for at.Before(end) {
		switch {
		case !slices.Contains(c.months, int(at.Month())) || !c.day(at):
			at = time.Date(at.Year(), at.Month(), at.Day()+1, 0, 0, 0, 0, zone)
		case !slices.Contains(c.hours, at.Hour()):
			at = at.Add(time.Duration(60-at.Minute()) * time.Minute)
		case !slices.Contains(c.minutes, at.Minute()):
			at = at.Add(time.Minute)
		default:
			return at.UTC()
		}
	}
	return time.Time{}
}

// day tells whether a recurrence has a day: with both fields given, one of them is enough.
func (c cron) day(at time.Time) bool {
	day, weekday := slices.Contains(c.days, at.Day()), slices.Contains(c.weekdays, int(at.Weekday()))
	if c.anyDay || c.anyWeekday {
		return day && weekday
	}
	return day || weekday
}
