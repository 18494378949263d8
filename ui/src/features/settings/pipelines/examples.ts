import type { Dialect } from '@/api/pipelines';

interface Example {
  config: string;
  lines: string;
}

/** What the bench begins with: small, and with one line that goes wrong, so that the result shows how that looks. */
export const examples: Record<Dialect, Example> = {
  logstash: {
    config: `filter {
  grok {
    match => { "message" => "%{LOGLEVEL:[log][level]} %{WORD:[service][name]} took %{NUMBER:took_ms}ms" }
  }
  if "_grokparsefailure" not in [tags] {
    mutate {
      convert      => { "took_ms" => "integer" }
      lowercase    => [ "[log][level]" ]
      remove_field => [ "message", "event" ]
    }
  }
  if [log][level] == "debug" {
    drop { }
  }
}
`,
    lines: 'INFO checkout took 125ms\nDEBUG checkout took 3ms\nERROR payment took 2041ms\nsomething else entirely\n',
  },
  promtail: {
    config: `- logfmt:
    mapping:
      level:
      took:
- labels:
    level:
- match:
    selector: '{level="debug"}'
    action: drop
- structured_metadata:
    took:
`,
    lines: 'level=info msg="order placed" took=125ms\nlevel=debug msg="cache hit" took=3ms\nno fields in here\n',
  },
};
