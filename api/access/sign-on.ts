import { randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import * as oidc from 'openid-client'
import { SignOnError } from './sign-on-error.ts'

export interface SignOnSettings {
  issuer: string
  clientId: string
  /** Absent: a public client, which PKCE alone protects. */
  clientSecret?: string
  /** Where the console is reached, without a path. */
  publicUrl: string
  scopes: string
  /** Claim of the name to log in as, and of the groups; dots lead into objects. */
  nameClaim: string
  groupsClaim: string
}

/** Who somebody is, as the provider says. */
export interface Identity {
  issuer: string
  subject: string
  name: string
  displayName: string
  groups: string[]
}

/** Between the way to the provider and the way back: a password and a second factor. */
const FLOW_MS = 10 * 60_000
/** Remembered at once: strangers who begin and never come back must not fill the memory. */
const FLOWS_MAX = 10_000
/** The provider's description is asked for again after so long. */
const DISCOVERED_MS = 3_600_000
const TIMEOUT_S = 10
const GROUPS_MAX = 1_000

interface Flow {
  state: string
  nonce: string
  verifier: string
}

export const CALLBACK_PATH = '/api/v1/login/sign-on/callback'

/**
 * Log-in by OpenID Connect: Authorization Code with PKCE, state and nonce. What belongs to one log-in is kept here under a secret
 * that only the browser which began it has, and is good once: a way back that comes twice, late, or to another browser finds nothing.
 */
export class SignOn {
  readonly #settings: SignOnSettings
  readonly #flows = new LRUCache<string, Flow>({ max: FLOWS_MAX, ttl: FLOW_MS })
  #discovered: { provider: oidc.Configuration; atMs: number } | null = null

  constructor(settings: SignOnSettings) {
    this.#settings = settings
  }

  /** Where the browser is to go, and the secret it is to keep. @throws {SignOnError} `unavailable` */
  async begin(): Promise<{ url: URL; secret: string }> {
    const provider = await this.#provider()
    const flow = { state: oidc.randomState(), nonce: oidc.randomNonce(), verifier: oidc.randomPKCECodeVerifier() }
    const secret = randomBytes(32).toString('base64url')
    this.#flows.set(secret, flow)
    const url = oidc.buildAuthorizationUrl(provider, {
      redirect_uri: this.#redirectUri(),
      scope: this.#settings.scopes,
      state: flow.state,
      nonce: flow.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(flow.verifier),
      code_challenge_method: 'S256',
    })
    return { url, secret }
  }

  /**
   * Who came back, by the query that the provider sent along.
   * @throws {SignOnError} unless the tokens are of this provider, for this client, for this log-in, signed and of now
   */
  async finish(secret: string | null, query: string): Promise<Identity> {
    const flow = secret === null ? undefined : this.#flows.get(secret)
    if (secret !== null) this.#flows.delete(secret)
    if (flow === undefined) throw new SignOnError('expired')
    const provider = await this.#provider()
    try {
      const tokens = await oidc.authorizationCodeGrant(provider, new URL(`${this.#redirectUri()}?${query}`), {
        expectedState: flow.state,
        expectedNonce: flow.nonce,
        pkceCodeVerifier: flow.verifier,
        idTokenExpected: true,
      })
      const claims = tokens.claims()!
      const { sub } = claims
      const more =
        claimAt(claims, this.#settings.groupsClaim) === undefined &&
        provider.serverMetadata().userinfo_endpoint !== undefined
          ? await oidc.fetchUserInfo(provider, tokens.access_token, sub)
          : {}
      return this.#identity({ ...more, ...claims })
    } catch (error) {
      throw failureOf(error)
    }
  }

  /** Where the provider's own session is ended; null where it says no such place. */
  async end(): Promise<URL | null> {
    const provider = await this.#provider()
    if (provider.serverMetadata().end_session_endpoint === undefined) return null
    return oidc.buildEndSessionUrl(provider, { post_logout_redirect_uri: `${this.#settings.publicUrl}/` })
  }

  #redirectUri(): string {
    return `${this.#settings.publicUrl}${CALLBACK_PATH}`
  }

  #identity(claims: Record<string, unknown>): Identity {
    const { nameClaim, groupsClaim } = this.#settings
    const text = (value: unknown): string => (typeof value === 'string' ? value.normalize('NFC').slice(0, 200) : '')
    const name = text(claimAt(claims, nameClaim))
    const groups = claimAt(claims, groupsClaim)
    return {
      issuer: String(claims['iss']),
      subject: String(claims['sub']),
      name,
      displayName: text(claims['name']) || name,
      groups: [groups]
        .flat()
        .filter((group): group is string => typeof group === 'string')
        .slice(0, GROUPS_MAX),
    }
  }

  async #provider(): Promise<oidc.Configuration> {
    if (this.#discovered !== null && Date.now() - this.#discovered.atMs < DISCOVERED_MS)
      return this.#discovered.provider
    const { issuer, clientId, clientSecret } = this.#settings
    // Settings allow HTTP only where the provider is this machine.
    const plain = issuer.startsWith('http:') ? [oidc.allowInsecureRequests] : []
    try {
      const provider = await oidc.discovery(
        new URL(issuer),
        clientId,
        undefined,
        clientSecret === undefined ? oidc.None() : oidc.ClientSecretBasic(clientSecret),
        { execute: [...plain, oidc.enableNonRepudiationChecks], timeout: TIMEOUT_S },
      )
      this.#discovered = { provider, atMs: Date.now() }
      return provider
    } catch (error) {
      throw new SignOnError('unavailable', error)
    }
  }
}

function claimAt(claims: Record<string, unknown>, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path]
  return path
    .split('.')
    .reduce<unknown>(
      (at, name) =>
        typeof at === 'object' && at !== null && Object.hasOwn(at, name)
          ? (at as Record<string, unknown>)[name]
          : undefined,
      claims,
    )
}

function failureOf(error: unknown): SignOnError {
  if (error instanceof oidc.AuthorizationResponseError) return new SignOnError('denied', error)
  const { code } = error as { code?: string }
  return new SignOnError(code === 'OAUTH_TIMEOUT' || error instanceof TypeError ? 'unavailable' : 'refused', error)
}
