import { Badge, Button, Modal, Stack, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { CircleHelp } from 'lucide-react';
import { answered, api, type Schemas } from '../api.ts';
import { wholeNumber } from '../format.ts';
import { colors } from '../shared/colors.ts';
import { DataTable } from '../shared/data-table.tsx';
import { Read } from '../shared/read.tsx';
import { strings } from '../strings.ts';
import { taskColumns, without } from './columns.tsx';

const words = strings.deliveries;

interface WhyNotProps {
  readonly study: string;
  readonly publisher: string;
  readonly label: string;
}

/** Asks where a study is on its way to a publisher, and what keeps it from getting there. */
export function WhyNot({ study, publisher, label }: WhyNotProps) {
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
        {label}
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
