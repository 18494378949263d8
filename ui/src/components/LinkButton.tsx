import { Button, type ButtonProps } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Place } from '@/lib/links';
import type { RawSearch } from '@/lib/search';
import { searchOf, useSearchScope } from '@/lib/searchScope';

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
  const scope = useSearchScope();
  // Pages are data (app/pages.ts), so the router has no types of their searches; lib/links.ts keeps them.
  return <Link to={place.to} search={((before: RawSearch) => searchOf(place, scope, before)) as never} {...rest} />;
}
