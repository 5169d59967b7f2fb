import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { ImageOff } from 'lucide-react';
import { answered, api, dicomweb, inWords } from '../api.ts';
import { PictureOrWhy } from '../shared/picture-or-why.tsx';
import { strings } from '../strings.ts';

interface SeriesPictureProps {
  readonly study: string;
  readonly series: string;
  readonly instances: number;
  /** When something of it was changed last. */
  readonly updatedAt: string;
}

/** A small picture of an instance of the series; a word where it has none to show. */
export function SeriesPicture({ study, series, instances, updatedAt }: SeriesPictureProps) {
  // Of a stack the one in the middle shows most.
  const offset = Math.floor(instances / 2);
  const { data } = useQuery({
    // Not one of the tables, all of which are read again for each image that comes: only its own series changes it.
    queryKey: ['series picture', series, offset, updatedAt],
    queryFn: ({ signal }) =>
      answered(api.GET('/api/images', { params: { query: { study, series, limit: 1, offset } }, signal })),
    placeholderData: keepPreviousData,
  });
  const first = data?.items[0];
  if (data === undefined) return <span className="no-thumb" />;
  if (first === undefined || first.frames === 0) return <span className="no-thumb">{first?.modality ?? '–'}</span>;
  return <Thumbnail study={study} series={series} instance={first.sopInstanceUid} version={first.sha256} />;
}

interface ThumbnailProps {
  readonly study: string;
  readonly series: string;
  readonly instance: string;
  /** Of the content, so that another is another picture. */
  readonly version: string;
}

export function Thumbnail({ study, series, instance, version }: ThumbnailProps) {
  return (
    <PictureOrWhy
      className="thumb"
      size={64}
      alt={strings.pictureOf}
      src={dicomweb(`/studies/${study}/series/${series}/instances/${instance}/thumbnail`, {
        viewport: '128,128',
        content: version,
      })}
      why={(error) => (
        <span className="no-thumb" role="img" aria-label={inWords(error)} title={inWords(error)}>
          <ImageOff size={18} aria-hidden="true" />
        </span>
      )}
    />
  );
}
