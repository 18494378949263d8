import { Button, type ButtonProps } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Place } from '@/lib/links';

interface LinkButtonProps extends ButtonProps {
  place: Place;
  children: ReactNode;
}

/** A link to a place in the application that looks like a button. */
export function LinkButton({ place, ...rest }: LinkButtonProps) {
  return <Button {...rest} renderRoot={(props) => <PlaceLink place={place} {...props} />} />;
}

interface PlaceLinkProps {
  place: Place;
  className?: string;
  children?: ReactNode;
}

/** A link to a place in the application. */
export function PlaceLink({ place, ...rest }: PlaceLinkProps) {
  // Pages are data (app/pages.ts), so the router has no types of their searches; lib/links.ts keeps them.
  return <Link to={place.to} search={place.search as never} {...rest} />;
}
