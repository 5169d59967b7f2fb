import { Alert, Badge, Button, Checkbox, Group, NumberInput, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { FlaskConical, Send } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { answered, api, type Schemas } from '../api.ts';
import { dicomDate, personName, wholeNumber } from '../format.ts';
import { colors } from '../shared/colors.ts';
import { DataTable } from '../shared/data-table.tsx';
import { Failure } from '../shared/failure.tsx';
import { Uid } from '../shared/uid.tsx';
import { strings } from '../strings.ts';

const words = strings.config.trial;

interface FilterTrialProps {
  readonly expression: string;
  /** A saved publisher to which what is stored can be sent by this expression. */
  readonly publisher?: string;
  /** Narrow by the site's filter as well. */
  readonly alsoSiteFilter?: boolean;
}

/** What a filter would select of what is stored; and, for a publisher, sends it. */
export function FilterTrial({ expression, publisher, alsoSiteFilter = false }: FilterTrialProps) {
  const [from, setFrom] = useState('');
  const [till, setTill] = useState('');
  const [limit, setLimit] = useState(100);
  const trying = useMutation({
    mutationFn: () =>
      answered(
        api.POST('/api/config/try-filter', {
          body: {
            expression,
            alsoSiteFilter,
            limit,
            ...(from === '' ? {} : { from: new Date(`${from}T00:00`).toISOString() }),
            ...(till === '' ? {} : { till: endOfDay(till) }),
          },
        }),
      ),
  });
  return (
    <Stack gap="sm">
      <Group align="flex-end" gap="sm">
        <TextInput
          type="date"
          label={words.from}
          value={from}
          onChange={({ currentTarget }) => setFrom(currentTarget.value)}
        />
        <TextInput
          type="date"
          label={words.till}
          value={till}
          onChange={({ currentTarget }) => setTill(currentTarget.value)}
        />
        <NumberInput
          label={words.limit}
          value={limit}
          min={1}
          max={1000}
          hideControls
          w={110}
          onChange={(value) => setLimit(Number(value) || 100)}
        />
        <Button
          variant="default"
          leftSection={<FlaskConical size={16} aria-hidden="true" />}
          loading={trying.isPending}
          onClick={() => trying.mutate()}
        >
          {words.try}
        </Button>
        {publisher !== undefined && <Replay publisher={publisher} expression={expression} from={from} till={till} />}
      </Group>
      {trying.error && <Failure error={trying.error} />}
      {trying.data && <Result trial={trying.data} />}
    </Stack>
  );
}

function endOfDay(date: string): string {
  const next = new Date(`${date}T00:00`);
  next.setDate(next.getDate() + 1);
  return next.toISOString();
}

function Result({ trial }: { readonly trial: Schemas['FilterTrial'] }) {
  const { items, examined, selected, complete, because } = trial;
  return (
    <Stack gap="xs" role="status">
      <Text fw={600}>
        {words.result(
          wholeNumber(selected.studies),
          wholeNumber(examined.studies),
          wholeNumber(selected.instances),
          wholeNumber(examined.instances),
        )}
      </Text>
      {!complete && because !== undefined && (
        <Alert color="orange" title={words.incomplete}>
          {because}
        </Alert>
      )}
      <div className="table-card">
        <DataTable
          caption={words.studies}
          rows={items}
          keyOf={({ studyInstanceUid }) => studyInstanceUid}
          columns={[
            {
              header: words.selected,
              cell: ({ instances, selectedInstances }) => (
                <Badge color={selectedInstances > 0 ? colors.good : colors.waiting}>
                  {strings.progress(wholeNumber(selectedInstances), wholeNumber(instances))}
                </Badge>
              ),
            },
            {
              header: strings.columns.name,
              cell: ({ patientName, patientId }) => personName(patientName) || patientId,
            },
            {
              header: strings.columns.study,
              cell: ({ studyDescription, studyInstanceUid: uid }) =>
                studyDescription === '' ? (
                  <Uid value={uid} to={`/status/studies/${uid}`} />
                ) : (
                  <Link to={`/status/studies/${uid}`}>{studyDescription}</Link>
                ),
            },
            { header: strings.columns.studyDate, cell: ({ studyDate }) => dicomDate(studyDate) },
            { header: strings.columns.modalities, cell: ({ modalities }) => modalities.join(', ') },
            {
              header: words.refusals,
              cell: ({ refusals = [] }) =>
                refusals.map(({ clause, because: saw, instances }) => (
                  <div key={clause + saw}>
                    <code>{clause}</code> <span className="dim">{words.saw(saw, wholeNumber(instances))}</span>
                  </div>
                )),
            },
          ]}
        />
      </div>
    </Stack>
  );
}

interface ReplayProps {
  readonly publisher: string;
  readonly expression: string;
  readonly from: string;
  readonly till: string;
}

/** Sends what is stored already; asks by opening itself first, as much may leave. */
function Replay({ publisher, expression, from, till }: ReplayProps) {
  const [asked, ask] = useState(false);
  const [again, setAgain] = useState(false);
  const replaying = useMutation({
    mutationFn: () =>
      answered(
        api.POST('/api/graphs/replay', {
          body: { publisher, expression, from: from || '1900-01-01', till: till || '9999-12-31', again },
        }),
      ),
    onSuccess: () => ask(false),
  });
  return (
    <>
      {!asked && (
        <Button
          variant="default"
          leftSection={<Send size={16} aria-hidden="true" />}
          onClick={() => ask(true)}
          aria-label={words.replayTo(publisher)}
        >
          {words.replay}
        </Button>
      )}
      {asked && (
        <Group gap="sm">
          <Checkbox
            label={words.again}
            checked={again}
            onChange={({ currentTarget }) => setAgain(currentTarget.checked)}
          />
          <Button loading={replaying.isPending} onClick={() => replaying.mutate()}>
            {words.reallyReplay(publisher)}
          </Button>
          <Button variant="default" onClick={() => ask(false)}>
            {strings.cancel}
          </Button>
        </Group>
      )}
      {replaying.error && <Failure error={replaying.error} />}
      {replaying.data && (
        <Text size="sm" role="status">
          {words.replaying} <Link to={`/status/graphs?publisher=${publisher}`}>{words.toGraphs}</Link>
        </Text>
      )}
    </>
  );
}
