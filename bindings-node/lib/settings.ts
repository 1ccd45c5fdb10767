/** The value of a setting: lists are joined with commas. */
export type SettingValue = string | number | bigint | boolean | readonly string[]

/** Settings under Kafka's names, such as `{ 'bootstrap.servers': 'localhost:9092' }`. What is `undefined` is left out. */
export interface Settings {
  [name: string]: SettingValue | undefined
}

/** @internal Settings as the native half takes them. */
export function settingPairs(settings: Settings | undefined): [string, string][] {
  const pairs: [string, string][] = []
  for (const [name, value] of Object.entries(settings ?? {})) {
    if (value !== undefined) pairs.push([name, Array.isArray(value) ? value.join(',') : String(value)])
  }
  return pairs
}
