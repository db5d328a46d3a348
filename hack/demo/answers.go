package main

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/miekg/dns"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// question is what is asked of DNS, and what it must answer.
type question struct {
	// name to ask for, fully qualified, as master files write it.
	name  string
	qtype uint16
	// choices are the possible answers: one, or several that share the answers by weight.
	choices []choice
	// unknown says why the manifests do not tell the answer; empty when they do.
	unknown string
}

// choice is one possible answer.
type choice struct {
	ttl    uint32
	values []string
	weight int64
}

// share is the part of all answers that a choice should have.
func (q question) share(c choice) float64 {
	total := int64(0)
	for _, other := range q.choices {
		total += other.weight
	}
	if total == 0 {
		return 1 / float64(len(q.choices))
	}
	return float64(c.weight) / float64(total)
}

// declared is what the manifests say, by what records refer to.
type declared struct {
	zones   map[string]string // name of a zone by namespace/name
	records map[string]*v1alpha1.RecordSet
}

// questionsOf derives from manifests what DNS must answer: one question for each name and type, in their order.
func questionsOf(objects []object) ([]question, error) {
	d := declared{zones: map[string]string{}, records: map[string]*v1alpha1.RecordSet{}}
	var records []*v1alpha1.RecordSet
	for _, obj := range objects {
		key := obj.GetNamespace() + "/" + obj.GetName()
		switch o := obj.(type) {
		case *v1alpha1.HostedZone:
			d.zones[key] = dns.Fqdn(strings.ToLower(o.Spec.Name))
		case *v1alpha1.RecordSet:
			d.records[key] = o
			records = append(records, o)
		}
	}
	var questions []question
	at := map[string]int{}
	for _, record := range records {
		q, err := d.question(record)
		if err != nil {
			return nil, fmt.Errorf("manifest of RecordSet %s: %w", record.Name, err)
		}
		key := fmt.Sprint(q.name, q.qtype)
		if i, asked := at[key]; asked {
			questions[i].choices = append(questions[i].choices, q.choices...)
			questions[i].unknown = cmp.Or(questions[i].unknown, q.unknown)
			continue
		}
		at[key] = len(questions)
		questions = append(questions, q)
	}
	for i := range questions {
		questions[i].name = wildcardExample(questions[i].name, at)
	}
	return questions, nil
}

// question is what one record makes DNS answer.
func (d declared) question(record *v1alpha1.RecordSet) (question, error) {
	name, known := d.fqdn(record)
	q := question{name: name, qtype: dns.StringToType[string(record.Spec.Type)]}
	if record.Spec.ManagementPolicy != "" && record.Spec.ManagementPolicy != v1alpha1.ManagementManage {
		q.unknown = "managementPolicy is " + string(record.Spec.ManagementPolicy)
		return q, nil
	}
	if !known {
		q.unknown = "its zone is not among the manifests"
		return q, nil
	}
	source, target := record, ""
	for hops := 0; source.Spec.AliasTarget != nil; hops++ {
		if source, target = d.target(source); source == nil || hops == len(d.records) {
			q.unknown = "it is an alias to " + target + ", which is not among the manifests"
			return q, nil
		}
	}
	only := choice{weight: 1}
	if policy := record.Spec.RoutingPolicy; policy != nil {
		if policy.Weighted == nil {
			q.unknown = "its routing policy answers by who asks, and by health"
			return q, nil
		}
		only.weight = policy.Weighted.Weight
	}
	if source.Spec.TTL != nil {
		only.ttl = uint32(*source.Spec.TTL)
	}
	for _, value := range source.Spec.ResourceRecords {
		data, err := declaredData(q.qtype, string(value))
		if err != nil {
			return q, err
		}
		only.values = append(only.values, data)
	}
	slices.Sort(only.values)
	q.choices = []choice{only}
	return q, nil
}

