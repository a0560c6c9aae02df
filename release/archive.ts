import { execFileSync } from 'node:child_process'

/** Owners, times, order and modes of an archive say nothing about the machine that packed it: the same files, the same bytes. */
function sameEverywhere(epochSeconds: number): string[] {
  const owner = ['--owner=0', '--group=0', '--numeric-owner']
  return ['--format=gnu', '--sort=name', `--mtime=@${epochSeconds}`, '--mode=u+rw,go+rX,go-w', ...owner]
}

/** Packs what is in `folder`; with `gzip`, compressed. */
export function pack(folder: string, file: string, epochSeconds: number, compress: 'gzip' | 'none'): void {
  const compressed = compress === 'gzip' ? ['--use-compress-program=gzip -n -6'] : []
  execFileSync('tar', [...sameEverywhere(epochSeconds), ...compressed, '-cf', file, '-C', folder, '.'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

export function unpack(file: string, folder: string): void {
  execFileSync('tar', ['-xf', file, '-C', folder, '--no-same-owner', '--no-same-permissions'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
}
