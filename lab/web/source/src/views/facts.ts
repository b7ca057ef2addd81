import { Component, Input } from '@angular/core';
import { adapted } from '../forms/dialect';
import { Json, Schema } from '../engine/objects';

interface Fact {
  key: string;
  title: string;
  help: string;
  kind: 'text' | 'list' | 'table' | 'facts';
  value: any;
  schema: Schema;
  columns: { key: string; title: string }[];
}

const HIDDEN = '••••••';
const SECRETS = ['password', 'privateKey'];

function kind(value: unknown): Fact['kind'] {
  if (Array.isArray(value)) return value.some((item) => item && typeof item === 'object') ? 'table' : 'list';
  return value && typeof value === 'object' ? 'facts' : 'text';
}

function words(value: unknown): string {
  if (typeof value === 'boolean') return value ? 'Yes' : 'No';
  return value === null || value === undefined ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function fact(key: string, value: any, schema: Schema): Fact {
  const rows = kind(value) === 'table' ? (value as Json[]) : [];
  const items = schema.items?.properties ?? {};
  const names = [...new Set([...Object.keys(items), ...rows.flatMap((row) => Object.keys(row ?? {}))])];
  return {
    key, value, schema, kind: kind(value), title: schema['title'] ?? key, help: schema.description ?? '',
    columns: names.map((name) => ({ key: name, title: items[name]?.['title'] ?? name })),
  };
}

/** An object of the plugin with the titles of its schema, in the schema's order. */
@Component({
  selector: 'lab-facts',
  template: `
    <dl class="facts">
      @for (item of facts; track item.key) {
        <div [attr.data-fact]="prefix + item.key">
          <dt [title]="item.help">{{ item.title }}
            @if (help && item.help) {<small class="help">{{ item.help }}</small>}</dt>
          <dd>
            @switch (item.kind) {
              @case ('list') {<ul>@for (part of item.value; track $index) {<li>{{ words(part) }}</li>}</ul>}
              @case ('table') {
                <div class="scroll"><table>
                  <thead><tr>@for (column of item.columns; track column.key) {<th>{{ column.title }}</th>}</tr></thead>
                  <tbody>
                    @for (row of item.value; track $index) {
                      <tr>@for (column of item.columns; track column.key) {<td>{{ words(row[column.key]) }}</td>}</tr>
                    }
                  </tbody>
                </table></div>
              }
              @case ('facts') {
                <lab-facts [value]="item.value" [schema]="item.schema" [help]="help" [prefix]="prefix + item.key + '.'" />
              }
              @default {{{ shown(item) }}}
            }
          </dd>
        </div>
      } @empty {<div class="help">None.</div>}
    </dl>
  `,
})
export class Facts {
  @Input() prefix = '';
  @Input() help = false;
  facts: Fact[] = [];
  readonly words = words;
  private given: Json = {};
  private known: Schema = {};

  @Input() set value(value: Json | null | undefined) {
    this.given = value ?? {};
    this.settle();
  }

  @Input() set schema(schema: Schema | undefined) {
    this.known = schema ?? {};
    this.settle();
  }

  shown(item: Fact): string {
    const secret = item.schema.format === 'password' || SECRETS.includes(item.key);
    return secret && item.value ? HIDDEN : words(item.value);
  }

  private settle(): void {
    const properties = adapted(this.known).properties ?? {};
    const names = [...new Set([...Object.keys(properties), ...Object.keys(this.given)])];
    this.facts = names
      .filter((name) => this.given[name] !== null && this.given[name] !== undefined)
      .map((name) => fact(name, this.given[name], properties[name] ?? {}));
  }
}
