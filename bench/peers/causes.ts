/** Why engines differ: found by hand once for each rule, with one event of the difference; an entry is no licence for others. */
const CAUSES: { peer: 'rsigma' | 'sigmaRust'; cause: string; rules: string[] }[] = [
  {
    peer: 'rsigma',
    cause: 'rsigma holds a value with ? against the whole field, even under endswith: 1? is found in 12, not in 0x10',
    rules: ['ab6bffca-beff-4baa-af11-6733f296d57a', 'f6de9536-0441-4b3f-a646-f4e00f300ffd'],
  },
  {
    peer: 'rsigma',
    cause: "rsigma's windash varies the dash only: /accepteula is not looked for as -accepteula",
    rules: ['4a0b2c7e-7cb2-495d-8b63-5f268e7bfd67'],
  },
  {
    peer: 'sigmaRust',
    cause: 'sigma-rust holds a keyword against a whole value, and does not look for it inside',
    rules: [
      '06d71506-7beb-4f22-8888-e2e5e2ca7fd8',
      '5e51acb2-bcbe-435b-99c6-0e3cd5e2aa59',
      '78bc5783-81d9-4d73-ac97-59f6db4f72a8',
      '9705a6a1-6db6-4a16-a987-15b7151e299b',
      '9e8f6035-88bf-4a63-96b6-b17c0508257e',
      'b9e1f193-d236-4451-aaae-2f3d2102120d',
      'cd072b25-a418-4f98-8ebc-5093fb38fe1a',
      'ceb407f6-8277-439b-951f-e4210e3ed956',
    ],
  },
  {
    peer: 'sigmaRust',
    cause: 'sigma-rust does not take a field that is absent for null',
    rules: [
      '71158e3f-df67-472b-930e-7d287acaa3e1',
      'c09dad97-1c78-4f71-b127-7edb2b8e491a',
      'db809f10-56ce-4420-8c86-d6a7d793c79c',
    ],
  },
]

export function causeOf(peer: string, rule: string): string {
  return CAUSES.find((known) => known.peer === peer && known.rules.includes(rule))?.cause ?? 'NOT EXPLAINED'
}
