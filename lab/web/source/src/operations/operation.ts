// An operation is data: the schemas that are asked for and the body that comes of the answers.
import { Json, Named, Schema } from '../engine/objects';

export interface Part {
  name: string;
  title: string;
  schema: Schema;
}

export interface Operation {
  title: string;
  button: string;
  parts: Part[];
  path: (engine: Json) => string;
  /** From the values of the parts by their names; nothing: the call has no body. */
  body: (values: Record<string, Json>) => Json | undefined;
}

/** A list to choose from, as a schema. */
export function choice(title: string, objects: Named[], more: Json = {}): Schema {
  const options = objects.map((item) => ({ const: item.reference, title: item.name }));
  // Formly takes a list without entries for no list at all.
  const kind = options.length ? { oneOf: options } : { enum: [] };
  return { type: 'string', prettyName: title, ...kind, ...more };
}

export function only(objects: Named[]): Json {
  return objects.length ? { default: objects[0].reference } : {};
}

export function hasFields(schema: Schema | undefined): schema is Schema {
  return Object.keys(schema?.properties ?? {}).length > 0;
}

export function engine(properties: Record<string, Schema>, required: string[]): Part {
  return { name: 'engine', title: '', schema: { type: 'object', properties, required } };
}

export function part(name: string, title: string, schema: Schema | undefined): Part[] {
  return hasFields(schema) ? [{ name, title, schema }] : [];
}

export const NAME: Schema = { type: 'string', prettyName: 'Name', minLength: 1, maxLength: 256 };
export const NO_LOGSYNC = { type: 'SourcingPolicy', logsyncEnabled: false };
