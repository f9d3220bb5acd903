{{/* The mediator is named after the release: a release `causely` has the service account that AWS's trust
     policies of the examples name, `causely-mediator`. */}}
{{- define "attache.mediator" -}}
{{- printf "%s-mediator" .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "attache.mediator.serviceAccount" -}}
{{- default (include "attache.mediator" .) .Values.mediator.serviceAccount.name -}}
{{- end -}}

{{- define "attache.mediator.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: mediator
{{- end -}}

{{- define "attache.mediator.labels" -}}
{{ include "attache.mediator.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "attache.image" -}}
{{- $name := printf "%s:%s" .Values.image.repository (default .Chart.AppVersion .Values.image.tag) -}}
{{- if .Values.image.digest -}}
{{- $name = printf "%s@%s" .Values.image.repository .Values.image.digest -}}
{{- end -}}
{{- $name -}}
{{- end -}}

{{- define "attache.agent" -}}
{{- printf "%s-agent" .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "attache.agent.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: agent
{{- end -}}

{{- define "attache.agent.labels" -}}
{{ include "attache.agent.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}
