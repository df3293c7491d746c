import type { InputPluginOption, Plugin, RollupOptions } from 'rollup'

export function bundledWorkers(plugins: InputPluginOption[]): Plugin
export function packagedWorkers(
  folder: string,
  options: RollupOptions & { plugins: InputPluginOption[] },
): RollupOptions[]
