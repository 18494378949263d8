package main

// kubernetesCluster reads kube-state-metrics, the kubelet's cAdvisor and its volumes.
func kubernetesCluster() *board {
	b := newBoard("kubernetes-cluster", "Kubernetes cluster", "Nodes, workloads and what they use of the cluster. Reads kube-state-metrics and the kubelet's cAdvisor.", "platform", "kubernetes")
	b.linkTo("Platform", "platform")
	b.ask("namespace", "Namespace", "label_values(container_memory_working_set_bytes, namespace)")
	const pods = `container!="",container!="POD",namespace=~"$namespace"`
	b.stat(4, spec{title: "Nodes ready", help: "Nodes that report Ready, of all.", queries: []query{q(`sum(kube_node_status_condition{condition="Ready",status="true"})`, "ready")}})
	b.stat(4, spec{title: "Pods running", queries: []query{q(`sum(kube_pod_status_phase{phase="Running",namespace=~"$namespace"}) or count(count by (namespace, pod) (container_memory_working_set_bytes{namespace=~"$namespace",pod!=""}))`, "running")}})
	b.stat(4, spec{title: "Pods not running", help: "Pending, failed or unknown.", limits: []limit{{1, "orange"}}, queries: []query{q(`sum(kube_pod_status_phase{phase=~"Pending|Failed|Unknown",namespace=~"$namespace"})`, "not running")}})
	b.stat(4, spec{title: "Restarts in an hour", limits: above(1, 10), queries: []query{q(`sum(increase(kube_pod_container_status_restarts_total{namespace=~"$namespace"}[1h]))`, "restarts")}})
	b.stat(4, spec{title: "CPU used", help: "Cores, by all containers.", unit: "cores", queries: []query{q(`sum(rate(container_cpu_usage_seconds_total{namespace=~"$namespace",pod!=""}[$__rate_interval]))`, "cores")}})
	b.stat(4, spec{title: "Memory used", help: "Working set of all containers: what counts towards their limits.", unit: "bytes", queries: []query{q(`sum(container_memory_working_set_bytes{namespace=~"$namespace",pod!=""})`, "memory")}})

	b.row("Capacity")
	b.gauge(6, spec{title: "CPU requested", help: "Of what nodes can give.", unit: "percentunit", max: 1, limits: above(0.8, 0.95), queries: []query{q(`sum(kube_pod_container_resource_requests{resource="cpu"}) / sum(kube_node_status_allocatable{resource="cpu"})`, "requested")}})
	b.gauge(6, spec{title: "Memory requested", help: "Of what nodes can give.", unit: "percentunit", max: 1, limits: above(0.8, 0.95), queries: []query{q(`sum(kube_pod_container_resource_requests{resource="memory"}) / sum(kube_node_status_allocatable{resource="memory"})`, "requested")}})
	b.gauge(6, spec{title: "Pods of what fits", unit: "percentunit", max: 1, limits: above(0.8, 0.95), queries: []query{q(`sum(kubelet_running_pods) / sum(kube_node_status_allocatable{resource="pods"})`, "pods")}})
	b.gauge(6, spec{title: "Fullest volume", unit: "percentunit", max: 1, limits: above(0.8, 0.95), queries: []query{q(`max(1 - kubelet_volume_stats_available_bytes / kubelet_volume_stats_capacity_bytes)`, "used")}})
	b.states(24, 6, spec{title: "Nodes", help: "Ready or not, over time.", limits: []limit{{1, "green"}}, queries: []query{q(`min by (node) (kube_node_status_condition{condition="Ready",status="true"})`, "{{node}}")}}, "Not ready", "Ready")

	b.row("Workloads")
	b.areas(12, spec{title: "CPU by namespace", unit: "cores", queries: []query{q(`sum by (namespace) (rate(container_cpu_usage_seconds_total{namespace=~"$namespace",pod!=""}[$__rate_interval]))`, "{{namespace}}")}})
	b.areas(12, spec{title: "Memory by namespace", unit: "bytes", queries: []query{q(`sum by (namespace) (container_memory_working_set_bytes{namespace=~"$namespace",pod!=""})`, "{{namespace}}")}})
	b.lines(12, spec{title: "CPU by pod", help: "The ten that use most.", unit: "cores", queries: []query{q(`topk(10, sum by (namespace, pod) (rate(container_cpu_usage_seconds_total{namespace=~"$namespace",pod!=""}[$__rate_interval])))`, "{{pod}}")}})
	b.lines(12, spec{title: "Memory by pod", help: "The ten that use most.", unit: "bytes", queries: []query{q(`topk(10, sum by (namespace, pod) (container_memory_working_set_bytes{namespace=~"$namespace",pod!=""}))`, "{{pod}}")}})
	b.lines(12, spec{title: "CPU throttled", help: "Share of periods in which a container had to wait for its limit.", unit: "percentunit", limits: above(0.25, 0.5), queries: []query{q(`topk(10, sum by (pod) (rate(container_cpu_cfs_throttled_periods_total{`+pods+`}[$__rate_interval])) / sum by (pod) (rate(container_cpu_cfs_periods_total{`+pods+`}[$__rate_interval])))`, "{{pod}}")}})
	b.lines(12, spec{title: "Memory of the limit", help: "At 100 % a container is killed.", unit: "percentunit", limits: above(0.85, 0.95), queries: []query{q(`topk(10, sum by (namespace, pod) (container_memory_working_set_bytes{`+pods+`}) / sum by (namespace, pod) (kube_pod_container_resource_limits{resource="memory",namespace=~"$namespace"}))`, "{{pod}}")}})
	b.table(24, 9, "Pods", "What each pod uses now.", []column{{query: q("namespace", ""), heading: "Namespace"}, {query: q("pod", ""), heading: "Pod"}}, []column{
		{query: q(`sum by (namespace, pod) (rate(container_cpu_usage_seconds_total{namespace=~"$namespace",pod!=""}[5m]))`, ""), heading: "CPU", unit: "cores"},
		{query: q(`sum by (namespace, pod) (container_memory_working_set_bytes{namespace=~"$namespace",pod!=""})`, ""), heading: "Memory", unit: "bytes"},
		{query: q(`sum by (namespace, pod) (increase(kube_pod_container_status_restarts_total{namespace=~"$namespace"}[24h]))`, ""), heading: "Restarts in a day", unit: "short", limits: above(1, 5)},
	})

	b.row("Network and trouble")
	b.lines(12, spec{title: "Received by pod", unit: "binBps", queries: []query{q(`topk(10, sum by (pod) (rate(container_network_receive_bytes_total{namespace=~"$namespace"}[$__rate_interval])))`, "{{pod}}")}})
	b.lines(12, spec{title: "Sent by pod", unit: "binBps", queries: []query{q(`topk(10, sum by (pod) (rate(container_network_transmit_bytes_total{namespace=~"$namespace"}[$__rate_interval])))`, "{{pod}}")}})
	b.lines(12, spec{title: "Restarts", queries: []query{q(`sum by (namespace, pod) (increase(kube_pod_container_status_restarts_total{namespace=~"$namespace"}[10m])) > 0`, "{{namespace}}/{{pod}}")}})
	b.lines(12, spec{title: "Containers that wait", help: "By the reason that the kubelet gives, such as CrashLoopBackOff.", queries: []query{q(`sum by (reason) (kube_pod_container_status_waiting_reason{namespace=~"$namespace"})`, "{{reason}}")}})
	return b
}
