export function PlaylistClock() {
  return null;
}
