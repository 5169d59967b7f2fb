import { Badge, Group, Text, Title } from '@mantine/core';
import { ArrowDownToLine, CircleX, PhoneIncoming, Radio } from 'lucide-react';
import { Link } from 'react-router';
import type { Schemas } from '../api.ts';
import { useHeard } from '../events.ts';
import { clockTime } from '../format.ts';
import { colors } from '../shared/colors.ts';
import { strings } from '../strings.ts';
import type { Arrived } from './arrivals.ts';

const words = strings.home.feed;

/** The live panel: what a modality that is being set up has just tried, and what became of it. */
export function ArrivalFeed({ aeTitle }: { readonly aeTitle: string | undefined }) {
  const { arrivals, connected, missed } = useHeard();
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
      {arrivals.length === 0 && <p className="dim">{words.nothing}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard */}
      <ul className="feed" aria-live="polite" aria-label={words.title} tabIndex={0}>
        {arrivals.map(({ id, event, count }) => (
          <Arrival key={id} event={event} count={count} />
        ))}
      </ul>
      {missed > 0 && (
        <Text size="sm" c="dimmed">
          {words.missed(missed)}
        </Text>
      )}
    </>
  );
}

const look: Partial<Record<Schemas['HouseEvent']['kind'], typeof Radio>> = {
  'association-accepted': PhoneIncoming,
  'association-rejected': CircleX,
  echo: Radio,
  instance: ArrowDownToLine,
};

function Arrival({ event, count }: Omit<Arrived, 'id'>) {
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
