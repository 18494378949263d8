package rowstore

// Ready returns nil when the store takes writes, ErrReadOnly when the disk is too
// full and ErrClosed after Close.
func (s *Store) Ready() error {
	if err := s.enter(); err != nil {
		return err
	}
	defer s.leave()
	if s.engine.IsReadOnly() {
		return ErrReadOnly
	}
	return nil
}
