package main

// node reads what node_exporter, or the Pharos agent on a host, exports.
func node() *board {
	b := newBoard("node", "Hosts", "CPU, memory, disks and network of each host. Reads node_exporter, which the Pharos agent has inside.", "platform", "host")
	b.linkTo("Platform", "platform")
	b.ask("instance", "Host", "label_values(node_uname_info, instance)")
	const host = `instance=~"$instance"`
	const disks = host + `,fstype!~"tmpfs|overlay|squashfs|ramfs|nsfs",mountpoint!~"/(run|sys|proc|snap).*"`
	b.gauge(6, spec{title: "CPU", help: "Of the busiest host.", unit: "percentunit", max: 1, limits: above(0.8, 0.95), queries: []query{q(`max(1 - avg by (instance) (rate(node_cpu_seconds_total{`+host+`,mode="idle"}[$__rate_interval])))`, "CPU")}})
	b.gauge(6, spec{title: "Memory", help: "Of the fullest host; what the kernel can give back does not count.", unit: "percentunit", max: 1, limits: above(0.85, 0.95), queries: []query{q(`max(1 - node_memory_MemAvailable_bytes{`+host+`} / node_memory_MemTotal_bytes{`+host+`})`, "memory")}})
	b.gauge(6, spec{title: "Fullest disk", unit: "percentunit", max: 1, limits: above(0.8, 0.9), queries: []query{q(`max(1 - node_filesystem_avail_bytes{`+disks+`} / node_filesystem_size_bytes{`+disks+`})`, "used")}})
	b.gauge(6, spec{title: "Load by core", help: "Over five minutes: above 1, work waits.", max: 2, limits: above(1, 1.5), queries: []query{q(`max(node_load5{`+host+`} / on (instance) count by (instance) (node_cpu_seconds_total{`+host+`,mode="idle"}))`, "load")}})
	b.areas(12, spec{title: "CPU by use", help: "Mean of the hosts.", unit: "percentunit", max: 1, queries: []query{q(`avg by (mode) (rate(node_cpu_seconds_total{`+host+`,mode!="idle"}[$__rate_interval]))`, "{{mode}}")}})
	b.lines(12, spec{title: "CPU by host", unit: "percentunit", max: 1, limits: above(0.8, 0.95), queries: []query{q(`1 - avg by (instance) (rate(node_cpu_seconds_total{`+host+`,mode="idle"}[$__rate_interval]))`, "{{instance}}")}})
	b.lines(12, spec{title: "Memory used", unit: "bytes", queries: []query{q(`node_memory_MemTotal_bytes{`+host+`} - node_memory_MemAvailable_bytes{`+host+`}`, "{{instance}}")}})
	b.lines(12, spec{title: "Pressure", help: "Share of time in which some task waited for it.", unit: "percentunit", queries: []query{
		q(`max(rate(node_pressure_cpu_waiting_seconds_total{`+host+`}[$__rate_interval]))`, "CPU"),
		q(`max(rate(node_pressure_memory_waiting_seconds_total{`+host+`}[$__rate_interval]))`, "memory"),
		q(`max(rate(node_pressure_io_waiting_seconds_total{`+host+`}[$__rate_interval]))`, "disk"),
	}})
	b.row("Disks")
	b.bars(12, 9, spec{title: "Disk space used", unit: "percentunit", max: 1, limits: above(0.8, 0.9), queries: []query{q(`topk(12, 1 - node_filesystem_avail_bytes{`+disks+`} / node_filesystem_size_bytes{`+disks+`})`, "{{instance}} {{mountpoint}}")}})
	b.bars(12, 9, spec{title: "Days until full", help: "If the last six hours go on.", unit: "d", limits: []limit{{0, "red"}, {3, "orange"}, {14, "green"}}, queries: []query{q(`bottomk(12, (node_filesystem_avail_bytes{`+disks+`} / (-deriv(node_filesystem_avail_bytes{`+disks+`}[6h]) > 0)) / 86400)`, "{{instance}} {{mountpoint}}")}})
	b.lines(12, spec{title: "Read and written", unit: "binBps", queries: []query{
		q(`sum by (instance) (rate(node_disk_read_bytes_total{`+host+`}[$__rate_interval]))`, "{{instance}} read"),
		q(`sum by (instance) (rate(node_disk_written_bytes_total{`+host+`}[$__rate_interval]))`, "{{instance}} written"),
	}})
	b.lines(12, spec{title: "Disk busy", help: "Share of time in which the device worked.", unit: "percentunit", max: 1, queries: []query{q(`max by (instance, device) (rate(node_disk_io_time_seconds_total{`+host+`}[$__rate_interval]))`, "{{instance}} {{device}}")}})
	b.row("Network")
	const cards = host + `,device!~"lo|veth.*|docker.*|br-.*|cni.*|flannel.*|cali.*"`
	b.lines(12, spec{title: "Traffic", unit: "binBps", queries: []query{
		q(`sum by (instance) (rate(node_network_receive_bytes_total{`+cards+`}[$__rate_interval]))`, "{{instance}} in"),
		q(`sum by (instance) (rate(node_network_transmit_bytes_total{`+cards+`}[$__rate_interval]))`, "{{instance}} out"),
	}})
	b.lines(12, spec{title: "Errors and drops", unit: "pps", queries: []query{
		q(`sum by (instance) (rate(node_network_receive_errs_total{`+cards+`}[$__rate_interval]) + rate(node_network_transmit_errs_total{`+cards+`}[$__rate_interval]))`, "{{instance}} errors"),
		q(`sum by (instance) (rate(node_network_receive_drop_total{`+cards+`}[$__rate_interval]) + rate(node_network_transmit_drop_total{`+cards+`}[$__rate_interval]))`, "{{instance}} drops"),
	}})
	return b
}

