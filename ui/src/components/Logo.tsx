interface LogoProps {
  size?: number;
}

/** The lighthouse: tower in the text's colour, lamp and beam in amber. */
export function Logo({ size = 22 }: LogoProps) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d="M14.2 6.6 23 3v7.6l-8.8-2.2z" fill="var(--beam)" opacity=".85" />
      <path d="M9.8 6.6 1 3v7.6l8.8-2.2z" fill="var(--beam)" opacity=".3" />
      <path d="M9.2 4.7 12 2.4l2.8 2.3v1H9.2z" fill="currentColor" />
      <rect x="9.9" y="6.1" width="4.2" height="2.8" fill="var(--beam)" />
      <path d="M8.8 9.4h6.4l.5 1.6H8.3zM9.5 11.8h5l1.8 10H7.7z" fill="currentColor" />
      <path d="M9.1 14.2h5.8l.45 2.4H8.65z" fill="var(--rail, var(--panel))" />
    </svg>
  );
}
