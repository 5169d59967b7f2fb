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
  const [failed, setFailed] = useState<{ readonly src: string; readonly error: unknown }>();

  async function ask(): Promise<void> {
    const error: unknown = await fetched(src).then(
      ({ body }) => body?.cancel(),
      (thrown: unknown) => thrown,
    );
    setFailed({ src, error });
  }

  if (failed?.src === src) return why(failed.error);
  return (
    <img
      src={src}
      alt={alt}
      {...(className !== undefined && { className })}
      {...(size !== undefined && { loading: 'lazy', width: size, height: size })}
      onError={() => void ask()}
    />
  );
}
