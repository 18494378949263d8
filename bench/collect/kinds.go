package main

import (
	"fmt"
	"time"
)

// kind is a form of lines with the stages that people put on it.
type kind struct {
	name   string
	stages string
	line   func(i int, at time.Time) string
}

var kinds = []kind{
	{"plain", "", func(i int, at time.Time) string {
		return fmt.Sprintf("%s web-%d INFO request %d of customer c%d took %d ms and answered 200 with %d bytes\n", at.Format(time.RFC3339Nano), i%7, i, i%1000, i%313, i%70000)
	}},
	{"JSON", `    pipeline_stages:
      - json: {expressions: {level: level, ts: timestamp, service: service}}
      - labels: {level: , service: }
      - timestamp: {source: ts, format: RFC3339Nano}
`, func(i int, at time.Time) string {
		return fmt.Sprintf(`{"timestamp":%q,"level":%q,"service":"shop-%d","trace_id":"%032x","message":"Event processed successfully","processing_time_ms":%d,"metadata":{"tracking_id":"ABC%d","carrier":"fedex"}}`+"\n",
			at.Format(time.RFC3339Nano), []string{"INFO", "INFO", "WARN", "ERROR"}[i%4], i%5, i, i%997, i)
	}},
	{"CRI", "    pipeline_stages:\n      - cri: {}\n", func(i int, at time.Time) string {
		tag := "F"
		if i%10 == 0 {
			tag = "P" // completed by the next
		}
		return fmt.Sprintf("%s stdout %s request %d of customer c%d took %d ms and answered 200 with %d bytes\n", at.Format(time.RFC3339Nano), tag, i, i%1000, i%313, i%70000)
	}},
}

// entries is how many entries come of n lines.
func (k kind) entries(n int) int {
	if k.name != "CRI" {
		return n
	}
	return n - (n+9)/10
}
