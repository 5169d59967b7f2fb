import { Badge, Group, NativeSelect, Text } from '@mantine/core';
import { useState } from 'react';
import { answered, api, type Schemas } from '../api.ts';
import { bytes, moment } from '../format.ts';
import { colors } from '../shared/colors.ts';
import type { Column } from '../shared/data-table.tsx';
import { Pager } from '../shared/pager.tsx';
import { TableCard } from '../shared/table-card.tsx';
import { Uid } from '../shared/uid.tsx';
import { useTablePage } from '../shared/use-table-page.ts';
import { strings } from '../strings.ts';
import { useDeliveries } from './use-deliveries.ts';
import { WhyNot } from './why-not.tsx';

const words = strings.ledger;

type Delivery = Schemas['Delivery'];

const columns: readonly Column<Delivery>[] = [
  { header: strings.columns.publisher, cell: ({ publisher }) => publisher },
  { header: words.image, cell: ({ sopInstanceUid: uid }) => <Uid value={uid} to={`/status/images/${uid}`} /> },
  { header: strings.columns.status, className: 'nowrap', cell: (delivery) => <Fate of={delivery} /> },
  { header: words.sentAt, className: 'nowrap', cell: ({ sentAt }) => moment(sentAt) },
  { header: words.answer, className: 'words', cell: ({ answer }) => answer },
  {
    header: words.confirmation,
    className: 'words',
    cell: ({ confirmedAt, confirmation }) => (
      <>
        {confirmedAt !== undefined && <span className="nowrap">{moment(confirmedAt)}</span>} {confirmation}
      </>
    ),
  },
  { header: words.sent, cell: ({ sopInstanceUid, sent }) => <Sent of={sent} as={sopInstanceUid} /> },
  {
    header: strings.columns.graph,
    cell: ({ graph }) => graph !== undefined && <Uid value={graph} to={`/status/graphs/${graph}`} />,
  },
];

interface LedgerProps {
  readonly study: string;
  readonly series?: string;
  readonly instance?: string;
}

/** What left of a study, or of a part of it, image by image: when, as what, and what the receiver said. */
export function Ledger({ study, series, instance }: LedgerProps) {
  const [publisher, choose] = useState('');
  const [page, go] = useState({ offset: 0, limit: 25 });
  const query = {
    study,
    ...(series !== undefined && { series }),
    ...(instance !== undefined && { instance }),
    ...(publisher !== '' && { publisher }),
    ...page,
  };
  const { error, table, pager } = useTablePage({
    queryKey: ['deliveries', 'ledger', query],
    page,
    read: (signal) => answered(api.GET('/api/deliveries', { params: { query }, signal })),
  });
  const names = useDeliveries(study).data?.publishers.map((one) => one.publisher) ?? [];
  const isPart = series !== undefined;
  return (
    <TableCard
      id="ledger"
      caption={words.title}
      title={isPart ? strings.deliveries.title : words.title}
      error={error}
      columns={columns}
      {...table}
      keyOf={({ publisher: to, sopInstanceUid, sentAt, sent }) => `${to} ${sopInstanceUid} ${sentAt} ${sent?.sha256}`}
      empty={words.nothing}
    >
      {pager && (
        <>
          <Pager {...pager} go={go} />
          {names.length > 1 && (
            <Group p="sm" pt={0}>
              <NativeSelect
                size="xs"
                aria-label={strings.columns.publisher}
                value={publisher}
                data={[{ value: '', label: words.allPublishers }, ...names]}
                onChange={({ currentTarget }) => {
                  choose(currentTarget.value);
                  go({ ...page, offset: 0 });
                }}
              />
            </Group>
          )}
          {isPart && names.length > 0 && (
            <Group p="sm" pt={0} gap="xs">
              <Text size="sm">{words.whyOfStudy}</Text>
              {names.map((name) => (
                <WhyNot key={name} study={study} publisher={name} label={name} />
              ))}
            </Group>
          )}
        </>
      )}
    </TableCard>
  );
}

function Fate({ of: { status, confirmedAt, current } }: { readonly of: Delivery }) {
  const [color, word] =
    status === 'refused'
      ? [colors.bad, words.refused]
      : confirmedAt === undefined
        ? [colors.running, words.accepted]
        : [colors.good, words.confirmed];
  return (
    <>
      <Badge color={color}>{word}</Badge> {!current && <Badge color={colors.waiting}>{words.otherVersion}</Badge>}
    </>
  );
}

/** It may have left under another UID. */
function Sent({ of, as }: { readonly of: Delivery['sent']; readonly as: string }) {
  if (of === undefined) return null;
  return (
    <div>
      <span className="nowrap">{bytes(of.size)}</span> <Uid value={of.transferSyntaxUid} />{' '}
      {of.sopInstanceUid !== as && <Uid value={of.sopInstanceUid} />}
      <span className="mono hash" title={words.sha256}>
        {of.sha256}
      </span>
    </div>
  );
}
