import { spawnSync } from 'node:child_process';
import { cpuStory } from './cpuStory.ts';

/** Told apart by people who see colours differently, on white, so that a dark page does not swallow it. */
const colours = { owner: '#d55e00', others: '#b0b0b0', pilots: '#0072b2', line: '#333333' } as const;

const setup = (svg: string, height: number): string => `
set terminal svg size 900,${height} font "sans-serif,13" background rgb "white" name "plancton"
set output "${svg}"
set datafile separator ","
set border 3 lc rgb "#666666"
set tics nomirror out
set grid ytics lc rgb "#dddddd" lt 1
set lmargin 9
set rmargin 3
set key outside top center horizontal samplen 2
`;

/** Draws the CPU recording: who has the CPUs, and how many pilots there are. */
export function drawCpu(csv: string, svg: string, cpus: number): void {
  const marks = cpuStory.map(({ name, seconds }, index) => {
    const from = cpuStory.slice(0, index).reduce((sum, chapter) => sum + chapter.seconds, 0);
    const text = `set label ${index + 1} "${name}" at ${from + seconds / 2},graph 1.05 center font ",11" tc rgb "#444444"`;
    return from === 0
      ? text
      : `${text}\nset arrow ${index} from ${from},graph 0 to ${from},graph 1 nohead front lc rgb "#444444" dt 3`;
  });
  const end = cpuStory.reduce((sum, { seconds }) => sum + seconds, 0);
  gnuplot(`${setup(svg, 560)}
set multiplot
set xrange [0:${end}]
set xtics 60
set style fill solid 1.0 noborder
set bmargin at screen 0.42
set tmargin at screen 0.83
set key at screen 0.5,0.95 center horizontal samplen 2 maxrows 1
set format x ""
set ylabel "CPUs"
set yrange [0:${cpus}]
set ytics ${Math.max(1, Math.round(cpus / 4))}
${marks.join('\n')}
plot "${csv}" skip 1 using 1:(0):2 with filledcurves lc rgb "${colours.owner}" title "owner", \\
  "" skip 1 using 1:2:($2+$4) with filledcurves lc rgb "${colours.others}" title "everything else", \\
  "" skip 1 using 1:($2+$4):($2+$3+$4) with filledcurves lc rgb "${colours.pilots}" title "pilots", \\
  "" skip 1 using 1:6 with lines lw 1.3 lc rgb "${colours.line}" title "owner as the daemon sees him"
unset label
set bmargin at screen 0.13
set tmargin at screen 0.36
set key at screen 0.5,0.385 center horizontal samplen 2 maxrows 1
set format x "%g"
set xlabel "seconds"
set ylabel "pilots"
set yrange [0:${cpus}*1.15]
plot "${csv}" skip 1 using 1:8 with fillsteps lc rgb "${colours.pilots}" title "running", \\
  "" skip 1 using 1:($8+$9) with steps lw 2 lc rgb "${colours.line}" dt 2 title "running and paused"
unset multiplot
`);
}

/** Draws the memory recording: what is available, who holds what, and how many pilots there are. */
export function drawMemory(csv: string, svg: string, pilots: number): void {
  gnuplot(`${setup(svg, 560)}
set multiplot
set style fill solid 0.5 noborder
set xrange [0:*]
set bmargin at screen 0.42
set tmargin at screen 0.90
set key at screen 0.5,0.95 center horizontal samplen 2 maxrows 1
set format x ""
set ylabel "GB"
set yrange [*:*]
set xzeroaxis lc rgb "#666666"
plot "${csv}" skip 1 using 1:5 with filledcurves y1=0 lc rgb "${colours.pilots}" title "held by pilots", \\
  "" skip 1 using 1:6 with lines lw 2.5 lc rgb "${colours.owner}" title "taken by the owner", \\
  "" skip 1 using 1:($2-$4) with lines lw 2.5 lc rgb "${colours.line}" title "MemAvailable less the reserve", \\
  "" skip 1 using 1:($2+$3-$4) with lines lw 1.5 dt 2 lc rgb "${colours.line}" title "and free at hand of a CPU"
set bmargin at screen 0.13
set tmargin at screen 0.36
set key off
set format x "%g"
set xlabel "seconds after the owner began"
set ylabel "pilots"
set ytics 1
set yrange [0:${pilots}*1.15]
plot "${csv}" skip 1 using 1:7 with fillsteps lc rgb "${colours.pilots}"
unset multiplot
`);
}

function gnuplot(script: string): void {
  const run = spawnSync('gnuplot', ['-'], { input: script, encoding: 'utf8' });
  if (run.error !== undefined) throw new Error(`gnuplot cannot be run: ${run.error.message}`);
  if (run.status !== 0 || run.stderr.trim() !== '') throw new Error(`gnuplot: ${run.stderr.trim()}`);
}
