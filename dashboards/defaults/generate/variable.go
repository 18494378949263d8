package main

import "strings"

// ask adds a variable of many values that PromQL or Loki's labels answer; its "All" is a
// pattern that fits everything, so that a long list does not become a long query.
func (b *board) ask(name, label, query string) {
	datasource := prometheus
	var q any = object{"query": query, "refId": "PrometheusVariableQueryEditor-VariableQuery", "qryType": 1}
	if stream, isLoki := strings.CutPrefix(query, "loki:"); isLoki {
		datasource = loki
		selector, of, _ := strings.Cut(stream, " by ")
		q = object{"type": 1, "label": of, "stream": selector, "refId": "LokiVariableQueryEditor-VariableQuery"}
		query = ""
	}
	b.variables = append(b.variables, object{
		"type": "query", "name": name, "label": label, "datasource": datasource, "query": q, "definition": query, "refresh": 2, "sort": 1,
		"multi": true, "includeAll": true, "allValue": ".*", "hide": 0, "regex": "", "skipUrlSync": false, "options": []any{},
		"current": object{"selected": true, "text": []string{"All"}, "value": []string{"$__all"}},
	})
}

// text adds a variable that people type.
func (b *board) text(name, label, value string) {
	b.variables = append(b.variables, object{
		"type": "textbox", "datasource": nil, "name": name, "label": label, "query": value, "hide": 0, "skipUrlSync": false,
		"options": []object{{"selected": true, "text": value, "value": value}}, "current": object{"selected": true, "text": value, "value": value},
	})
}
