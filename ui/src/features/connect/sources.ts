/** Where a sender reaches this server, and as whom. */
export interface Target {
  /** Without a slash at the end: https://pharos.example.org:8400 */
  url: string;
  host: string;
  port: string;
  https: boolean;
  /** What stands for the token until one is made is readable as such. */
  token: string;
}

export interface Snippet {
  /** Where it belongs: a file's name, or "Shell". */
  place: string;
  text: (target: Target) => string;
}

export type Signal = 'metrics' | 'logs' | 'traces';

export interface Source {
  id: string;
  name: string;
  group: 'Metrics' | 'Logs' | 'Everything at once' | 'Platforms' | 'Other';
  signals: readonly Signal[];
  /** Other words that people search for. */
  words?: string;
  snippets: readonly Snippet[];
  /** What to know before; one or two sentences. */
  note?: string;
  /** For senders without a token: they have arrived when this LogQL selector finds a line. */
  probe?: string;
}

const onOff = (on: boolean) => (on ? 'on' : 'off');

/** What a team may run, with the exact lines that make it send here. */
export const sources: readonly Source[] = [
  {
    id: 'prometheus',
    name: 'Prometheus',
    group: 'Metrics',
    signals: ['metrics'],
    words: 'remote write thanos mimir victoriametrics vmagent',
    note: 'Or let Pharos scrape by itself: name the same prometheus.yml as metrics.prometheus_config and stop Prometheus.',
    snippets: [{ place: 'prometheus.yml', text: (t) => `remote_write:\n  - url: ${t.url}/api/v1/write\n    authorization:\n      credentials: ${t.token}\n` }],
  },
  {
    id: 'promtail',
    name: 'Promtail',
    group: 'Logs',
    signals: ['logs'],
    words: 'loki',
    snippets: [{ place: 'promtail.yml', text: (t) => `clients:\n  - url: ${t.url}/loki/api/v1/push\n    bearer_token: ${t.token}\n` }],
  },
  {
    id: 'alloy',
    name: 'Grafana Alloy',
    group: 'Everything at once',
    signals: ['metrics', 'logs', 'traces'],
    words: 'grafana agent',
    snippets: [
      {
        place: 'config.alloy',
        text: (t) =>
          `loki.write "pharos" {\n  endpoint {\n    url          = "${t.url}/loki/api/v1/push"\n    bearer_token = "${t.token}"\n  }\n}\n\nprometheus.remote_write "pharos" {\n  endpoint {\n    url          = "${t.url}/api/v1/write"\n    bearer_token = "${t.token}"\n  }\n}\n\notelcol.exporter.otlphttp "pharos" {\n  client {\n    endpoint = "${t.url}"\n    headers  = { "Authorization" = "Bearer ${t.token}" }\n  }\n}\n`,
      },
    ],
  },
  {
    id: 'otel-collector',
    name: 'OpenTelemetry Collector',
    group: 'Everything at once',
    signals: ['metrics', 'logs', 'traces'],
    words: 'otlp',
    snippets: [
      {
        place: 'collector.yml',
        text: (t) =>
          `exporters:\n  otlphttp/pharos:\n    endpoint: ${t.url}\n    headers:\n      Authorization: Bearer ${t.token}\n\nservice:\n  pipelines:\n    traces:  {receivers: [otlp], exporters: [otlphttp/pharos]}\n    metrics: {receivers: [otlp], exporters: [otlphttp/pharos]}\n    logs:    {receivers: [otlp], exporters: [otlphttp/pharos]}\n`,
      },
    ],
  },
  {
    id: 'otel-sdk',
    name: 'OpenTelemetry SDKs',
    group: 'Everything at once',
    signals: ['metrics', 'logs', 'traces'],
    words: 'otlp java python node javascript go ruby php dotnet rust application instrumentation',
    note: 'These variables are read by the SDKs of every language.',
    snippets: [
      {
        place: 'Environment',
        text: (t) =>
          `OTEL_SERVICE_NAME=my-service\nOTEL_EXPORTER_OTLP_ENDPOINT=${t.url}\nOTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf\nOTEL_EXPORTER_OTLP_HEADERS=Authorization=Bearer%20${t.token}\n`,
      },
    ],
  },
  {
    id: 'agent',
    name: 'Pharos agent',
    group: 'Everything at once',
    signals: ['metrics', 'logs'],
    words: 'files host node_exporter journal tail',
    note: 'The same binary. It reads Promtail’s configuration, keeps a queue on disk and sends each line once.',
    snippets: [
      {
        place: 'agent.yml',
        text: (t) =>
          `clients:\n  - url: ${t.url}/loki/api/v1/push\n    bearer_token: ${t.token}\npositions:\n  filename: /var/lib/pharos-agent/positions.yml\nscrape_configs:\n  - job_name: system\n    static_configs:\n      - targets: [localhost]\n        labels:\n          job: varlogs\n          __path__: /var/log/*.log\n`,
      },
      { place: 'Shell', text: () => 'pharos agent --config agent.yml\n' },
    ],
  },
  {
    id: 'filebeat',
    name: 'Filebeat',
    group: 'Logs',
    signals: ['logs'],
    words: 'elastic elasticsearch beats winlogbeat',
    snippets: [
      {
        place: 'filebeat.yml',
        text: (t) => `output.elasticsearch:\n  hosts: ["${t.url}/elastic"]\n  api_key: "filebeat:${t.token}"\nsetup.template.enabled: false\nsetup.ilm.enabled: false\n`,
      },
    ],
  },
  {
    id: 'fluent-bit',
    name: 'Fluent Bit',
    group: 'Logs',
    signals: ['logs'],
    words: 'fluentd',
    snippets: [
      {
        place: 'fluent-bit.conf',
        text: (t) =>
          `[OUTPUT]\n    name          loki\n    match         *\n    host          ${t.host}\n    port          ${t.port}\n    tls           ${onOff(t.https)}\n    bearer_token  ${t.token}\n    labels        job=fluent-bit\n`,
      },
    ],
  },
  {
    id: 'vector',
    name: 'Vector',
    group: 'Logs',
    signals: ['logs'],
    words: 'datadog timber',
    snippets: [
      {
        place: 'vector.yaml',
        text: (t) =>
          `sinks:\n  pharos:\n    type: loki\n    inputs: ["*"]\n    endpoint: ${t.url}\n    encoding:\n      codec: json\n    labels:\n      job: vector\n    auth:\n      strategy: bearer\n      token: ${t.token}\n`,
      },
    ],
  },
  {
    id: 'logstash',
    name: 'Logstash',
    group: 'Logs',
    signals: ['logs'],
    words: 'elastic elk',
    note: 'Or run the pipeline’s file inside Pharos: name it under pipelines in pharos.yml.',
    snippets: [
      {
        place: 'pipeline.conf',
        text: (t) =>
          `output {\n  elasticsearch {\n    hosts => ["${t.url}"]\n    path => "/elastic"\n    user => "logstash"\n    password => "${t.token}"\n    index => "logs-%{+YYYY.MM.dd}"\n    manage_template => false\n    ilm_enabled => false\n    data_stream => false\n  }\n}\n`,
      },
    ],
  },
  {
    id: 'rsyslog',
    name: 'rsyslog',
    group: 'Logs',
    signals: ['logs'],
    words: 'syslog syslog-ng network devices',
    note: 'Syslog has no credentials: the port belongs to one tenant, and only machines that may send should reach it.',
    probe: '{job="syslog"}',
    snippets: [
      { place: 'pharos.yml', text: () => 'receivers:\n  syslog:\n    tcp: 0.0.0.0:601\n' },
      {
        place: '/etc/rsyslog.d/pharos.conf',
        text: (t) => `action(type="omfwd" target="${t.host}" port="601" protocol="tcp"\n  tcp_framing="octet-counted" template="RSYSLOG_SyslogProtocol23Format")\n`,
      },
    ],
  },
  {
    id: 'docker',
    name: 'Docker',
    group: 'Platforms',
    signals: ['logs'],
    words: 'container compose splunk',
    note: 'Docker’s driver for Splunk speaks to Pharos. For all containers of a machine at once, run the agent with docker_sd_configs.',
    snippets: [
      {
        place: 'Shell',
        text: (t) => `docker run --log-driver splunk \\\n  --log-opt splunk-url=${t.url} \\\n  --log-opt splunk-token=${t.token} \\\n  --log-opt tag={{.Name}} \\\n  IMAGE\n`,
      },
      {
        place: 'compose.yml',
        text: (t) => `services:\n  web:\n    logging:\n      driver: splunk\n      options:\n        splunk-url: ${t.url}\n        splunk-token: ${t.token}\n        tag: "{{.Name}}"\n`,
      },
    ],
  },
  {
    id: 'kubernetes',
    name: 'Kubernetes',
    group: 'Platforms',
    signals: ['metrics', 'logs'],
    words: 'helm k8s pods daemonset prometheus operator',
    note: 'Logs of all pods by Promtail’s chart, metrics by the Prometheus that is there. deploy/kubernetes/agent.yml runs the Pharos agent instead.',
    snippets: [
      {
        place: 'Shell',
        text: (t) =>
          `helm repo add grafana https://grafana.github.io/helm-charts\nhelm upgrade --install promtail grafana/promtail \\\n  --namespace monitoring --create-namespace \\\n  --set "config.clients[0].url=${t.url}/loki/api/v1/push" \\\n  --set "config.clients[0].bearer_token=${t.token}"\nkubectl -n monitoring create secret generic pharos --from-literal=token=${t.token}\n`,
      },
      {
        place: 'prometheus.yaml (Prometheus Operator)',
        text: (t) => `spec:\n  remoteWrite:\n    - url: ${t.url}/api/v1/write\n      authorization:\n        credentials:\n          name: pharos\n          key: token\n`,
      },
    ],
  },
  {
    id: 'zipkin',
    name: 'Zipkin and Jaeger clients',
    group: 'Everything at once',
    signals: ['traces'],
    words: 'spans tracing brave',
    note: 'Jaeger’s native ports (14250, 14268, 6831) are opened under traces.jaeger in pharos.yml.',
    snippets: [{ place: 'Endpoint', text: (t) => `${t.url}/api/v2/spans\nAuthorization: Bearer ${t.token}\n` }],
  },
  {
    id: 'curl',
    name: 'curl',
    group: 'Other',
    signals: ['logs'],
    words: 'shell script test http lines',
    note: 'One line by hand: the quickest proof that the way is open.',
    snippets: [
      { place: 'Shell', text: (t) => `echo "hello from $(hostname)" |\n  curl -fsS -H "Authorization: Bearer ${t.token}" --data-binary @- \\\n  '${t.url}/api/pharos/v1/lines?app=hello'\n` },
    ],
  },
  {
    id: 'sentry',
    name: 'Sentry SDKs',
    group: 'Other',
    signals: [],
    words: 'errors exceptions crash',
    note: 'This version does not take Sentry’s envelopes yet. Until then, send errors as logs or as exception events of spans by OpenTelemetry.',
    snippets: [],
  },
];

/** The sources that a search finds, by name and other words. */
export function findSources(text: string): readonly Source[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return sources.filter((source) => {
    const all = `${source.name} ${source.group} ${source.words ?? ''} ${source.signals.join(' ')}`.toLowerCase();
    return words.every((word) => all.includes(word));
  });
}

/** What the address stands for; undefined when it is none. */
export function targetOf(address: string, token: string): Target | undefined {
  try {
    const url = new URL(address.trim());
    if (url.protocol !== 'http:' && url.protocol !== 'https:') return undefined;
    const https = url.protocol === 'https:';
    return { url: `${url.origin}${url.pathname.replace(/\/+$/, '')}`, host: url.hostname, port: url.port === '' ? (https ? '443' : '80') : url.port, https, token };
  } catch {
    return undefined;
  }
}

