package isolation

// pipelineExempt are the routes of pipelines.
func pipelineExempt() map[string]string {
	const path = "/api/pharos/v1/pipelines"
	return map[string]string{
		"GET " + path:            "lists the pipelines that write into the caller's tenant, proven in api/pipelines",
		"POST " + path + "/test": "answers from the request alone; files and environment are the default tenant's, proven in api/pipelines",
	}
}
