import { Button, Title } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { FileArchive } from 'lucide-react';
import { useState } from 'react';
import { useParams } from 'react-router';
import { answered, api, dicomweb, type Schemas, viewerUrl } from '../api.ts';
import { dicomDate, moment, personName, wholeNumber } from '../format.ts';
import { CopyButton } from '../shared/copy-button.tsx';
import { DataTable } from '../shared/data-table.tsx';
import { Facts } from '../shared/facts.tsx';
import { Failure } from '../shared/failure.tsx';
import { PageTitle } from '../shared/page-title.tsx';
import { Pager } from '../shared/pager.tsx';
import { strings } from '../strings.ts';
import { imageColumns, patientPlace } from './columns.tsx';
import { DeleteButton, Details } from './details.tsx';
import { PatientFacts } from './patient-facts.tsx';
import { SendButton } from './send-button.tsx';
import { Thumbnail } from './series-picture.tsx';
import { ViewerButton } from './viewer-button.tsx';

const words = strings.columns;

export function SeriesDetails() {
  const { uid = '' } = useParams();
  return (
    <Details
      kind="series"
      id={uid}
      read={() => answered(api.GET('/api/series/{series}', { params: { path: { series: uid } } }))}
    >
      {(series) => <Series key={uid} series={series} />}
    </Details>
  );
}

function Series({ series }: { readonly series: Schemas['SeriesRow'] }) {
  const { seriesInstanceUid: uid, studyInstanceUid: study } = series;
  const place = patientPlace(series);
  const viewer = viewerUrl(study, uid);
  const title =
    [series.modality, series.seriesDescription].filter(Boolean).join(' · ') || strings.status.series.singular;
  return (
    <>
      <PageTitle
        path={[
          { label: strings.status.series.plural, to: '/status/series' },
          ...(place === undefined
            ? []
            : [{ label: personName(series.patientName) || series.patientId || '', to: place }]),
          { label: series.studyDescription || strings.status.studies.singular, to: `/status/studies/${study}` },
        ]}
        actions={
          <>
            {viewer && <ViewerButton href={viewer} />}
            <Button
              component="a"
              variant="default"
              href={dicomweb(`/studies/${study}/series/${uid}`, { accept: 'application/zip' })}
              download={`${uid}.zip`}
              leftSection={<FileArchive size={16} aria-hidden="true" />}
            >
              {strings.actions.zip}
            </Button>
            <SendButton study={study} series={uid} />
            <DeleteButton
              what={title}
              question={strings.actions.deleteSeries(wholeNumber(series.instances))}
              path={`/studies/${study}/series/${uid}`}
              up={`/status/studies/${study}`}
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
          <PatientFacts of={series} />
        </section>
        <section className="card span-8" aria-label={strings.status.series.singular}>
          <Title order={2} size="h4" mb="sm">
            {strings.status.series.singular}
          </Title>
          <Facts
            facts={[
              [
                words.uid,
                <span key="uid">
                  <span className="mono">{uid}</span> <CopyButton value={uid} what={words.uid} />
                </span>,
              ],
              [words.number, series.seriesNumber],
              [words.seriesDate, dicomDate(series.seriesDate)],
              [words.bodyPart, series.bodyPartExamined],
              [words.station, series.stationName],
              [words.manufacturer, series.manufacturer],
              [words.institution, series.institutionName],
              [words.images, wholeNumber(series.instances)],
              [words.created, moment(series.createdAt)],
              [words.updated, moment(series.updatedAt)],
            ]}
          />
        </section>
        <ImagesOf study={study} series={uid} />
      </div>
    </>
  );
}

function ImagesOf({ study, series }: { readonly study: string; readonly series: string }) {
  const [page, go] = useState({ offset: 0, limit: 50 });
  const { data, error } = useQuery({
    queryKey: ['images', 'of', series, page],
    queryFn: () => answered(api.GET('/api/images', { params: { query: { study, series, ...page } } })),
    placeholderData: keepPreviousData,
  });
  const columns = [
    {
      header: strings.picture,
      cell: ({ sopInstanceUid, sha256, frames, modality }: Schemas['ImageRow']) =>
        frames > 0 ? (
          <Thumbnail study={study} series={series} instance={sopInstanceUid} version={sha256} />
        ) : (
          <span className="no-thumb">{modality ?? '–'}</span>
        ),
    },
    ...imageColumns.filter(({ header }) => header !== words.name && header !== words.sex && header !== words.age),
  ];
  return (
    <section className="table-card span-12" aria-labelledby="images-of">
      <Title order={2} size="h4" p="md" pb={4} id="images-of">
        {strings.status.images.plural}
      </Title>
      {error && <Failure error={error} />}
      {data && (
        <>
          <DataTable
            caption={strings.status.images.plural}
            columns={columns}
            rows={data.items}
            keyOf={({ sopInstanceUid }) => sopInstanceUid}
          />
          <Pager {...page} total={data.total} totalIsExact={data.totalIsExact} shown={data.items.length} go={go} />
        </>
      )}
    </section>
  );
}