// fqdn is the full name of a record, and false when the manifests do not tell it.
func (d declared) fqdn(record *v1alpha1.RecordSet) (string, bool) {
	name := strings.ToLower(masterFile(record.Spec.Name))
	if strings.HasSuffix(name, ".") {
		return name, true
	}
	if record.Spec.HostedZoneRef == nil {
		return name, false
	}
	zone, known := d.zones[record.Namespace+"/"+record.Spec.HostedZoneRef.Name]
	switch {
	case !known:
		return name, false
	case name == "@":
		return zone, true
	}
	return name + "." + zone, true
}

// target is the record that an alias refers to, and how it says so.
func (d declared) target(alias *v1alpha1.RecordSet) (*v1alpha1.RecordSet, string) {
	target := alias.Spec.AliasTarget
	if ref := target.RecordSetRef; ref != nil {
		return d.records[alias.Namespace+"/"+ref.Name], "RecordSet " + ref.Name
	}
	wanted := dns.Fqdn(strings.ToLower(masterFile(target.DNSName)))
	for _, record := range d.records {
		if name, known := d.fqdn(record); known && name == wanted && record.Spec.Type == alias.Spec.Type && record.Spec.SetIdentifier == "" {
			return record, wanted
		}
	}
	return nil, wanted
}

// declaredData is a declared value in the form in which answers are compared.
func declaredData(qtype uint16, value string) (string, error) {
	if (qtype == dns.TypeTXT || qtype == dns.TypeSPF) && !strings.HasPrefix(strings.TrimSpace(value), `"`) {
		return value, nil
	}
	rr, err := dns.NewRR(fmt.Sprintf(". 0 IN %s %s", dns.TypeToString[qtype], masterFile(value)))
	if err == nil && rr == nil {
		err = errors.New("it is empty")
	}
	if err != nil {
		return "", fmt.Errorf("the value %q of type %s cannot be read as DNS data: %w", value, dns.TypeToString[qtype], err)
	}
	return recordData(rr), nil
}

// recordData is the data of a DNS record in the form in which answers are compared: text as it is meant, however it
// is split into strings; the rest as master files write it, in lower case where case means nothing.
func recordData(rr dns.RR) string {
	switch r := rr.(type) {
	case *dns.TXT:
		return plainText(strings.Join(r.Txt, ""))
	case *dns.SPF:
		return plainText(strings.Join(r.Txt, ""))
	}
	data := strings.TrimPrefix(rr.String(), rr.Header().String())
	switch rr.Header().Rrtype {
	case dns.TypeCAA, dns.TypeNAPTR, dns.TypeSVCB, dns.TypeHTTPS:
		return data
	}
	return strings.ToLower(data)
}

var (
	octalEscape   = regexp.MustCompile(`\\[0-3][0-7][0-7]`)
	decimalEscape = regexp.MustCompile(`\\([0-9]{3}|.)`)
)

// masterFile turns Route 53's octal escapes into the decimal ones of master files.
func masterFile(text string) string {
	return octalEscape.ReplaceAllStringFunc(text, func(escape string) string {
		value, err := strconv.ParseUint(escape[1:], 8, 8)
		if err != nil {
			return escape
		}
		return fmt.Sprintf(`\%03d`, value)
	})
}

// plainText undoes the escapes of a character string.
func plainText(text string) string {
	return decimalEscape.ReplaceAllStringFunc(text, func(escape string) string {
		if value, err := strconv.ParseUint(escape[1:], 10, 8); err == nil && len(escape) == 4 {
			return string([]byte{byte(value)})
		}
		return escape[1:]
	})
}

// wildcardExample is a name that only the wildcard answers; other names stay as they are.
func wildcardExample(name string, declared map[string]int) string {
	rest, wildcard := strings.CutPrefix(name, "*.")
	if !wildcard {
		return name
	}
	taken := func(candidate string) bool {
		for key := range declared {
			if strings.HasPrefix(key, candidate) || strings.Contains(key, "."+candidate) {
				return true
			}
		}
		return false
	}
	candidate := "anything." + rest
	for n := 2; taken(candidate); n++ {
		candidate = fmt.Sprintf("anything%d.%s", n, rest)
	}
	return candidate
}
