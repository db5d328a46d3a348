{{/* What the names of all objects begin with: 28 characters, of the 63 that the longest name may have. */}}
{{- define "evenkeel.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{ .Values.fullnameOverride }}
{{- else if contains "evenkeel" .Release.Name -}}
{{ .Release.Name | trunc 28 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-evenkeel" (.Release.Name | trunc 19 | trimSuffix "-") }}
{{- end -}}
{{- end -}}

{{- define "evenkeel.labels" -}}
app.kubernetes.io/name: evenkeel
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "evenkeel.selectorLabels" -}}
control-plane: controller-manager
app.kubernetes.io/name: evenkeel
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end -}}

{{- define "evenkeel.serviceAccountName" -}}
{{- if .Values.serviceAccount.name -}}
{{ .Values.serviceAccount.name }}
{{- else if .Values.serviceAccount.create -}}
{{ include "evenkeel.fullname" . }}-controller-manager
{{- else -}}
default
{{- end -}}
{{- end -}}

{{- define "evenkeel.image" -}}
{{- with .Values.image -}}
{{- if .digest -}}
{{ .repository }}@{{ .digest }}
{{- else -}}
{{ .repository }}:{{ .tag }}
{{- end -}}
{{- end -}}
{{- end -}}

{{/* The flags: one a line. Durations and such are written out only when they are set. */}}
{{- define "evenkeel.args" -}}
{{- $controller := .Values.controller }}
{{- if .Values.leaderElection }}
- --leader-elect
{{- end }}
- --health-probe-bind-address=:8081
- --metrics-bind-address={{ .Values.metrics.enabled | ternary (printf ":%v" .Values.metrics.port) "0" }}
{{- if and .Values.metrics.enabled (not .Values.metrics.secure) }}
- --metrics-secure=false
{{- end }}
{{- with .Values.watchNamespaces }}
- --watch-namespaces={{ join "," . }}
{{- end }}
{{- range $flag, $value := dict
  "cluster-id" $controller.clusterID
  "resync-period" $controller.resyncPeriod
  "zone-batch-interval" $controller.zoneBatchInterval
  "change-poll-interval" $controller.changePollInterval
  "resolver" $controller.resolver
  "aws-request-share" $controller.awsRequestShare
  "route53-legacy-limits" $controller.route53LegacyLimits
  "zap-log-level" $controller.logLevel }}
{{- if $value }}
- {{ printf "--%s=%v" $flag $value | quote }}
{{- end }}
{{- end }}
{{- range .Values.extraArgs }}
- {{ quote . }}
{{- end }}
{{- end -}}

{{/* How the replicas are spread when nothing else is asked for. */}}
{{- define "evenkeel.spread" -}}
{{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
- maxSkew: 1
  topologyKey: {{ . }}
  whenUnsatisfiable: ScheduleAnyway
  labelSelector:
    matchLabels:
      {{- include "evenkeel.selectorLabels" $ | nindent 6 }}
{{- end }}
{{- end -}}
