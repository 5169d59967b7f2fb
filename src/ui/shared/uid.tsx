import { Anchor } from '@mantine/core';
import { Link } from 'react-router';

/** A UID or id, cut short where there is no room; whole in its title. */
export function Uid({ value, to }: { readonly value: string; readonly to?: string }) {
  if (to === undefined) {
    return (
      <span className="uid" title={value}>
        {value}
      </span>
    );
  }
  return (
    <Anchor component={Link} to={to} className="uid" title={value}>
      {value}
    </Anchor>
  );
}
