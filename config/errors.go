package config

import "errors"

// CheckError says that a native file that pharos.yml names is wrong. Its text has
// every problem with its place.
type CheckError struct{ Err error }

func (e *CheckError) Error() string { return e.Err.Error() }
func (e *CheckError) Unwrap() error { return e.Err }

// StartError says that settings are right each but must not be started with: no
// authentication on a public address, too little memory.
type StartError struct{ Err error }

func (e *StartError) Error() string { return e.Err.Error() }
func (e *StartError) Unwrap() error { return e.Err }

// checked wraps what Check found.
func checked(errs ...error) error {
	if err := errors.Join(errs...); err != nil {
		return &CheckError{Err: err}
	}
	return nil
}
