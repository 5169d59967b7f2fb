import type { Request, Response } from 'express';
import { CausewayError } from '../../kernel/errors.ts';

/**
 * Answers OPTIONS of what is only read.
 * @param what stands there, in words
 * @returns whether that was it; else the request reads
 * @throws CausewayError `method-not-allowed`
 */
export function answerUnread({ method }: Request, response: Response, what: string): boolean {
  if (method === 'GET' || method === 'HEAD') return false;
  response.setHeader('Allow', 'GET, HEAD, OPTIONS');
  if (method !== 'OPTIONS') throw new CausewayError('method-not-allowed', `${what} is only read: GET, HEAD.`);
  response.status(204).end();
  return true;
}
