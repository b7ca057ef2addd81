// One door to the engine: the envelope is opened here and nowhere else.
import { Json } from './objects';

const BASE = '/resources/json/delphix';
const VERSION = { type: 'APIVersion', major: 1, minor: 11, micro: 51 };

/** An answer that is an error, in the three parts that a user needs. */
export class EngineError extends Error {
  constructor(
    message: string,
    readonly status: number,
    readonly action = '',
    readonly output = '',
  ) {
    super(message);
  }

  /** No session, or one that has ended. */
  get needsLogin(): boolean {
    return this.status === 401 || this.status === 403;
  }
}

export interface Answer {
  result: any;
  job?: string | null;
  action?: string | null;
}

/** `details` is a text, or texts by field that may lie deeper. */
function text(details: unknown): string {
  if (details === null || details === undefined) return '';
  if (typeof details !== 'object') return String(details);
  const known = details as Json;
  if (typeof known['details'] === 'string') return known['details'];
  return Object.entries(known)
    .map(([name, part]) => `${name}: ${text(part)}`)
    .join('\n');
}

async function open(response: Response): Promise<Answer> {
  let answer: Json;
  try {
    answer = await response.json();
  } catch {
    throw new EngineError(`The engine answered ${response.status} ${response.statusText}`, response.status);
  }
  if (answer['status'] === 'OK') return answer as Answer;
  const error = answer['error'] ?? {};
  // An engine may tell the lack of a session in an envelope of its own with status 200.
  const denied = /session|login|authenticat/i.test(error.id ?? '');
  const message = text(error.details) || `The engine answered ${response.status}`;
  throw new EngineError(message, denied ? 403 : response.status, error.action ?? '', error.commandOutput ?? '');
}

async function send(method: string, path: string, body?: Json): Promise<Answer> {
  let response: Response;
  try {
    response = await fetch(BASE + path, {
      method,
      credentials: 'same-origin',
      headers: body ? { 'Content-Type': 'application/json' } : {},
      body: body ? JSON.stringify(body) : undefined,
    });
  } catch {
    throw new EngineError('The engine does not answer', 0);
  }
  return open(response);
}

export const get = (path: string): Promise<Answer> => send('GET', path);
export const post = (path: string, body?: Json): Promise<Answer> => send('POST', path, body);

/** All objects of a kind. */
export async function list<T>(path: string): Promise<T[]> {
  return ((await get(path)).result ?? []) as T[];
}

export async function login(username: string, password: string): Promise<void> {
  await post('/session', { type: 'APISession', version: VERSION });
  await post('/login', { type: 'LoginRequest', username, password });
}
