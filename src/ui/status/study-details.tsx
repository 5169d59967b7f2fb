import { Button, Title } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { FileArchive } from 'lucide-react';
import { useState } from 'react';
import { useParams } from 'react-router';
import { answered, api, dicomweb, type Schemas, viewerUrl } from '../api.ts';
import { dicomDate, dicomTime, moment, personName, wholeNumber } from '../format.ts';
import { CopyButton } from '../shared/copy-button.tsx';
import { DataTable } from '../shared/data-table.tsx';
import { Facts } from '../shared/facts.tsx';
import { Failure } from '../shared/failure.tsx';
import { PageTitle } from '../shared/page-title.tsx';
import { Pager } from '../shared/pager.tsx';
import { strings } from '../strings.ts';
import { patientPlace, seriesColumns } from './columns.tsx';
import { Deliveries } from './deliveries.tsx';
import { DeleteButton, Details } from './details.tsx';
import { PatientFacts } from './patient-facts.tsx';
import { SendButton } from './send-button.tsx';
import { SeriesPicture } from './series-picture.tsx';
import { ViewerButton } from './viewer-button.tsx';

const words = strings.columns;

export function StudyDetails() {
  const { uid = '' } = useParams();
  return (
    <Details
      kind="studies"
      id={uid}
      read={() => answered(api.GET('/api/studies/{study}', { params: { path: { study: uid } } }))}
    >
      {(study) => <Study key={uid} study={study} />}
    </Details>
  );
}

function Study({ study }: { readonly study: Schemas['StudyRow'] }) {
  const { studyInstanceUid: uid } = study;
  const place = patientPlace(study);
  const viewer = viewerUrl(uid);
  const title = study.studyDescription || strings.status.studies.singular;
  return (
    <>
      <PageTitle
        path={[
          { label: strings.status.studies.plural, to: '/status/studies' },
          ...(place === undefined
            ? []
            : [{ label: personName(study.patientName) || study.patientId || '', to: place }]),
        ]}
        actions={
          <>
            {viewer && <ViewerButton href={viewer} />}
            <Button
              component="a"
              variant="default"
              href={dicomweb(`/studies/${uid}`, { accept: 'application/zip' })}
              download={`${uid}.zip`}
              leftSection={<FileArchive size={16} aria-hidden="true" />}
            >
              {strings.actions.zip}
            </Button>
            <SendButton study={uid} />
            <DeleteButton
              what={title}
              question={strings.actions.deleteStudy(wholeNumber(study.instances), wholeNumber(study.series))}
              path={`/studies/${uid}`}
              up="/status/studies"
            />
          </>
        }
      >
        {title}
      </PageTitle>
      <div className="grid">
        <section className="card span-4" aria-label={strings.status.patients.singular}>
          <Title order={2} size="h4" mb="sm">
            {strings.status.patients.singular}
          </Title>
          <PatientFacts of={study} />
        </section>
        <section className="card span-8" aria-label={strings.status.studies.singular}>
          <Title order={2} size="h4" mb="sm">
            {strings.status.studies.singular}
          </Title>
          <Facts
            facts={[
              [
                words.uid,
                <span key="uid">
                  <span className="mono">{uid}</span> <CopyButton value={uid} what={words.uid} />
                </span>,
              ],
              [words.studyDate, [dicomDate(study.studyDate), dicomTime(study.studyTime)].filter(Boolean).join(' ')],
              [words.studyId, study.studyId],
              [words.accession, study.accessionNumber],
              [words.referrer, personName(study.referringPhysicianName)],
              [words.modalities, study.modalities.join(', ')],
              [words.series, wholeNumber(study.series)],
              [words.images, wholeNumber(study.instances)],
              [words.created, moment(study.createdAt)],
              [words.updated, moment(study.updatedAt)],
            ]}
          />
        </section>
        <SeriesOf study={uid} />
        <Deliveries study={uid} />
      </div>
    </>
  );
}

function SeriesOf({ study }: { readonly study: string }) {
  const [page, go] = useState({ offset: 0, limit: 50 });
  const { data, error } = useQuery({
    queryKey: ['series', 'of', study, page],
    queryFn: ({ signal }) => answered(api.GET('/api/series', { params: { query: { study, ...page } }, signal })),
    placeholderData: keepPreviousData,
  });
  const columns = [
    {
      header: strings.picture,
      cell: ({ seriesInstanceUid, instances, updatedAt }: Schemas['SeriesRow']) => (
        <SeriesPicture study={study} series={seriesInstanceUid} instances={instances} updatedAt={updatedAt} />
      ),
    },
    ...seriesColumns.filter(({ header }) => header !== words.name && header !== words.sex && header !== words.age),
  ];
  return (
    <section className="table-card span-12" aria-labelledby="series-of">
      <Title order={2} size="h4" p="md" pb={4} id="series-of">
        {strings.status.series.plural}
      </Title>
      {error && <Failure error={error} />}
      {data && (
        <>
          <DataTable
            caption={strings.status.series.plural}
            columns={columns}
            rows={data.items}
            keyOf={({ seriesInstanceUid }) => seriesInstanceUid}
          />
          <Pager {...page} total={data.total} totalIsExact={data.totalIsExact} shown={data.items.length} go={go} />
        </>
      )}
    </section>
  );
}
