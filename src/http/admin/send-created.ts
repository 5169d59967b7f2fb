import type { Exchange } from '../exchange.ts';

/** Answers 201 with where the new thing is, whether its name was in the path (PUT) or not (POST). */
export function sendCreated({ request, response, rootUrl }: Exchange, name: string, described: object): void {
  const path = rootUrl + request.originalUrl.split('?')[0]!.replace(/\/+$/, '');
  const own = encodeURIComponent(name);
  response.setHeader('Location', path.endsWith(`/${own}`) ? path : `${path}/${own}`);
  response.status(201).json(described);
}
