// Package v1 is Pharos' own HTTP API, /api/pharos/v1: what no dialect of the
// systems that it replaces has. Answers are JSON; errors have the shape of
// httpx.Error.
package v1
