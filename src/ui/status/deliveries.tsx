import { Badge } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { answered, api, type Schemas } from '../api.ts';
import { wholeNumber } from '../format.ts';
import { intervals } from '../intervals.ts';
import { colors } from '../shared/colors.ts';
import type { Column } from '../shared/data-table.tsx';
import { TableCard } from '../shared/table-card.tsx';
import { strings } from '../strings.ts';
import { graphColumns } from './columns.tsx';
import { isUnderWay } from './is-under-way.ts';
import { Ledger } from './ledger.tsx';
import { useDeliveries } from './use-deliveries.ts';
import { WhyNot } from './why-not.tsx';

const words = strings.deliveries;

type Delivered = Schemas['Deliveries']['publishers'][number];

/** Whether the study is where it was to go, why not, and by which graphs. */
export function Deliveries({ study }: { readonly study: string }) {
  const deliveries = useDeliveries(study);
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
    { header: words.why, cell: ({ publisher }) => <WhyNot study={study} publisher={publisher} label={words.ask} /> },
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
      <Ledger study={study} />
      {(graphs.error !== null || (graphs.data !== undefined && graphs.data.items.length > 0)) && (
        <TableCard
          id="graphs-of"
          caption={strings.status.graphs.plural}
          columns={graphColumns}
          error={graphs.error}
          rows={graphs.data?.items}
          keyOf={({ id }) => id}
        >
          {graphs.data !== undefined && graphs.data.total > graphs.data.items.length && (
            <p className="dim empty">
              <Link to={`/status/graphs?study=${study}`}>
                {words.allGraphs(graphs.data.total, graphs.data.totalIsExact ?? true)}
              </Link>
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
