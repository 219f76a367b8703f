import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** Where the generated dashboards are. */
export const boardFolder = resolve(import.meta.dirname, '../../monitoring/grafana/dashboards');

/** A query of a panel, as the file has it. */
export interface BoardTarget {
  readonly refId: string;
  readonly datasource: { readonly type: string; readonly uid: string };
  /** InfluxQL. */
  readonly query?: string;
  readonly alias?: string;
  readonly resultFormat?: 'time_series' | 'table';
  /** PromQL. */
  readonly expr?: string;
  readonly legendFormat?: string;
  readonly instant?: boolean;
  readonly format?: string;
}

/** A panel, or the line above some. */
export interface BoardPanel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly maxDataPoints?: number;
  readonly targets?: readonly BoardTarget[];
  readonly fieldConfig?: {
    readonly defaults: { readonly unit?: string };
    readonly overrides: readonly {
      readonly matcher: { readonly id: string; readonly options: string };
      readonly properties: readonly { readonly id: string }[];
    }[];
  };
}

/** What is chosen at the top. */
export interface BoardVariable {
  readonly name: string;
  readonly type: string;
  readonly query: string;
  readonly multi: boolean;
  readonly includeAll: boolean;
  readonly allValue?: string;
}

/** A dashboard, as far as tests look. */
export interface Board {
  readonly file: string;
  readonly database: 'influxdb' | 'prometheus';
  readonly uid: string;
  readonly panels: readonly BoardPanel[];
  readonly templating: { readonly list: readonly BoardVariable[] };
}

/** All dashboards that are shipped. */
export const boards: readonly Board[] = readdirSync(boardFolder)
  .filter((file) => file.endsWith('.json'))
  .map((file) => {
    const board = JSON.parse(readFileSync(join(boardFolder, file), 'utf8')) as Omit<
      Board,
      'file' | 'database'
    >;
    return { ...board, file, database: file.includes('influxdb') ? 'influxdb' : 'prometheus' };
  });

/** Every query of a dashboard, with the panel that asks it. */
export function targetsOf(board: Board): readonly { panel: BoardPanel; target: BoardTarget; text: string }[] {
  return board.panels.flatMap((panel) =>
    (panel.targets ?? []).map((target) => ({ panel, target, text: target.query ?? target.expr ?? '' })),
  );
}
