package logstash

// Filters names the filters: one line each.
func Filters() map[string]Factory {
	return map[string]Factory{}
}
