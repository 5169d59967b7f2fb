import { Badge, Button, Modal, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { CircleHelp } from 'lucide-react';
import { Link } from 'react-router';
import { answered, api, type Schemas } from '../api.ts';
import { wholeNumber } from '../format.ts';
import { intervals } from '../intervals.ts';
import { colors } from '../shared/colors.ts';
import { type Column, DataTable } from '../shared/data-table.tsx';
import { Read } from '../shared/read.tsx';
import { TableCard } from '../shared/table-card.tsx';
import { strings } from '../strings.ts';
import { graphColumns, taskColumns, without } from './columns.tsx';
import { isUnderWay } from './is-under-way.ts';

const words = strings.deliveries;

type Delivered = Schemas['Deliveries']['publishers'][number];

/** Whether the study is where it was to go, why not, and by which graphs. */
export function Deliveries({ study }: { readonly study: string }) {
  const deliveries = useQuery({
    queryKey: ['deliveries', study],
    queryFn: () => answered(api.GET('/api/deliveries', { params: { query: { study, limit: 1 } } })),
    refetchInterval: intervals.tables,
  });
  const graphs = useQuery({
    queryKey: ['graphs', 'of', study],
    queryFn: ({ signal }) => answered(api.GET('/api/graphs', { params: { query: { study, limit: 100 } }, signal })),
    refetchInterval: ({ state }) =>
      state.data?.items.some(isUnderWay) === true ? intervals.underWay : intervals.tables,
  });
  const columns: readonly Column<Delivered>[] = [
    { header: strings.columns.publisher, cell: ({ publisher }) => publisher },
    { header: words.state, cell: (one) => <Completeness of={one} /> },
    ...(['here', 'selected', 'sent', 'accepted', 'confirmed', 'missing'] as const).map((count) => ({
      header: words.counts[count],
      className: 'number',
      cell: (one: Delivered) => wholeNumber(one[count]),
    })),
    { header: words.why, cell: ({ publisher }) => <WhyNot study={study} publisher={publisher} /> },
  ];
  return (
    <>
      <TableCard
        id="deliveries"
        caption={words.title}
        error={deliveries.error}
        columns={columns}
        rows={deliveries.data?.publishers}
        keyOf={({ publisher }) => publisher}
        empty={words.none}
      />
      {graphs.data !== undefined && graphs.data.items.length > 0 && (
        <TableCard
          id="graphs-of"
          caption={strings.status.graphs.plural}
          columns={graphColumns}
          rows={graphs.data.items}
          keyOf={({ id }) => id}
        >
          {graphs.data.total > graphs.data.items.length && (
            <p className="dim empty">
              <Link to={`/status/graphs?study=${study}`}>{words.allGraphs(graphs.data.total)}</Link>
            </p>
          )}
        </TableCard>
      )}
    </>
  );
}

function Completeness({ of }: { readonly of: Delivered }) {
  if (of.complete) return <Badge color={colors.good}>{words.complete}</Badge>;
  if (of.selected === 0) return <Badge color={colors.waiting}>{words.nothingSelected}</Badge>;
  return <Badge color={colors.doubtful}>{words.incomplete}</Badge>;
}

function WhyNot({ study, publisher }: { readonly study: string; readonly publisher: string }) {
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        leftSection={<CircleHelp size={14} aria-hidden="true" />}
        onClick={open}
        aria-label={words.whyOf(publisher)}
      >
        {words.ask}
      </Button>
      <Modal
        opened={opened}
        onClose={close}
        title={words.whyOf(publisher)}
        size="xl"
        closeButtonProps={{ 'aria-label': strings.close }}
      >
        <Reasons study={study} publisher={publisher} />
      </Modal>
    </>
  );
}

function Reasons({ study, publisher }: { readonly study: string; readonly publisher: string }) {
  const query = useQuery({
    queryKey: ['deliveries', 'why-not', study, publisher],
    queryFn: ({ signal }) => answered(api.GET('/api/why-not', { params: { query: { study, publisher } }, signal })),
  });
  return <Read query={query}>{(why) => <Verdict why={why} />}</Read>;
}

function Verdict({ why: data }: { readonly why: Schemas['WhyNot'] }) {
  return (
    <Stack>
      <div>
        <Badge
          size="lg"
          color={data.verdict === 'delivered' ? colors.good : data.verdict === 'failed' ? colors.bad : colors.waiting}
        >
          {words.verdicts[data.verdict]}
        </Badge>
      </div>
      {data.reasons.map((reason) => (
        <Text key={reason}>{reason}</Text>
      ))}
      {data.refusals.length > 0 && (
        <DataTable
          caption={words.clauses}
          rows={data.refusals}
          keyOf={({ of, from, till, because }) => `${of} ${from} ${till} ${because}`}
          columns={[
            { header: words.clause, cell: ({ clause }) => <code>{clause}</code> },
            { header: words.of, cell: ({ of }) => words.whose[of] },
            { header: words.because, cell: ({ because }) => because },
            { header: strings.columns.images, className: 'number', cell: ({ instances }) => wholeNumber(instances) },
          ]}
        />
      )}
      {data.tasks.length > 0 && (
        <DataTable
          caption={strings.status.tasks.plural}
          rows={data.tasks}
          keyOf={({ id }) => id}
          columns={without(taskColumns, strings.columns.publisher)}
        />
      )}
    </Stack>
  );
}
