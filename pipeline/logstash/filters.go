package logstash

// Filters names the filters: one line each.
func Filters() map[string]Factory {
	return map[string]Factory{
		"clone":   newClone,
		"drop":    newDrop,
		"json":    newJSON,
		"metrics": newMetricsFilter,
		"mutate":  newMutate,
		"ruby":    newRuby,
		"sleep":   newSleep,
		"split":   newSplit,
		"uuid":    newUUID,
	}
}
