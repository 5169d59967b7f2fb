import { Alert, Badge, Button, Checkbox, Group, NumberInput, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { FlaskConical, Send } from 'lucide-react';
import { useState } from 'react';
import { Link } from 'react-router';
import { answered, api, type Schemas } from '../api.ts';
import { beginOfDay, dayAfter } from '../day-moments.ts';
import { dicomDate, personName, wholeNumber } from '../format.ts';
import { colors } from '../shared/colors.ts';
import { DataTable } from '../shared/data-table.tsx';
import { Failure } from '../shared/failure.tsx';
import { Uid } from '../shared/uid.tsx';
import { strings } from '../strings.ts';
import { ReplayProgress } from './replay-progress.tsx';
import { replayRequest } from './replay-request.ts';

const words = strings.config.trial;

interface FilterTrialProps {
  readonly expression: string;
  /** A saved publisher to which what is stored can be sent, by the filters that are saved. */
  readonly publisher?: string;
  /** What is saved is not what is shown: nothing is sent before one of them is gone. */
  readonly isDraft?: boolean;
  /** That of the site, as it is drafted, which it narrows. */
  readonly siteExpression?: string;
}

/** What a filter would select of what is stored; and, for a publisher, sends it. */
export function FilterTrial({ expression, publisher, isDraft = false, siteExpression }: FilterTrialProps) {
  const [from, setFrom] = useState('');
  const [till, setTill] = useState('');
  const [typedLimit, setLimit] = useState<number | string>(100);
  const limit = Number(typedLimit) || 100;
  const asked: TrialRequest = {
    expression,
    ...(siteExpression !== undefined && { siteExpression }),
    from,
    till,
    limit,
  };
  const trying = useMutation({ mutationFn: tried });
  // What was said of another filter or other days is gone.
  const isAboutThis = JSON.stringify(trying.variables) === JSON.stringify(asked);
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
          value={typedLimit}
          min={1}
          max={1000}
          hideControls
          w={110}
          onChange={setLimit}
        />
        <Button
          variant="default"
          leftSection={<FlaskConical size={16} aria-hidden="true" />}
          loading={isAboutThis && trying.isPending}
          onClick={() => trying.mutate(asked)}
        >
          {words.try}
        </Button>
        {publisher !== undefined && <Replay publisher={publisher} trial={asked} isDraft={isDraft} />}
      </Group>
      {isAboutThis && trying.error && <Failure error={trying.error} />}
      {isAboutThis && trying.data && <Result trial={trying.data} />}
    </Stack>
  );
}

interface TrialRequest {
  readonly expression: string;
  readonly siteExpression?: string;
  /** Days; empty for all of time. */
  readonly from: string;
  readonly till: string;
  readonly limit: number;
}

function tried({ from, till, ...asked }: TrialRequest): Promise<Schemas['FilterTrial']> {
  return answered(
    api.POST('/api/config/try-filter', {
      body: {
        ...asked,
        ...(from === '' ? {} : { from: beginOfDay(from) }),
        ...(till === '' ? {} : { till: dayAfter(till) }),
      },
    }),
  );
}

function Result({ trial }: { readonly trial: Schemas['FilterTrial'] }) {
  const { items, examined, selected, complete, because } = trial;
  return (
    <Stack gap="xs" role="status">
      <Text fw={600}>{words.result(selected, examined)}</Text>
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
  readonly trial: TrialRequest;
  readonly isDraft: boolean;
}

/** As many as a trial looks at. */
const mostStudies = 1000;

/** Sends what is stored already; asks by opening itself first, and says how much would leave. */
function Replay({ publisher, trial, isDraft }: ReplayProps) {
  const { from, till } = trial;
  const about = JSON.stringify(trial);
  const [askedAbout, ask] = useState<string>();
  const [again, setAgain] = useState(false);
  const asked = askedAbout === about && !isDraft;
  const counting = useMutation({ mutationFn: () => tried({ ...trial, limit: mostStudies }) });
  const replaying = useMutation({
    mutationFn: () =>
      answered(api.POST('/api/graphs/replay', { body: replayRequest({ publisher, from, till, again }) })),
    onSuccess: () => ask(undefined),
  });
  return (
    <>
      {!asked && (
        <Button
          variant="default"
          leftSection={<Send size={16} aria-hidden="true" />}
          disabled={isDraft}
          onClick={() => {
            ask(about);
            replaying.reset();
            counting.mutate();
          }}
          aria-label={words.replayTo(publisher)}
        >
          {words.replay}
        </Button>
      )}
      {isDraft && (
        <Text size="sm" c="dimmed">
          {words.saveFirst}
        </Text>
      )}
      {asked && (
        <Group gap="sm" role="group" aria-label={words.replayTo(publisher)}>
          <Text size="sm" role="status">
            {counting.isPending && words.counting}
            {counting.data && selects(counting.data)}
          </Text>
          <Checkbox
            label={words.again}
            checked={again}
            onChange={({ currentTarget }) => setAgain(currentTarget.checked)}
          />
          <Button loading={replaying.isPending} disabled={!counting.isSuccess} onClick={() => replaying.mutate()}>
            {words.reallyReplay(publisher)}
          </Button>
          <Button variant="default" onClick={() => ask(undefined)}>
            {strings.cancel}
          </Button>
        </Group>
      )}
      {asked && counting.error && <Failure error={counting.error} />}
      {replaying.error && <Failure error={replaying.error} />}
      {replaying.data && <ReplayProgress begun={replaying.data} />}
    </>
  );
}

function selects({ selected, complete }: Schemas['FilterTrial']): string {
  return words.selects(selected, complete);
}
