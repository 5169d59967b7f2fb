import { ActionIcon, Tooltip, useMantineColorScheme } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Activity, House, MonitorCog, Moon, Settings2, Sun, Upload } from 'lucide-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { NavLink, useLocation, useNavigationType } from 'react-router';
import { answered, api, apiUrl } from './api.ts';
import { useHeard } from './events.ts';
import { placeOf } from './place-of.ts';
import { strings } from './strings.ts';

const places = [
  { to: '/', label: strings.places.home, Icon: House },
  { to: '/status', label: strings.places.status, Icon: Activity },
  { to: '/config', label: strings.places.config, Icon: Settings2 },
  { to: '/upload', label: strings.places.upload, Icon: Upload },
] as const;

/** What stands around every page: where one is, and where one can go. */
export function Shell({ children }: { readonly children: ReactNode }) {
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const way = useNavigationType();
  const shown = useRef<string>(undefined);
  useEffect(() => {
    document.title = placeOf(pathname).title;
    const before = shown.current;
    shown.current = pathname;
    // What leads on by itself, as to the first of several tables, is the same step.
    if (before === undefined || before === pathname || way === 'REPLACE') return;
    // Who uses the keyboard or a screen reader goes on at the new page.
    main.current?.focus({ preventScroll: true });
    // Who goes back is where they were.
    if (way === 'PUSH') window.scrollTo(0, 0);
  }, [pathname, way]);
  return (
    <div className="shell">
      <button type="button" className="skip" onClick={() => main.current?.focus()}>
        {strings.shell.skip}
      </button>
      <header className="top">
        <NavLink to="/" className="brand" aria-label={strings.shell.toHome}>
          <img src={apiUrl('favicon.svg')} alt="" width="28" height="28" />
          <span>{strings.product}</span>
        </NavLink>
        <nav className="places" aria-label={strings.shell.places}>
          {places.map(({ to, label, Icon }) => (
            <NavLink key={to} to={to} end={to === '/'} className="place">
              <Icon size={18} aria-hidden="true" />
              <span>{label}</span>
            </NavLink>
          ))}
        </nav>
        <div className="top-end">
          <Live />
          <SchemeButton />
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

function Live() {
  const { connected } = useHeard();
  const { data } = useQuery({
    queryKey: ['status'],
    queryFn: ({ signal }) => answered(api.GET('/api/status', { signal })),
  });
  return (
    <span className="live">
      {data && <span className="live-title">{data.aeTitle}</span>}
      <span className={connected ? 'dot dot-on' : 'dot'} aria-hidden="true" />
      <span className="live-word" role="status">
        {connected ? strings.shell.live : strings.shell.notLive}
      </span>
    </span>
  );
}

const nextScheme = { auto: 'light', light: 'dark', dark: 'auto' } as const;
const schemeIcons = { auto: MonitorCog, light: Sun, dark: Moon } as const;

function SchemeButton() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const Icon = schemeIcons[colorScheme];
  const label = strings.shell.scheme[colorScheme];
  return (
    <Tooltip label={label}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={label}
        onClick={() => setColorScheme(nextScheme[colorScheme])}
      >
        <Icon size={18} aria-hidden="true" />
      </ActionIcon>
    </Tooltip>
  );
}
