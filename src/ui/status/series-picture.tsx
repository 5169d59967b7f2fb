import { useQuery } from '@tanstack/react-query';
import { answered, api, dicomweb } from '../api.ts';
import { strings } from '../strings.ts';

interface SeriesPictureProps {
  readonly study: string;
  readonly series: string;
  readonly instances: number;
}

/** A small picture of an instance of the series; a word where it has none to show. */
export function SeriesPicture({ study, series, instances }: SeriesPictureProps) {
  // Of a stack the one in the middle shows most.
  const offset = Math.floor(instances / 2);
  const { data } = useQuery({
    queryKey: ['images', 'middle of', series, offset],
    queryFn: () => answered(api.GET('/api/images', { params: { query: { study, series, limit: 1, offset } } })),
  });
  const first = data?.items[0];
  if (data === undefined) return <span className="no-thumb" />;
  if (first === undefined || first.frames === 0) return <span className="no-thumb">{first?.modality ?? '–'}</span>;
  return <Thumbnail study={study} series={series} instance={first.sopInstanceUid} />;
}

interface ThumbnailProps {
  readonly study: string;
  readonly series: string;
  readonly instance: string;
}

export function Thumbnail({ study, series, instance }: ThumbnailProps) {
  return (
    <img
      className="thumb"
      loading="lazy"
      width="64"
      height="64"
      alt={strings.pictureOf}
      src={dicomweb(`/studies/${study}/series/${series}/instances/${instance}/thumbnail`, { viewport: '128,128' })}
    />
  );
}
