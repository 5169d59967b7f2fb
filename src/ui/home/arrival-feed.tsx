import { Badge, Group, Text, Title } from '@mantine/core';
import { ArrowDownToLine, CircleX, PhoneIncoming, Radio } from 'lucide-react';
import { Link } from 'react-router';
import { type HouseEvent, useHeard } from '../events.ts';
import { clockTime } from '../format.ts';
import { strings } from '../strings.ts';

const words = strings.home.feed;
const shownEvents = 60;

/** The live panel: what a modality that is being set up has just tried, and what became of it. */
export function ArrivalFeed({ aeTitle }: { readonly aeTitle: string | undefined }) {
  const { events, connected } = useHeard();
  const shown = events.filter(({ kind }) => kind in look).slice(0, shownEvents);
  return (
    <>
      <Group justify="space-between">
        <Title order={2} size="h4" id="arrivals">
          {words.title}
        </Title>
        <Badge color={connected ? 'green.9' : 'red.9'} variant="filled">
          {connected ? words.listening : words.notListening}
        </Badge>
      </Group>
      <Text size="sm" c="dimmed" mb="sm">
        {words.about(aeTitle ?? '…')}
      </Text>
      {shown.length === 0 && <p className="dim">{words.nothing}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <ul className="feed" aria-live="polite" aria-label={words.title} tabIndex={0}>
        {shown.map((event) => (
          <Arrival key={event.number} event={event} />
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

function Arrival({ event }: { readonly event: HouseEvent }) {
  const { kind, callingAeTitle, calledAeTitle, address, reason, outcome, door, sopInstanceUid, at } = event;
  const Icon = look[kind] ?? Radio;
  const isBad = kind === 'association-rejected' || outcome === 'refused';
  const who = [callingAeTitle, address].filter((part) => part !== undefined).join(' · ');
  return (
    <li className={isBad ? 's-FAILED' : undefined}>
      <Icon size={18} aria-hidden="true" />
      <span>{words.what(kind, outcome, door)}</span>
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
