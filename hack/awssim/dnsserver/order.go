package dnsserver

import "strings"

// Names next to each other in the canonical order of DNSSEC (RFC 4034, 6.1),
// which compares labels from the right, and in them bytes.

const (
	highest      = 0xff // the greatest byte of a label
	highestLabel = "\xff"
)

// order returns a key that sorts as the name does.
func (d domain) order() string {
	var labels []string
	for ; len(d) > 1; d = d.parent() {
		labels = append(labels, d.label())
	}
	var key strings.Builder
	for i := len(labels) - 1; i >= 0; i-- {
		for _, char := range []byte(labels[i]) {
			if char <= 1 { // 0 ends a label
				key.WriteByte(1)
				char++
			}
			key.WriteByte(char)
		}
		key.WriteByte(0)
	}
	return key.String()
}

func (d domain) label() string {
	if len(d) <= 1 {
		return ""
	}
	return string(d[1 : 1+int(d[0])])
}

// labels counts as RRSIG records do: neither the root nor a wildcard.
func (d domain) labels() uint8 {
	var count uint8
	if strings.HasPrefix(string(d), wildcardLabel) {
		d = d.parent()
	}
	for ; len(d) > 1; d = d.parent() {
		count++
	}
	return count
}

func join(label string, parent domain) domain {
	return domain([]byte{byte(len(label))}) + domain(label) + parent
}

// child returns the first possible name after d, which is below it if there is room.
func (d domain) child(apex domain) domain {
	const zero = "\x00"
	if len(d)+1+len(zero) <= maxName {
		return join(zero, d)
	}
	return d.sibling(apex)
}

// sibling returns the first possible name after d and all below it; the apex after the last one.
func (d domain) sibling(apex domain) domain {
	for ; d != apex; d = d.parent() {
		label, parent := d.label(), d.parent()
		if len(label) < maxLabel && len(d) < maxName {
			return join(label+"\x00", parent)
		}
		last := len(label) - 1
		for last >= 0 && label[last] == highest {
			last--
		}
		if last >= 0 {
			return join(label[:last]+string([]byte{above(label[last])}), parent)
		}
	}
	return apex
}

// almost returns a readable name shortly before d, empty for none. Others may lie between them.
func (d domain) almost() domain {
	label, parent := d.label(), d.parent()
	last := len(label) - 1
	if last < 0 || label[last] == 0 {
		return ""
	}
	before := label[:last] + string([]byte{below(label[last])})
	if len(before) < maxLabel && len(d) < maxName {
		before += "~"
	}
	return join(before, parent)
}

// predecessor returns the last possible name before d (RFC 4471, 3.1.1). It is long.
func (d domain) predecessor() domain {
	label, parent := d.label(), d.parent()
	last := len(label) - 1
	switch {
	case label == "\x00":
		return parent
	case label[last] == 0:
		label = label[:last]
	default:
		label = label[:last] + string([]byte{below(label[last])})
		label += strings.Repeat(highestLabel, min(maxLabel-len(label), maxName-1-len(label)-len(parent)))
	}
	before := join(label, parent)
	for {
		room := min(maxLabel, maxName-1-len(before))
		if room < 1 {
			return before
		}
		before = join(strings.Repeat(highestLabel, room), before)
	}
}

// above and below skip the upper-case letters, which are not in canonical names.
func above(c byte) byte {
	if c == 'A'-1 {
		return 'Z' + 1
	}
	return c + 1
}

func below(c byte) byte {
	if c == 'Z'+1 {
		return 'A' - 1
	}
	return c - 1
}
