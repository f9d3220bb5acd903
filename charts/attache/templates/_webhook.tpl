{{/* The webhook's own things are named after the release; what is the cluster's has the namespace before. */}}
{{- define "attache.webhook" -}}
{{- printf "%s-webhook" .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "attache.webhook.cluster" -}}
{{- printf "%s-%s" .Release.Namespace (include "attache.webhook" .) -}}
{{- end -}}

{{- define "attache.webhook.serviceAccount" -}}
{{- default (include "attache.webhook" .) .Values.webhook.serviceAccount.name -}}
{{- end -}}

{{- define "attache.webhook.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: webhook
{{- end -}}

{{- define "attache.webhook.labels" -}}
{{ include "attache.webhook.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{/* Where both webhook configurations send their reviews, and what they look at. `path` and the root context. */}}
{{- define "attache.webhook.client" -}}
clientConfig:
  service:
    name: {{ include "attache.webhook" .root }}
    namespace: {{ .root.Release.Namespace }}
    path: {{ .path }}
    port: 443
admissionReviewVersions: [v1, v1beta1]
sideEffects: None
matchPolicy: Equivalent
timeoutSeconds: {{ .root.Values.webhook.timeoutSeconds }}
namespaceSelector:
  matchExpressions:
    # The webhook leaves them alone by itself, too: before 1.21, namespaces do not have this label.
    - key: kubernetes.io/metadata.name
      operator: NotIn
      values: [kube-system, {{ .root.Release.Namespace }}]
    {{- with .root.Values.webhook.namespaceSelector }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}

{{- define "attache.webhook.pods" -}}
objectSelector:
  matchExpressions:
    - key: {{ .Values.webhook.annotationDomain }}/skip-pod-identity-webhook
      operator: DoesNotExist
    {{- with .Values.webhook.objectSelector }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end -}}

{{- define "attache.webhook.inject" -}}
{{- if .Values.webhook.certManager.enabled -}}
annotations:
  cert-manager.io/inject-ca-from: {{ .Release.Namespace }}/{{ include "attache.webhook" . }}
{{- end -}}
{{- end -}}
