import { PanelBuilder as BarGauge } from '@grafana/grafana-foundation-sdk/bargauge';
import {
  BarGaugeDisplayMode,
  BigValueColorMode,
  BigValueGraphMode,
  BigValueTextMode,
  GraphDrawStyle,
  LegendDisplayMode,
  LegendPlacement,
  LineInterpolation,
  ReduceDataOptionsBuilder,
  SortOrder,
  StackingConfigBuilder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizOrientation,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import {
  FieldColorBuilder,
  FieldColorModeId,
  MappingType,
  SpecialValueMatch,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type ValueMapping,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { PanelBuilder as Stat } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as StateTimeline } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as Table } from '@grafana/grafana-foundation-sdk/table';
import { PanelBuilder as TimeSeries } from '@grafana/grafana-foundation-sdk/timeseries';
import type { Palette } from './colours.ts';

/** A line is not drawn over a gap that is longer: the node told nothing. */
const gapMs = 600_000;

/** Values from which a colour holds; what is below the first of them is green. */
export type Steps = readonly (readonly [value: number, colour: 'yellow' | 'orange' | 'red'])[];

/** Lines over time, painted by their names where these are known. */
export function lines(unit: string, palette: Palette = {}): TimeSeries {
  const shape = new TimeSeries()
    .unit(unit)
    .min(0)
    .lineWidth(1)
    .fillOpacity(8)
    .showPoints(VisibilityMode.Auto)
    .insertNulls(gapMs)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  for (const [name, colour] of Object.entries(palette)) {
    shape.overrideByName(name, [{ id: 'color', value: { mode: 'fixed', fixedColor: colour } }]);
  }
  return shape;
}

/** Lines that hold until the next one: limits and counts. */
export function steps(unit: string, palette: Palette = {}): TimeSeries {
  return lines(unit, palette).lineInterpolation(LineInterpolation.StepAfter);
}

/** Areas, one upon the other. */
export function stacked(unit: string, palette: Palette = {}): TimeSeries {
  return lines(unit, palette)
    .fillOpacity(40)
    .stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
}

/** Bars, one upon the other. */
export function bars(unit: string, palette: Palette = {}): TimeSeries {
  return stacked(unit, palette).drawStyle(GraphDrawStyle.Bars).fillOpacity(80).lineWidth(0);
}

/** One series of a stacked panel as a line above the others: a limit. */
export function withLimit(shape: TimeSeries, name: string): TimeSeries {
  return shape.overrideByName(name, [
    { id: 'custom.stacking', value: { mode: 'none', group: 'B' } },
    { id: 'custom.fillOpacity', value: 0 },
    { id: 'custom.lineInterpolation', value: 'stepAfter' },
    { id: 'custom.lineStyle', value: { fill: 'dash', dash: [6, 6] } },
  ]);
}

/** A number, coloured by where it stands. */
export function figure(unit: string, at: Steps = []): Stat {
  return new Stat()
    .unit(unit)
    .thresholds(
      new ThresholdsConfigBuilder()
        .mode(ThresholdsMode.Absolute)
        .steps([{ value: null, color: 'green' }, ...at.map(([value, color]) => ({ value, color }))]),
    )
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.Thresholds))
    .colorMode(at.length > 0 ? BigValueColorMode.Background : BigValueColorMode.None)
    .graphMode(BigValueGraphMode.None)
    .textMode(BigValueTextMode.Auto)
    .orientation(VizOrientation.Auto)
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false));
}

/** An empty word stands for no rule at all. */
const nothing: ValueMapping = {
  type: MappingType.SpecialValue,
  options: { match: SpecialValueMatch.Empty, result: { text: 'nothing' } },
};

/** A word: in InfluxDB the value of this column, in Prometheus the name of the one series that is there. */
export function word(column: string, isName: boolean): Stat {
  return figure('none')
    .mappings([nothing])
    .textMode(isName ? BigValueTextMode.Name : BigValueTextMode.Value)
    .reduceOptions(
      new ReduceDataOptionsBuilder()
        .calcs(['lastNotNull'])
        .values(false)
        .fields(isName ? '' : `/^${column}$/`),
    );
}

/** What was when, as coloured spans: with a word in each, or with a line for each word. */
export function timeline(isWordInSpan: boolean): StateTimeline {
  return new StateTimeline()
    .mappings([nothing])
    .showValue(isWordInSpan ? VisibilityMode.Auto : VisibilityMode.Never)
    .mergeValues(true)
    .rowHeight(0.8)
    .insertNulls(gapMs)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassic));
}

/** Lying bars, one for each series. */
export function ranking(unit: string): BarGauge {
  return new BarGauge()
    .unit(unit)
    .min(0)
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Gradient)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassic))
    .reduceOptions(new ReduceDataOptionsBuilder().calcs(['lastNotNull']).values(false));
}

/** What a column of a table is called and how it is written; hidden where that is null. */
export type Columns = Readonly<Record<string, { readonly title?: string; readonly unit?: string } | null>>;

/** Rows of names and numbers. */
export function table(columns: Columns): Table {
  const shape = new Table().filterable(true);
  for (const [name, column] of Object.entries(columns)) {
    shape.overrideByName(
      name,
      column === null
        ? [{ id: 'custom.hidden', value: true }]
        : [
            ...(column.title === undefined ? [] : [{ id: 'displayName', value: column.title }]),
            ...(column.unit === undefined ? [] : [{ id: 'unit', value: column.unit }]),
          ],
    );
  }
  return shape;
}
