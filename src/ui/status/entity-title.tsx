import { Button } from '@mantine/core';
import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { type LucideIcon, Trash2 } from 'lucide-react';
import type { ReactNode } from 'react';
import { useNavigate } from 'react-router';
import { dicomweb, fetched, viewerUrl } from '../api.ts';
import { personName } from '../format.ts';
import { isOutdatedBy } from '../outdated.ts';
import { ConfirmButton } from '../shared/confirm-button.tsx';
import { PageTitle } from '../shared/page-title.tsx';
import { strings } from '../strings.ts';
import { type OfPatient, patientPlace } from './columns.tsx';
import { placesAbove, placeThatIsLeft } from './place-that-is-left.ts';
import { SendButton } from './send-button.tsx';
import { ViewerButton } from './viewer-button.tsx';

interface EntityTitleProps {
  readonly title: string;
  /** Of a study, or of a series or an image of it. */
  readonly uids: { readonly study: string; readonly series?: string; readonly instance?: string };
  /** Below DICOMweb. */
  readonly path: string;
  readonly of: OfPatient & { readonly studyDescription?: string; readonly seriesDescription?: string };
  /** What is asked before it is deleted. */
  readonly question: string;
  readonly downloads: ReactNode;
}

/** The head of the page of a study, a series or an image: what it is part of, and what can be done with it. */
export function EntityTitle({ title, uids, path, of, question, downloads }: EntityTitleProps) {
  const { study, series, instance } = uids;
  const navigate = useNavigate();
  const level = instance !== undefined ? 'images' : series !== undefined ? 'series' : 'studies';
  const all = { label: strings.status[level].plural, to: `/status/${level}` };
  const patient = patientPlace(of);
  const ofStudy = { label: of.studyDescription || strings.status.studies.singular, to: `/status/studies/${study}` };
  const ofSeries = { label: of.seriesDescription || strings.status.series.singular, to: `/status/series/${series}` };
  const parents = { studies: [], series: [ofStudy], images: [ofStudy, ofSeries] }[level];
  const above = level === 'studies' ? [] : placesAbove(study, level === 'images' ? series : undefined);
  const queries = useQueryClient();
  const own = [level, instance ?? series ?? study];
  const viewer = viewerUrl(study, series);
  return (
    <PageTitle
      path={[
        all,
        ...(patient === undefined ? [] : [{ label: personName(of.patientName) || of.patientId || '', to: patient }]),
        ...parents,
      ]}
      actions={
        <>
          {viewer && <ViewerButton href={viewer} />}
          {downloads}
          <SendButton {...uids} />
          <ConfirmButton
            label={strings.actions.delete}
            icon={<Trash2 size={16} aria-hidden="true" />}
            title={strings.actions.deleteTitle(title)}
            question={question}
            readAgain={() => queries.refetchQueries({ queryKey: own, exact: true }, { throwOnError: true })}
            act={async () => {
              await fetched(dicomweb(path), { method: 'DELETE' });
              const left = await placeThatIsLeft(above, '/status/studies');
              // Read again where it is shown next, and not here: what is gone would be an error.
              await queries.invalidateQueries({ predicate: isOutdatedBy('deleted'), refetchType: 'none' });
              await navigate(left);
              await untilUnseen(queries, own);
            }}
          />
        </>
      }
    >
      {title}
    </PageTitle>
  );
}

/** The page that follows may take a moment, and what is gone is shown until it is there. */
function untilUnseen(queries: QueryClient, queryKey: readonly unknown[]): Promise<void> {
  const cache = queries.getQueryCache();
  const isSeen = () => cache.find({ queryKey, exact: true })?.isActive() === true;
  return new Promise((resolve) => {
    if (!isSeen()) return resolve();
    const stop = cache.subscribe(() => {
      if (isSeen()) return;
      stop();
      resolve();
    });
  });
}

interface DownloadButtonProps {
  /** Below DICOMweb. */
  readonly path: string;
  readonly accept: string;
  /** As which it is saved. */
  readonly file: string;
  readonly icon: LucideIcon;
  readonly children: string;
}

export function DownloadButton({ path, accept, file, icon: Icon, children }: DownloadButtonProps) {
  return (
    <Button
      component="a"
      variant="default"
      href={dicomweb(path, { accept })}
      download={file}
      leftSection={<Icon size={16} aria-hidden="true" />}
    >
      {children}
    </Button>
  );
}
