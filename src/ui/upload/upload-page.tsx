import { Badge, Button, Group, Progress, SegmentedControl, Stack, Text, Title } from '@mantine/core';
import { FolderOpen, RotateCw, UploadCloud, X } from 'lucide-react';
import { type ChangeEvent, type DragEvent, useRef, useState, useSyncExternalStore } from 'react';
import { Link } from 'react-router';
import { bytes, wholeNumber } from '../format.ts';
import { colors } from '../shared/colors.ts';
import { type Column, DataTable } from '../shared/data-table.tsx';
import { PageTitle } from '../shared/page-title.tsx';
import { Pager } from '../shared/pager.tsx';
import { strings } from '../strings.ts';
import { droppedEntries } from './collect-files.ts';
import { type Upload, type UploadState, type Uploads, uploads } from './uploads.ts';

const words = strings.upload;

/** Folders, files and zips go in by STOW-RS; each file shows what became of it. */
export default function UploadPage() {
  const { files, isBusy, repeatable } = useSyncExternalStore(uploads.subscribe, uploads.snapshot);
  return (
    <>
      <PageTitle>{words.title}</PageTitle>
      <DropArea />
      {files.length > 0 && <Outcome files={files} isBusy={isBusy} repeatable={repeatable} />}
    </>
  );
}

function DropArea() {
  const [isOver, setOver] = useState(false);
  const filesInput = useRef<HTMLInputElement>(null);
  const folderInput = useRef<HTMLInputElement>(null);
  function drop(event: DragEvent): void {
    event.preventDefault();
    setOver(false);
    void uploads.add(droppedEntries(event.dataTransfer));
  }
  function choose({ currentTarget }: ChangeEvent<HTMLInputElement>): void {
    void uploads.add([...(currentTarget.files ?? [])]);
    currentTarget.value = '';
  }
  return (
    // What is dropped can be chosen by the buttons, too.
    <section
      className={isOver ? 'drop over' : 'drop'}
      aria-label={words.dropArea}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
    >
      <UploadCloud size={44} strokeWidth={1.5} aria-hidden="true" />
      <Text fw={600}>{words.drop}</Text>
      <Text size="sm" c="dimmed">
        {words.about}
      </Text>
      <Group gap="sm" justify="center">
        <Button onClick={() => filesInput.current?.click()}>{words.chooseFiles}</Button>
        <Button
          variant="default"
          leftSection={<FolderOpen size={16} aria-hidden="true" />}
          onClick={() => folderInput.current?.click()}
        >
          {words.chooseFolder}
        </Button>
      </Group>
      <input ref={filesInput} type="file" multiple hidden aria-label={words.chooseFiles} onChange={choose} />
      <input
        ref={folderInput}
        type="file"
        multiple
        hidden
        aria-label={words.chooseFolder}
        onChange={choose}
        {...{ webkitdirectory: '' }}
      />
    </section>
  );
}

const badge = {
  waiting: colors.waiting,
  sending: colors.running,
  stored: colors.good,
  warned: colors.doubtful,
  partly: colors.doubtful,
  kept: colors.doubtful,
  cancelled: colors.waiting,
  refused: colors.bad,
} as const satisfies Record<UploadState, string>;

const isNotable: Readonly<Record<UploadState, boolean>> = {
  waiting: false,
  sending: false,
  stored: false,
  warned: true,
  partly: true,
  kept: true,
  cancelled: true,
  refused: true,
};

const columns: readonly Column<Upload>[] = [
  { header: words.file, cell: ({ path }) => path },
  { header: strings.columns.size, className: 'nowrap', cell: ({ size }) => bytes(size) },
  {
    header: strings.columns.status,
    cell: ({ state, sent, path }) =>
      state === 'sending' ? (
        <Progress value={sent * 100} w={120} mt={6} aria-label={words.progressOf(path)} />
      ) : (
        <Badge color={badge[state]}>{words.states[state]}</Badge>
      ),
  },
  {
    header: strings.details,
    cell: ({ reason, sopInstanceUid }) => (
      <>
        {reason} {sopInstanceUid !== undefined && <Link to={`/status/images/${sopInstanceUid}`}>{words.open}</Link>}
      </>
    ),
  },
];

function Outcome({ files, isBusy, repeatable }: Uploads) {
  const [only, show] = useState<'all' | 'notable'>('all');
  const [page, go] = useState({ offset: 0, limit: 100 });
  const count = (...states: UploadState[]) => files.filter(({ state }) => states.includes(state)).length;
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const sent = files.reduce((sum, { size, state, sent: part }) => sum + size * (state === 'waiting' ? 0 : part), 0);
  const ended = files.length - count('waiting', 'sending');
  const listed = only === 'all' ? files : files.filter(({ state }) => isNotable[state]);
  const rows = listed.slice(page.offset, page.offset + page.limit);
  return (
    <Stack mt="md" gap="md">
      <section className="card" aria-label={words.progress}>
        <Group justify="space-between" mb="sm">
          <Title order={2} size="h4" aria-live="polite">
            {isBusy
              ? words.busy(ended, files.length)
              : words.ended(files.length, count('stored', 'warned'), {
                  partly: count('partly'),
                  kept: count('kept'),
                  cancelled: count('cancelled'),
                  refused: count('refused'),
                })}
          </Title>
          {isBusy ? (
            <Button variant="default" leftSection={<X size={16} aria-hidden="true" />} onClick={uploads.cancel}>
              {strings.cancel}
            </Button>
          ) : (
            <Group gap="xs">
              {repeatable > 0 && (
                <Button
                  variant="default"
                  leftSection={<RotateCw size={16} aria-hidden="true" />}
                  onClick={() => void uploads.again()}
                >
                  {words.again(wholeNumber(repeatable))}
                </Button>
              )}
              <Button variant="default" onClick={uploads.clear}>
                {words.clear}
              </Button>
            </Group>
          )}
        </Group>
        <Progress
          value={total === 0 ? (ended * 100) / files.length : (sent * 100) / total}
          color={count('partly', 'kept', 'cancelled', 'refused') > 0 ? colors.doubtful : colors.running}
          aria-label={words.progress}
          animated={isBusy}
        />
        <Text size="sm" c="dimmed" mt={6}>
          {words.bytes(bytes(sent), bytes(total))}
        </Text>
      </section>
      <Group>
        <SegmentedControl
          aria-label={words.which}
          value={only}
          onChange={(value) => {
            show(value as typeof only);
            go({ ...page, offset: 0 });
          }}
          data={[
            { value: 'all', label: words.all(wholeNumber(files.length)) },
            {
              value: 'notable',
              label: words.notable(wholeNumber(files.filter(({ state }) => isNotable[state]).length)),
            },
          ]}
        />
      </Group>
      <div className="table-card">
        <DataTable caption={words.files} columns={columns} rows={rows} keyOf={({ number }) => String(number)} />
        <Pager {...page} total={listed.length} shown={rows.length} go={go} />
      </div>
    </Stack>
  );
}
