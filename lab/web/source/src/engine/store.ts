// What the page knows of the engine, read again and again while somebody is logged in.
import { Injectable, computed, signal } from '@angular/core';
import { EngineError, list, login, post } from './api';
import {
  Database, Environment, EnvironmentUser, Job, Named, Repository, Snapshot, Source, SourceConfig, Toolkit, numberOf,
} from './objects';

const JOBS_EVERY = 1500;
const RUNNING = new Set(['RUNNING', 'INITIAL', 'QUEUED']);

@Injectable({ providedIn: 'root' })
export class Store {
  readonly user = signal<string | null>(null);
  readonly ready = signal(false);
  readonly notice = signal('');
  readonly failure = signal('');
  readonly toolkits = signal<Toolkit[]>([]);
  readonly environments = signal<Environment[]>([]);
  readonly users = signal<EnvironmentUser[]>([]);
  readonly repositories = signal<Repository[]>([]);
  readonly sourceConfigs = signal<SourceConfig[]>([]);
  readonly groups = signal<Named[]>([]);
  readonly databases = signal<Database[]>([]);
  readonly sources = signal<Source[]>([]);
  readonly snapshots = signal<Snapshot[]>([]);
  readonly jobs = signal<Job[]>([]);
  /** Of each dataset, as its plugin told: a list of sources does not ask the plugins. */
  readonly states = signal<Record<string, string>>({});
  readonly toolkit = computed<Toolkit | undefined>(() => this.toolkits()[0]);
  /** Grows when jobs began or ended. */
  readonly changes = signal(0);
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** Goes on with a session that the browser still has. */
  async resume(): Promise<void> {
    try {
      await this.begin('');
    } catch {
      // No session: the login is shown.
    }
    this.ready.set(true);
  }

  async login(user: string, password: string): Promise<void> {
    await login(user, password);
    await this.begin(user);
  }

  async logout(): Promise<void> {
    this.end();
    await post('/logout').catch(() => undefined);
  }

  private async begin(user: string): Promise<void> {
    await this.load();
    this.user.set(user);
    clearTimeout(this.timer);
    void this.watch();
  }

  private end(): void {
    clearTimeout(this.timer);
    this.user.set(null);
  }

  /** Reads everything but jobs. */
  async load(): Promise<void> {
    const [toolkits, environments, users, repositories, configs, groups, databases, sources, snapshots] =
      await Promise.all([
        list<Toolkit>('/toolkit'), list<Environment>('/environment'), list<EnvironmentUser>('/environment/user'),
        list<Repository>('/repository'), list<SourceConfig>('/sourceconfig'), list<Named>('/group'),
        list<Database>('/database'), list<Source>('/source'), list<Snapshot>('/snapshot'),
      ]);
    this.toolkits.set(toolkits);
    this.environments.set(environments);
    this.users.set(users);
    this.repositories.set(repositories);
    this.sourceConfigs.set(configs);
    this.groups.set(groups);
    this.databases.set(databases);
    this.sources.set(sources);
    this.snapshots.set(snapshots.sort((a, b) => numberOf(b.reference) - numberOf(a.reference)));
  }

  /** Asks the plugin for the state of each dataset, one after the other: it runs on hosts. */
  async loadStates(): Promise<void> {
    for (const { reference } of this.databases()) {
      const [source] = await list<Source>(`/source?database=${reference}`).catch(() => []);
      const state = source?.runtime?.status ?? 'UNKNOWN';
      this.states.update((known) => ({ ...known, [reference]: state }));
    }
  }

  private async watch(): Promise<void> {
    try {
      if (await this.loadJobs()) {
        await this.load();
        this.changes.update((count) => count + 1);
      }
      this.failure.set('');
    } catch (error) {
      if (error instanceof EngineError && error.needsLogin) return this.end();
      this.failure.set((error as Error).message);
    }
    if (this.user() !== null) this.timer = setTimeout(() => void this.watch(), JOBS_EVERY);
  }

  /** Whether a job ended or began since the last time, so that other objects may have changed. */
  async loadJobs(): Promise<boolean> {
    const states = (jobs: Job[]) => jobs.map((job) => job.reference + job.jobState).join();
    const before = states(this.jobs());
    const jobs = await list<Job>('/job?addEvents=true');
    this.jobs.set(jobs.sort((a, b) => numberOf(b.reference) - numberOf(a.reference)));
    return before !== states(jobs);
  }

  running(job: Job): boolean {
    return RUNNING.has(job.jobState);
  }

  find<T extends Named>(objects: T[], reference: string | null | undefined): T | undefined {
    return objects.find((item) => item.reference === reference);
  }

  name(objects: Named[], reference: string | null | undefined): string {
    return this.find(objects, reference)?.name ?? reference ?? '';
  }

  sourceOf(database: string): Source | undefined {
    return this.sources().find((source) => source.container === database);
  }

  isVirtual(database: string): boolean {
    return /Virtual/.test(this.sourceOf(database)?.type ?? '');
  }

  snapshotsOf(database: string | null | undefined): Snapshot[] {
    return this.snapshots().filter((snapshot) => snapshot.container === database);
  }

  environmentOf(repository: string | undefined): Environment | undefined {
    const found = this.find(this.repositories(), repository);
    return this.find(this.environments(), found?.environment);
  }

  /** The user that works on a host unless somebody says otherwise. */
  userOf(environment: string | undefined): string | undefined {
    const primary = this.find(this.environments(), environment)?.primaryUser;
    return primary ?? this.users().find((user) => user.environment === environment)?.reference;
  }
}
