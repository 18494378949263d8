//go:build !linux

package agent

func releaseExecutable() error { return nil }
