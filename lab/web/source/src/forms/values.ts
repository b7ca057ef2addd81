// What a form sends: what is seen and filled.
import { FormlyFieldConfig } from '@ngx-formly/core';
import { Json } from '../engine/objects';

/** Keys from the form's root down to a field, such as settings.0.name. */
export function pathOf(field: FormlyFieldConfig): string {
  const keys: string[] = [];
  for (let at: FormlyFieldConfig | undefined = field; at; at = at.parent) {
    if (at.key !== undefined && at.key !== null && at.key !== '') keys.unshift(String(at.key));
  }
  return keys.join('.');
}

function children(field: FormlyFieldConfig): Json {
  const found: Json = {};
  for (const part of field.fieldGroup ?? []) {
    const value = sent(part);
    if (value === undefined) continue;
    if (part.key === undefined || part.key === null) Object.assign(found, value);
    else found[String(part.key)] = value;
  }
  return found;
}

function sent(field: FormlyFieldConfig): unknown {
  if (field.hide) return undefined;
  if (field.fieldArray) {
    const items = (field.fieldGroup ?? []).map((item) => (item.fieldGroup ? children(item) : sent(item)));
    const filled = items.filter((item) => item !== undefined);
    return filled.length || field.props?.required ? filled : undefined;
  }
  if (field.fieldGroup) {
    const value = children(field);
    return Object.keys(value).length || field.props?.required ? value : undefined;
  }
  const value = field.formControl?.value;
  return value === null || value === '' ? undefined : value;
}

export function valuesOf(fields: FormlyFieldConfig[]): Json {
  return children({ fieldGroup: fields });
}
