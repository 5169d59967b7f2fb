import { type ReactNode, useState } from 'react';
import { fetched } from '../api.ts';

interface PictureOrWhyProps {
  readonly src: string;
  readonly alt: string;
  readonly className?: string;
  /** Both, where it is not as large as it can be. */
  readonly size?: number;
  /** What stands in its place where it could not be made. */
  readonly why: (error: unknown) => ReactNode;
}

/** A picture of the server, or the reason why there is none: browsers tell no words of what was refused to an image. */
export function PictureOrWhy({ src, alt, className, size, why }: PictureOrWhyProps) {
  const [failed, setFailed] = useState<{ readonly src: string; readonly error: unknown; readonly again: boolean }>();
  const isRetry = failed?.src === src && failed.again;

  async function ask(): Promise<void> {
    try {
      const { body } = await fetched(src);
      await body?.cancel();
      // What kept it from coming has passed, if it was that: it is shown once more.
      setFailed({ src, error: undefined, again: !isRetry });
    } catch (error) {
      setFailed({ src, error, again: false });
    }
  }

  if (failed?.src === src && !failed.again) return why(failed.error);
  return (
    <img
      key={isRetry ? 'again' : 'first'}
      src={src}
      alt={alt}
      {...(className !== undefined && { className })}
      {...(size !== undefined && { loading: 'lazy', width: size, height: size })}
      onError={() => void ask()}
    />
  );
}
