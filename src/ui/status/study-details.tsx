import { FileArchive } from 'lucide-react';
import { useState } from 'react';
import { useParams } from 'react-router';
import { answered, api, type Schemas } from '../api.ts';
import { dicomDate, dicomTime, moment, personName, wholeNumber } from '../format.ts';
import { Pager } from '../shared/pager.tsx';
import { TableCard } from '../shared/table-card.tsx';
import { useTablePage } from '../shared/use-table-page.ts';
import { strings } from '../strings.ts';
import { seriesColumns, without } from './columns.tsx';
import { Deliveries } from './deliveries.tsx';
import { Details } from './details.tsx';
import { EntityFacts } from './entity-facts.tsx';
import { DownloadButton, EntityTitle } from './entity-title.tsx';
import { SeriesPicture } from './series-picture.tsx';

const words = strings.columns;

export function StudyDetails() {
  const { uid = '' } = useParams();
  return (
    <Details
      kind="studies"
      id={uid}
      read={(signal) => answered(api.GET('/api/studies/{study}', { params: { path: { study: uid } }, signal }))}
    >
      {(study) => <Study key={uid} study={study} />}
    </Details>
  );
}

function Study({ study }: { readonly study: Schemas['StudyRow'] }) {
  const { studyInstanceUid: uid } = study;
  const path = `/studies/${uid}`;
  return (
    <>
      <EntityTitle
        title={study.studyDescription || strings.status.studies.singular}
        uids={{ study: uid }}
        path={path}
        of={study}
        question={strings.actions.deleteStudy(study.instances, study.series)}
        downloads={
          <DownloadButton path={path} accept="application/zip" file={`${uid}.zip`} icon={FileArchive}>
            {strings.actions.zip}
          </DownloadButton>
        }
      />
      <div className="grid">
        <EntityFacts
          of={study}
          name={strings.status.studies.singular}
          uid={uid}
          facts={[
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
        <SeriesOf study={uid} />
        <Deliveries study={uid} />
      </div>
    </>
  );
}

function SeriesOf({ study }: { readonly study: string }) {
  const [page, go] = useState({ offset: 0, limit: 50 });
  const { error, table, pager } = useTablePage({
    queryKey: ['series', 'of', study, page],
    page,
    read: (signal) => answered(api.GET('/api/series', { params: { query: { study, ...page } }, signal })),
  });
  const columns = [
    {
      header: strings.picture,
      cell: ({ seriesInstanceUid, instances, updatedAt }: Schemas['SeriesRow']) => (
        <SeriesPicture study={study} series={seriesInstanceUid} instances={instances} updatedAt={updatedAt} />
      ),
    },
    ...without(seriesColumns, words.name, words.sex, words.age),
  ];
  return (
    <TableCard
      id="series-of"
      caption={strings.status.series.plural}
      error={error}
      columns={columns}
      {...table}
      keyOf={({ seriesInstanceUid }) => seriesInstanceUid}
    >
      {pager && <Pager {...pager} go={go} />}
    </TableCard>
  );
}
