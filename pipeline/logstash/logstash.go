// Package logstash reads Logstash's pipeline configurations and runs their filters as
// stages of package pipeline.
//
// A configuration is parsed to a tree (File), checked and compiled: its filter sections
// become a pipeline.Chain, one for each worker, its output sections a Router. Inputs,
// codecs and outputs are named by the tree and built by whoever runs a pipeline.
//
// An event is a document in pipeline.Event.Fields; @timestamp is pipeline.Event.Time;
// @metadata lies among the fields and never leaves the process; text is in "message".
package logstash
