import { useEffect, useRef } from 'react';
import { NavLink, useLocation } from 'react-router';

interface Tab {
  readonly to: string;
  readonly label: string;
  /** Of what it leads to, in words. */
  readonly count?: string | undefined;
}

/** Links to places beside each other, in a row that scrolls where it is too narrow. */
export function Tabs({ label, tabs }: { readonly label: string; readonly tabs: readonly Tab[] }) {
  const row = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: counts make tabs wider when they come
  useEffect(() => {
    const nav = row.current;
    const active = nav?.querySelector<HTMLElement>(
      `a[href$="${CSS.escape(pathname.split('/').slice(0, 3).join('/'))}"]`,
    );
    if (nav && active) nav.scrollLeft = active.offsetLeft - (nav.clientWidth - active.clientWidth) / 2;
  }, [pathname, tabs]);
  return (
    <nav ref={row} className="tabs" aria-label={label}>
      {tabs.map(({ to, label: name, count }) => (
        <NavLink key={to} to={to} className="tab">
          {name}
          {count !== undefined && <span className="tab-count">{count}</span>}
        </NavLink>
      ))}
    </nav>
  );
}
