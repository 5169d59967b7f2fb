import { Badge, Group, Text, Title } from '@mantine/core';
import { ArrowDownToLine, CircleX, PhoneIncoming, Radio } from 'lucide-react';
import { Link } from 'react-router';
import { type HouseEvent, useHeard } from '../events.ts';
import { clockTime } from '../format.ts';
import { colors } from '../shared/colors.ts';
import { strings } from '../strings.ts';

const words = strings.home.feed;
const shownEvents = 60;

/** The live panel: what a modality that is being set up has just tried, and what became of it. */
export function ArrivalFeed({ aeTitle }: { readonly aeTitle: string | undefined }) {
  const { events, connected } = useHeard();
  const shown = together(events.filter(({ kind }) => kind in look)).slice(0, shownEvents);
  return (
    <>
      <Group justify="space-between">
        <Title order={2} size="h4" id="arrivals">
          {words.title}
        </Title>
        <Badge color={connected ? colors.good : colors.bad} variant="filled">
          {connected ? words.listening : words.notListening}
        </Badge>
      </Group>
      <Text size="sm" c="dimmed" mb="sm">
        {words.about(aeTitle ?? '…')}
      </Text>
      {shown.length === 0 && <p className="dim">{words.nothing}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <ul className="feed" aria-live="polite" aria-label={words.title} tabIndex={0}>
        {shown.map(({ event, count }) => (
          <Arrival key={event.number} event={event} count={count} />
        ))}
      </ul>
    </>
  );
}

const look: Partial<Record<HouseEvent['kind'], typeof Radio>> = {
  'association-accepted': PhoneIncoming,
  'association-rejected': CircleX,
  echo: Radio,
  instance: ArrowDownToLine,
};

interface Arrived {
  /** The last of them. */
  readonly event: HouseEvent;
  readonly count: number;
}

/** A modality sends hundreds over one association: those of the same fate are one line. */
function together(events: readonly HouseEvent[]): Arrived[] {
  const lines: Arrived[] = [];
  for (const event of events) {
    const last = lines.at(-1);
    const isSame =
      last !== undefined &&
      event.kind === 'instance' &&
      last.event.kind === 'instance' &&
      event.association === last.event.association &&
      event.callingAeTitle === last.event.callingAeTitle &&
      event.address === last.event.address &&
      event.outcome === last.event.outcome &&
      event.reason === last.event.reason;
    if (isSame) lines[lines.length - 1] = { event: last.event, count: last.count + 1 };
    else lines.push({ event, count: 1 });
  }
  return lines;
}

function Arrival({ event, count }: Arrived) {
  const { kind, callingAeTitle, calledAeTitle, address, reason, outcome, door, sopInstanceUid, at } = event;
  const Icon = look[kind] ?? Radio;
  const isBad = kind === 'association-rejected' || outcome === 'refused';
  const who = [callingAeTitle, address].filter((part) => part !== undefined).join(' · ');
  return (
    <li className={isBad ? 's-FAILED' : undefined}>
      <Icon size={18} aria-hidden="true" />
      <span>
        {words.what(kind, outcome, door)}
        {count > 1 && <strong> × {count}</strong>}
      </span>
      <time className="dim nowrap" dateTime={at}>
        {clockTime(at)}
      </time>
      <span className="feed-more">
        {who}
        {calledAeTitle !== undefined && ` ${words.called(calledAeTitle)}`}
        {reason !== undefined && <strong className="s-FAILED"> {reason}</strong>}
        {sopInstanceUid !== undefined && outcome !== 'refused' && (
          <>
            {' '}
            <Link to={`/status/images/${sopInstanceUid}`}>{words.open}</Link>
          </>
        )}
      </span>
    </li>
  );
}
