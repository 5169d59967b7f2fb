import { Alert, Button, Group, TextInput } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import { Navigate, Route, Routes } from 'react-router';
import { ApiError, answeredWithEtag, api, type Schemas } from '../api.ts';
import { Failure } from '../shared/failure.tsx';
import { PageTitle } from '../shared/page-title.tsx';
import { Read } from '../shared/read.tsx';
import { Tabs } from '../shared/tabs.tsx';
import { strings } from '../strings.ts';
import { holdPage } from '../unfinished.ts';
import { ConfigurationFiles } from './configuration-files.tsx';
import { DraftProvider, useAttention } from './draft.tsx';
import {
  type EditedConfiguration,
  isChanged,
  type SavedConfiguration,
  shownConfiguration,
} from './edited-configuration.ts';
import { EndpointsSection } from './endpoints-section.tsx';
import { faultsThatHold } from './faults-that-hold.ts';
import { FilterSection } from './filter-section.tsx';
import { focusFirstFault } from './focus-first-fault.ts';
import { HistorySection } from './history-section.tsx';
import { differences } from './json-pointer.ts';
import { PeersSection } from './peers-section.tsx';
import { PublishersSection } from './publishers-section.tsx';
import { UploadSection } from './upload-section.tsx';
import { type Faults, validator } from './validate.ts';

const words = strings.config;

type Configuration = Schemas['Configuration'];

const check = validator('Configuration');
const sections = ['api', 'filter', 'upload', 'publishers', 'peers', 'history'] as const;

/** What the site has decided, as forms; nothing is changed before it is saved, and all of it at once. */
export default function ConfigPage() {
  const query = useQuery({
    queryKey: ['configuration', 'with version'],
    queryFn: ({ signal }) => answeredWithEtag(api.GET('/api/config', { signal })),
  });
  const { data } = query;
  const editor = <Read query={query}>{(saved) => <Editor saved={saved} />}</Read>;
  return (
    <>
      <PageTitle actions={<ConfigurationFiles saved={data} />}>{words.title}</PageTitle>
      <Tabs
        label={words.sections}
        tabs={sections.map((section) => ({ to: `/config/${section}`, label: words.tabs[section] }))}
      />
      <Routes>
        <Route index element={<Navigate to="/config/publishers" replace />} />
        <Route path="peers" element={<PeersSection />} />
        <Route path="history" element={<HistorySection etag={data?.etag} />} />
        <Route path="*" element={editor} />
      </Routes>
    </>
  );
}

/** Outlives that another section is looked at, and that somebody else saves meanwhile. */
let kept: EditedConfiguration | undefined;

function Editor({ saved }: { readonly saved: SavedConfiguration }) {
  const queries = useQueryClient();
  const [edited, setEdited] = useState(kept);
  const [comment, setComment] = useState('');
  const attention = useAttention();
  const { forget } = attention;
  const keep = useCallback(
    (next: EditedConfiguration | undefined) => {
      kept = next;
      holdPage('draft', next !== undefined && isChanged(next));
      setEdited(next);
      if (next === undefined) forget();
    },
    [forget],
  );
  const { base, document } = useMemo(() => shownConfiguration(edited, saved), [edited, saved]);

  const saving = useMutation({
    mutationFn: (sent: Configuration) =>
      answeredWithEtag(
        api.PUT('/api/config', {
          params: {
            header: { 'If-Match': base.etag },
            query: comment === '' ? {} : { comment },
          },
          body: sent,
        }),
      ),
    onSuccess: (now, sent) => {
      // What was typed while it was saved is a draft over what is saved now.
      keep(kept === undefined || kept.document === sent ? undefined : { base: now, document: kept.document });
      setComment('');
      queries.setQueryData(['configuration', 'with version'], now);
      void queries.invalidateQueries({ queryKey: ['configuration'] });
      void queries.invalidateQueries({ queryKey: ['versions'] });
      notifications.show({ message: words.saved, color: 'green' });
    },
    onError: (error) => {
      // Somebody else was quicker: what they saved is what the draft is over.
      if (error instanceof ApiError && error.status === 412) {
        void queries.invalidateQueries({ queryKey: ['configuration'] });
      }
    },
  });
  const { error: refusal, variables: refused } = saving;

  function discard(): void {
    keep(undefined);
    setComment('');
    saving.reset();
  }

  const change = useCallback(
    (next: (document: unknown) => unknown) => {
      const now = shownConfiguration(kept, saved);
      keep({ ...now, document: next(now.document) as Configuration });
    },
    [keep, saved],
  );

  const own = useMemo<Faults>(() => check(document), [document]);
  const faults = useMemo<Faults>(() => {
    const told = refusal instanceof ApiError ? (refusal.problem.errors ?? []) : [];
    return new Map([...faultsThatHold(told, refused, document), ...own]);
  }, [own, refusal, refused, document]);

  const changes = useMemo(() => differences(base.data, document).length, [base, document]);
  const isOutdated = saved.etag !== base.etag;

  function save(): void {
    attention.everywhere();
    if (own.size === 0) saving.mutate(document);
    else focusFirstFault();
  }

  return (
    <DraftProvider document={document} base={base.data} faults={faults} attention={attention} change={change}>
      <Routes>
        <Route path="api" element={<EndpointsSection />} />
        <Route path="filter" element={<FilterSection />} />
        <Route path="upload" element={<UploadSection />} />
        <Route
          path="publishers"
          element={<PublishersSection savedNames={namesOf(saved.data)} isDraft={changes > 0} />}
        />
        <Route path="*" element={<Failure error={new Error(strings.errors.noSuchPlace)} />} />
      </Routes>
      {changes > 0 && (
        <section className="save-bar" aria-label={words.unsaved}>
          {saving.error && <Failure title={words.notSaved} error={saving.error} />}
          {isOutdated && (
            <Alert color="orange" title={words.outdated} mb="sm">
              <Button size="xs" variant="default" onClick={() => keep({ base: saved, document })}>
                {words.overrule}
              </Button>
            </Alert>
          )}
          <Group align="flex-end" gap="sm" mt={saving.error ? 'sm' : 0}>
            <TextInput
              style={{ flex: '1 1 220px' }}
              label={words.comment(changes)}
              placeholder={words.commentExample}
              maxLength={500}
              value={comment}
              onChange={({ currentTarget }) => setComment(currentTarget.value)}
            />
            <Button variant="default" disabled={saving.isPending} onClick={discard}>
              {words.discard}
            </Button>
            <Button loading={saving.isPending} disabled={isOutdated} onClick={save}>
              {words.save}
            </Button>
          </Group>
          <p className="s-FAILED" role="status">
            {attention.isEverywhere &&
              own.size > 0 &&
              words.faults([...own].map(([path, message]) => `${path} ${message}`).slice(0, 5))}
          </p>
        </section>
      )}
    </DraftProvider>
  );
}

function namesOf({ publishers = [] }: Configuration): readonly string[] {
  return publishers.map(({ name }) => name);
}
