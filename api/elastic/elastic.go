// Package elastic is Elasticsearch's HTTP API but for writing documents, which is
// receiver/elastic. Admin is the administrative side: what shippers and clients ask
// and set before they write (templates, lifecycle policies, aliases, data streams,
// the cluster's state). Search answers questions about documents.
//
// There is no mapping and there are no shards: what concerns only these is kept and
// given back, and has no effect. What has an effect, retention above all, is honoured
// or refused, never accepted in silence.
package elastic
