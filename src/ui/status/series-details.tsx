import { FileArchive } from 'lucide-react';
import { useState } from 'react';
import { useParams } from 'react-router';
import { answered, api, type Schemas } from '../api.ts';
import { dicomDate, moment, wholeNumber } from '../format.ts';
import { Pager } from '../shared/pager.tsx';
import { TableCard } from '../shared/table-card.tsx';
import { useTablePage } from '../shared/use-table-page.ts';
import { strings } from '../strings.ts';
import { imageColumns, without } from './columns.tsx';
import { Details } from './details.tsx';
import { EntityFacts } from './entity-facts.tsx';
import { DownloadButton, EntityTitle } from './entity-title.tsx';
import { Ledger } from './ledger.tsx';
import { Thumbnail } from './series-picture.tsx';

const words = strings.columns;

export function SeriesDetails() {
  const { uid = '' } = useParams();
  return (
    <Details
      kind="series"
      id={uid}
      read={(signal) => answered(api.GET('/api/series/{series}', { params: { path: { series: uid } }, signal }))}
    >
      {(series) => <Series key={uid} series={series} />}
    </Details>
  );
}

function Series({ series }: { readonly series: Schemas['SeriesRow'] }) {
  const { seriesInstanceUid: uid, studyInstanceUid: study } = series;
  const path = `/studies/${study}/series/${uid}`;
  return (
    <>
      <EntityTitle
        title={
          [series.modality, series.seriesDescription].filter(Boolean).join(' · ') || strings.status.series.singular
        }
        uids={{ study, series: uid }}
        path={path}
        of={series}
        question={strings.actions.deleteSeries(series.instances)}
        downloads={
          <DownloadButton path={path} accept="application/zip" file={`${uid}.zip`} icon={FileArchive}>
            {strings.actions.zip}
          </DownloadButton>
        }
      />
      <div className="grid">
        <EntityFacts
          of={series}
          name={strings.status.series.singular}
          uid={uid}
          facts={[
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
        <ImagesOf study={study} series={uid} />
        <Ledger study={study} series={uid} />
      </div>
    </>
  );
}

function ImagesOf({ study, series }: { readonly study: string; readonly series: string }) {
  const [page, go] = useState({ offset: 0, limit: 50 });
  const { error, table, pager } = useTablePage({
    queryKey: ['images', 'of', series, page],
    page,
    read: (signal) => answered(api.GET('/api/images', { params: { query: { study, series, ...page } }, signal })),
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
    ...without(imageColumns, words.name, words.sex, words.age),
  ];
  return (
    <TableCard
      id="images-of"
      caption={strings.status.images.plural}
      error={error}
      columns={columns}
      {...table}
      keyOf={({ sopInstanceUid }) => sopInstanceUid}
    >
      {pager && <Pager {...pager} go={go} />}
    </TableCard>
  );
}
