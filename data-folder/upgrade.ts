/** One step from a version of the data folder to the next; a file of `upgrades/` is one, numbered from 0001 without gaps. */
export interface Upgrade {
  /** What it changes, for the log. */
  summary: string
  /** Changes the folder in place. It may have been ended in the middle before: done again, it has to come to the same. */
  run(folder: string): Promise<void>
}