// containers reads cAdvisor, by the names that it gives containers outside Kubernetes
// too.
func containers() *board {
	b := newBoard("containers", "Containers", "What each container uses. Reads cAdvisor, alone or of the kubelet.", "platform", "container")
	b.linkTo("Platform", "platform")
	b.ask("pod", "Pod or container", `query_result(group by (pod) (container_memory_working_set_bytes{pod!=""}) or label_replace(group by (name) (container_memory_working_set_bytes{name!="",pod=""}), "pod", "$1", "name", "(.+)"))`)
	b.variables[0]["regex"] = `/pod="([^"]+)"/`
	b.stat(6, spec{title: "Containers", queries: []query{q(`count(count by (pod, name, container) (container_memory_working_set_bytes{pod=~"$pod"}))`, "containers")}})
	b.stat(6, spec{title: "CPU", unit: "cores", queries: []query{q(`sum(rate(container_cpu_usage_seconds_total{pod=~"$pod"}[$__rate_interval]))`, "cores")}})
	b.stat(6, spec{title: "Memory", unit: "bytes", queries: []query{q(`sum(container_memory_working_set_bytes{pod=~"$pod"})`, "memory")}})
	b.stat(6, spec{title: "Network", unit: "binBps", queries: []query{q(`sum(rate(container_network_receive_bytes_total{pod=~"$pod"}[$__rate_interval])) + sum(rate(container_network_transmit_bytes_total{pod=~"$pod"}[$__rate_interval]))`, "in and out")}})
	b.areas(12, spec{title: "CPU", unit: "cores", queries: []query{q(`sum by (pod) (rate(container_cpu_usage_seconds_total{pod=~"$pod",pod!=""}[$__rate_interval]))`, "{{pod}}"), q(`sum by (name) (rate(container_cpu_usage_seconds_total{pod="",name!=""}[$__rate_interval]))`, "{{name}}")}})
	b.areas(12, spec{title: "Memory", unit: "bytes", queries: []query{q(`sum by (pod) (container_memory_working_set_bytes{pod=~"$pod",pod!=""})`, "{{pod}}"), q(`sum by (name) (container_memory_working_set_bytes{pod="",name!=""})`, "{{name}}")}})
	b.lines(12, spec{title: "Received", unit: "binBps", queries: []query{q(`sum by (pod, name) (rate(container_network_receive_bytes_total{pod=~"$pod"}[$__rate_interval]))`, "{{pod}}{{name}}")}})
	b.lines(12, spec{title: "Sent", unit: "binBps", queries: []query{q(`sum by (pod, name) (rate(container_network_transmit_bytes_total{pod=~"$pod"}[$__rate_interval]))`, "{{pod}}{{name}}")}})
	b.lines(12, spec{title: "Read from and written to disks", unit: "binBps", queries: []query{
		q(`sum by (pod, name) (rate(container_fs_reads_bytes_total{pod=~"$pod"}[$__rate_interval]))`, "{{pod}}{{name}} read"),
		q(`sum by (pod, name) (rate(container_fs_writes_bytes_total{pod=~"$pod"}[$__rate_interval]))`, "{{pod}}{{name}} written"),
	}})
	b.lines(12, spec{title: "Killed for lack of memory", queries: []query{q(`sum by (pod, name) (increase(container_oom_events_total{pod=~"$pod"}[10m])) > 0`, "{{pod}}{{name}}")}})
	b.row("Logs")
	b.logs(10, "Lines of the pods", "What the chosen pods wrote.", `{pod=~"$pod", pod=~".+"}`+messages)
	return b
}
