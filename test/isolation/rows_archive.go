package isolation

// archiveExempt are the routes of the archive, which is off in the processes that the
// rows run against.
func archiveExempt() map[string]string {
	const own = "tells of the caller's own hours and jobs, proven in api/archive"
	const path = "/api/pharos/v1/archive"
	return map[string]string{
		"GET " + path:               own,
		"GET " + path + "/restore":  own,
		"POST " + path + "/restore": own,
		"POST " + path + "/run":     "concerns the process, which is the default tenant's: app.ownerOnly",
	}
}
