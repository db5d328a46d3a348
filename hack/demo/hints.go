package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// hints are what a person may try next, as commands to paste into another terminal.
type hints struct {
	demo    *demo
	objects []object
}

// String returns the lines that set up a shell, and what to try in it.
func (h hints) String() string {
	d := h.demo
	var text strings.Builder
	section := func(title string, commands ...string) {
		fmt.Fprintf(&text, "\n%s\n", d.out.paint(bold, "# "+title))
		for _, command := range commands {
			text.WriteString(command + "\n")
		}
	}
	section("Go on by hand in another terminal. First:", d.exports(os.Getenv)...)
	for _, program := range []struct{ name, source string }{
		{"dig", "the package dnsutils, bind-utils or bind"}, {"aws", "the package awscli"},
	} {
		if _, err := exec.LookPath(program.name); err != nil {
			text.WriteString("(" + program.name + " is not installed here: it is in " + program.source + ".)\n")
		}
	}
	section("Look", "kubectl get evenkeel", "kubectl describe "+reference(h.objects[0]))
	if record := h.simpleRecord(); record != nil {
		zone := record.Spec.HostedZoneRef.Name
		name := h.fqdn(record)
		dig := d.dig(name, string(record.Spec.Type))
		section("Edit a record, then ask for it",
			fmt.Sprintf(`kubectl patch %s --type=merge -p '{"spec":{"resourceRecords":["192.0.2.77"]}}'`, reference(record)), dig)
		section("Delete it behind the controller's back; it returns within "+resync.String()+", or when told"+h.meanwhile(record),
			fmt.Sprintf(`ZONE=$(kubectl get hz/%s -o jsonpath='{.status.id}')`, zone),
			fmt.Sprintf(`RECORD=$(aws route53 list-resource-record-sets --hosted-zone-id $ZONE --query "ResourceRecordSets[?Name=='%s' && Type=='A'] | [0]" --output json)`, name),
			`aws route53 change-resource-record-sets --hosted-zone-id $ZONE --change-batch "{\"Changes\":[{\"Action\":\"DELETE\",\"ResourceRecordSet\":$RECORD}]}"`, dig,
			fmt.Sprintf("kubectl annotate --overwrite %s %s=$(date +%%s)", reference(record), v1alpha1.ReconcileAtAnnotation), dig)
	}
	section("Apply a manifest that is wrong, and read why",
		"kubectl apply -f "+shellQuote(filepath.Join(d.settings.root, "hack", "demo", "refused.yaml")))
	section("Delete everything, in AWS too",
		"kubectl delete -k "+shellQuote(absolute(d.settings.root, d.settings.samples)), "aws route53 list-hosted-zones")
	text.WriteString("\nWhat happens to the objects shows below. Ctrl-C stops and removes everything.\n")
	return text.String()
}

// exports are the two lines by which kubectl and the AWS CLI find what the demo runs, and a third that takes away what
// would lead the AWS CLI elsewhere, when there is any.
func (d *demo) exports(getenv func(string) string) []string {
	lines := []string{
		fmt.Sprintf("export KUBECONFIG=%s PATH=%s:$PATH", shellQuote(d.cluster.kubeconfig), shellQuote(d.settings.assets)),
		"export " + strings.Join(d.aws.environment(), " "),
	}
	var misleading []string
	for _, name := range []string{"AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_ROUTE_53", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"} {
		if getenv(name) != "" {
			misleading = append(misleading, name)
		}
	}
	if len(misleading) > 0 {
		lines = append(lines, "unset "+strings.Join(misleading, " "))
	}
	return lines
}

// dig is the command that asks the demo's DNS server.
func (d *demo) dig(name, recordType string) string {
	host, port, _ := strings.Cut(d.aws.dns, ":")
	return fmt.Sprintf("dig @%s -p %s +short %s %s", host, port, shellQuote(name), recordType)
}

// simpleRecord is the first A record that the commands can be about: of one value, without a policy, in a zone of ours.
func (h hints) simpleRecord() *v1alpha1.RecordSet {
	for _, obj := range h.objects {
		record, is := obj.(*v1alpha1.RecordSet)
		if is && record.Spec.Type == "A" && record.Spec.RoutingPolicy == nil && record.Spec.HostedZoneRef != nil &&
			len(record.Spec.ResourceRecords) == 1 && record.Spec.TTL != nil && !strings.HasPrefix(record.Spec.Name, "*") {
			return record
		}
	}
	return nil
}

// fqdn is the full name of a record in a zone of the manifests.
func (h hints) fqdn(record *v1alpha1.RecordSet) string {
	i := slices.IndexFunc(h.objects, func(obj object) bool {
		_, zone := obj.(*v1alpha1.HostedZone)
		return zone && obj.GetName() == record.Spec.HostedZoneRef.Name && obj.GetNamespace() == record.GetNamespace()
	})
	if i < 0 {
		return record.Spec.Name
	}
	zone := h.objects[i].(*v1alpha1.HostedZone)
	name, _ := declared{zones: map[string]string{zone.Namespace + "/" + zone.Name: strings.TrimSuffix(zone.Spec.Name, ".") + "."}}.fqdn(record)
	return name
}

// meanwhile explains the answer that comes while the record is not there.
func (h hints) meanwhile(record *v1alpha1.RecordSet) string {
	if slices.ContainsFunc(h.objects, func(obj object) bool {
		other, is := obj.(*v1alpha1.RecordSet)
		return is && other.Spec.Name == "*" && other.Spec.Type == record.Spec.Type
	}) {
		return "\n# (until then the wildcard * answers for it)"
	}
	return ""
}

func absolute(root, path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(root, path)
}

var harmless = regexp.MustCompile(`^[A-Za-z0-9_./:@%+=,-]+$`)

// shellQuote makes text one word of a shell.
func shellQuote(text string) string {
	if harmless.MatchString(text) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
