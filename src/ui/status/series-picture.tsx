import { useQuery } from '@tanstack/react-query';
import { answered, api, dicomweb } from '../api.ts';
import { strings } from '../strings.ts';

/** A small picture of an instance of the series; a word where it has none to show. */
export function SeriesPicture({ study, series }: { readonly study: string; readonly series: string }) {
  const { data } = useQuery({
    queryKey: ['images', 'first of', series],
    queryFn: () => answered(api.GET('/api/images', { params: { query: { study, series, limit: 1 } } })),
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
