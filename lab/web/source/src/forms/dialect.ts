// From a plugin's schema to one that Formly's JSON Schema reads: order, titles, the platform's types.
import { FormlyFieldConfig } from '@ngx-formly/core';
import { Json, Schema } from '../engine/objects';
import { supplier } from './suppliers';

/** Formats of the engine that are more than a way to show a text. */
const FORMATS: Record<string, { pattern: RegExp; message: string }> = {
  unixpath: { pattern: /^\/[^\0]*$/, message: 'Use an absolute path.' },
  objectReference: { pattern: /^[A-Z0-9_]+-\d+$/, message: 'Use the reference of an object.' },
  date: { pattern: /^\d{4}-\d\d-\d\d$/, message: 'Use a date such as 2026-01-31.' },
};

/** The properties in the order that `ordering` says; those it leaves out come last. */
function ordered(schema: Schema): [string, Schema][] {
  const properties = schema.properties ?? {};
  const first = (schema.ordering ?? []).filter((name) => name in properties);
  const names = [...new Set([...first, ...Object.keys(properties)])];
  return names.map((name) => [name, properties[name]]);
}

export function adapted(schema: Schema, required = true): Schema {
  const known = schema['$ref'] ? { ...supplier(schema['$ref'], required), ...schema } : { ...schema };
  delete known['$ref'];
  const result: Schema = { ...known, title: known.prettyName ?? known['title'] };
  if (known.properties) {
    const needed = known.required ?? [];
    result.properties = Object.fromEntries(
      ordered(known).map(([name, part]) => [name, adapted(part, needed.includes(name))]),
    );
  }
  if (known.items) result.items = adapted(known.items);
  return result;
}

/**
 * A plugin's expression speaks of the fields beside it. Formly's own `model` would be, for objects and
 * lists, what they hold.
 */
function hidden(expression: string): (field: FormlyFieldConfig) => boolean {
  const told = new Function('model', 'formState', 'field', `return (${expression});`);
  return (field) => !!told(field.parent?.model ?? {}, field.options?.formState ?? {}, field);
}

/** What Formly's own translation leaves out: called for each field. */
export function finished(field: FormlyFieldConfig, schema: Json): FormlyFieldConfig {
  const form = schema['dxFormProperties'] ?? {};
  if (form.hideExpression) field.expressions = { ...field.expressions, hide: hidden(form.hideExpression) };
  field.validation = { messages: { ...schema['validationMessages'], ...form.validationMessages } };
  const props: Json = (field.props ??= {});
  if (schema['format'] === 'password') props['type'] = 'password';
  if (form.rows && field.type === 'string') {
    field.type = 'area';
    props['rows'] = form.rows;
  }
  if (form.collapsible) Object.assign(props, { collapsible: true, folded: !form.expanded });
  // JSON Schema's patterns match anywhere; Angular would anchor a text, but not an expression.
  if (typeof props['pattern'] === 'string') props['pattern'] = new RegExp(props['pattern'], 'u');
  const format = FORMATS[schema['format']];
  if (format) {
    field.validators = {
      ...field.validators,
      format: {
        expression: ({ value }: { value: unknown }) => typeof value !== 'string' || !value || format.pattern.test(value),
        message: format.message,
      },
    };
  }
  return field;
}
