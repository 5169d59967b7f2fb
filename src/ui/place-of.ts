import { strings } from './strings.ts';

export interface Place {
  /** Under which of the pages it lies; undefined for what is none. */
  readonly section: string;
  /** Of the tab of the browser: without names of patients, as others see it. */
  readonly title: string;
}

const levels = ['images', 'series', 'studies', 'patients', 'graphs', 'tasks'] as const;
const sections = Object.keys(strings.config.tabs) as (keyof typeof strings.config.tabs)[];

/** Where a path leads, without a name or id of what is there. */
export function placeOf(pathname: string): Place {
  const [section = '', part = '', ...below] = pathname.split('/').slice(1);
  return {
    section,
    title: [nameOf(section, part, below.length > 0), pageOf(section), strings.product].filter(Boolean).join(' · '),
  };
}

function pageOf(section: string): string | undefined {
  return section in strings.places && section !== 'home'
    ? strings.places[section as keyof typeof strings.places]
    : undefined;
}

function nameOf(section: string, part: string, isOne: boolean): string | undefined {
  if (section === 'config') {
    const tab = sections.find((name) => name === part);
    return tab && strings.config.tabs[tab];
  }
  if (section !== 'status') return undefined;
  if (part === 'patient') return strings.status.patients.singular;
  const level = levels.find((name) => name === part);
  return level && strings.status[level][isOne ? 'singular' : 'plural'];
}
