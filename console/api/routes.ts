/**
 * What each route takes and gives, read off the description of the API. `test/console/api.test.ts` fails where the two differ
 * and writes this file anew with `-u`.
 */
export interface Routes {
  /** Agencies and systems that the asker may see, ended ones included: old records bear their keys */
  'GET /agencies': {
    answer: {
      /** Of the centre. */
      names: {
        vi: string
        en: string
      }
      agencies: {
        key: string
        names: {
          vi: string
          en: string
        }
        validFrom?: string
        validTo?: string
      }[]
      systems: {
        key: string
        names: {
          vi: string
          en: string
        }
        owner?: string
        level: number
      }[]
    }
  }
  /** One alert in its highest version */
  'GET /alerts/{id}': {
    params: {
      id: string
    }
    answer: {
      id: string
      version: number
      rule: {
        id: string
        title: string
        titleVi?: string
        level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
        hash: string
        tags: string[]
        author?: string
        license?: string
        path: string
      }
      '@timestamp': string
      seq: number
      agency: string
      system?: string
      entities: {
        kind: string
        value: string
      }[]
      group: Record<string, string>
      evidence: {
        record: string
        seq: number
        '@timestamp': string
        /** The raw line, verbatim. It is hostile text. */
        original: string
        rule: string
        proof: {
          selection: string
          field: string
          eventField: string
          modifiers: string[]
          value: string
          matched: string
          /** [start, end) in `original`, UTF-16 units. */
          span?: number[]
        }[]
      }[]
      count: number
      /** It tells of `count` alerts of its rule that day, beyond what the rule may raise. */
      beyondBudget?: {
        day: string
        perDay: number
      }
    }
  }
  /** One alert with what is hidden elsewhere. A record of the audit, with the reason. */
  'POST /alerts/{id}/reveal': {
    params: {
      id: string
    }
    body: {
      /** Why it has to be seen. */
      reason: string
    }
    answer: {
      id: string
      version: number
      rule: {
        id: string
        title: string
        titleVi?: string
        level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
        hash: string
        tags: string[]
        author?: string
        license?: string
        path: string
      }
      '@timestamp': string
      seq: number
      agency: string
      system?: string
      entities: {
        kind: string
        value: string
      }[]
      group: Record<string, string>
      evidence: {
        record: string
        seq: number
        '@timestamp': string
        /** The raw line, verbatim. It is hostile text. */
        original: string
        rule: string
        proof: {
          selection: string
          field: string
          eventField: string
          modifiers: string[]
          value: string
          matched: string
          /** [start, end) in `original`, UTF-16 units. */
          span?: number[]
        }[]
      }[]
      count: number
      /** It tells of `count` alerts of its rule that day, beyond what the rule may raise. */
      beyondBudget?: {
        day: string
        perDay: number
      }
    }
  }
  /** Who changed what, when, from what, to what; newest first. For who sees all agencies */
  'GET /audit': {
    query?: {
      actor?: string | undefined
      code?: string | undefined
      kind?: 'incident' | 'user' | 'token' | 'dead_letter' | 'webhook' | 'job' | 'search' | 'exception' | 'indicators' | 'rule' | 'report' | 'backup' | 'update' | 'hold' | 'partition' | 'integrity' | 'handover' | 'registry' | undefined
      subject?: string | undefined
      limit?: number | undefined
      cursor?: string | undefined
    }
    answer: {
      items: {
        at: string
        actor: string
        code: string
        params: Record<string, string | number>
        before?: Record<string, unknown>
        after?: Record<string, unknown>
        id: number
        hash: string
        subject: {
          kind: 'incident' | 'user' | 'token' | 'dead_letter' | 'webhook' | 'job' | 'search' | 'exception' | 'indicators' | 'rule' | 'report' | 'backup' | 'update' | 'hold' | 'partition' | 'integrity' | 'handover' | 'registry'
          id: string
        }
      }[]
      next?: string
    }
  }
  /** Reads the whole history and holds every entry against the chain of hashes */
  'GET /audit/verification': {
    query?: {
      id?: number | undefined
      hash?: string | undefined
    }
    answer: {
      ok: boolean
      entries: number
      head: {
        id: number
        hash: string
      }
      broken?: {
        id: number
        what: 'altered' | 'missing' | 'cut_off' | 'other_head'
      }
    }
  }
  /** Your backtests and dry runs since start, without their results */
  'GET /backtests': {
    answer: {
      items: {
        id: string
        kind: 'rules' | 'exception'
        from: string
        to: string
        state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled'
        progress: {
          /** Of `of`. */
          done: number
          of: number
          read: number
          matched: number
        }
        createdAt: string
        finishedAt?: string
        reason?: string
        result?: {
          /** Not all was read: the budget that ended first. */
          incomplete?: 'cpu' | 'matches'
          /** Events that the search of the store let through. */
          read: number
          /** Of them, those that a rule in question matches. */
          matched: number
          cpuMs: number
          alerts: {
            before: number
            after: number
            gone: number
            new: number
            changed: number
          }
          appear: {
            /** Of all, also where fewer are told. */
            total: number
            items: {
              title: string
              titleVi: string
              level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
              priority: number
              agency: string
              entity: {
                kind: string
                value: string
              }
              firstEventAt: string
              lastEventAt: string
              rules: {
                id: string
                title: string
                titleVi: string
              }[]
              alerts: {
                before: number
                after: number
              }
              was?: {
                level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                priority: number
              }
              evidence: {
                gone: {
                  id: string
                  rule: {
                    id: string
                    title: string
                    titleVi?: string
                    level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                  }
                  '@timestamp': string
                  agency: string
                  count: number
                  evidence: {
                    record: string
                    '@timestamp': string
                    original: string
                  }[]
                }[]
                new: {
                  id: string
                  rule: {
                    id: string
                    title: string
                    titleVi?: string
                    level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                  }
                  '@timestamp': string
                  agency: string
                  count: number
                  evidence: {
                    record: string
                    '@timestamp': string
                    original: string
                  }[]
                }[]
                changed: {
                  id: string
                  rule: {
                    id: string
                    title: string
                    titleVi?: string
                    level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                  }
                  '@timestamp': string
                  agency: string
                  count: number
                  evidence: {
                    record: string
                    '@timestamp': string
                    original: string
                  }[]
                }[]
              }
            }[]
          }
          vanish: {
            /** Of all, also where fewer are told. */
            total: number
            items: {
              title: string
              titleVi: string
              level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
              priority: number
              agency: string
              entity: {
                kind: string
                value: string
              }
              firstEventAt: string
              lastEventAt: string
              rules: {
                id: string
                title: string
                titleVi: string
              }[]
              alerts: {
                before: number
                after: number
              }
              was?: {
                level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                priority: number
              }
              evidence: {
                gone: {
                  id: string
                  rule: {
                    id: string
                    title: string
                    titleVi?: string
                    level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                  }
                  '@timestamp': string
                  agency: string
                  count: number
                  evidence: {
                    record: string
                    '@timestamp': string
                    original: string
                  }[]
                }[]
                new: {
                  id: string
                  rule: {
                    id: string
                    title: string
                    titleVi?: string
                    level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                  }
                  '@timestamp': string
                  agency: string
                  count: number
                  evidence: {
                    record: string
                    '@timestamp': string
                    original: string
                  }[]
                }[]
                changed: {
                  id: string
                  rule: {
                    id: string
                    title: string
                    titleVi?: string
                    level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                  }
                  '@timestamp': string
                  agency: string
                  count: number
                  evidence: {
                    record: string
                    '@timestamp': string
                    original: string
                  }[]
                }[]
              }
            }[]
          }
          change: {
            /** Of all, also where fewer are told. */
            total: number
            items: {
              title: string
              titleVi: string
              level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
              priority: number
              agency: string
              entity: {
                kind: string
                value: string
              }
              firstEventAt: string
              lastEventAt: string
              rules: {
                id: string
                title: string
                titleVi: string
              }[]
              alerts: {
                before: number
                after: number
              }
              was?: {
                level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                priority: number
              }
              evidence: {
                gone: {
                  id: string
                  rule: {
                    id: string
                    title: string
                    titleVi?: string
                    level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                  }
                  '@timestamp': string
                  agency: string
                  count: number
                  evidence: {
                    record: string
                    '@timestamp': string
                    original: string
                  }[]
                }[]
                new: {
                  id: string
                  rule: {
                    id: string
                    title: string
                    titleVi?: string
                    level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                  }
                  '@timestamp': string
                  agency: string
                  count: number
                  evidence: {
                    record: string
                    '@timestamp': string
                    original: string
                  }[]
                }[]
                changed: {
                  id: string
                  rule: {
                    id: string
                    title: string
                    titleVi?: string
                    level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                  }
                  '@timestamp': string
                  agency: string
                  count: number
                  evidence: {
                    record: string
                    '@timestamp': string
                    original: string
                  }[]
                }[]
              }
            }[]
          }
          /** Of the incidents about the same hosts, addresses and users, those that stay as they are. */
          unchanged: number
          rules: {
            id: string
            title: string
            titleVi?: string
            level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
            change: 'added' | 'removed' | 'changed'
            alerts: {
              before: number
              after: number
            }
            hidden: {
              before: number
              after: number
            }
          }[]
          problems: {
            path: string
            line: number
            column: number
            severity: 'error' | 'warning'
            code: string
            message: string
          }[]
          hiddenBy: {
            filter: string
            rule: string
            events: number
          }[]
          /** Where the alerts that would be gone stand today, and what was decided about them. */
          fate: {
            alerts: number
            /** In no incident. */
            elsewhere: number
            /** Of all, also where fewer are told. */
            total: number
            incidents: {
              id: string
              number: number
              title: string
              titleVi: string
              state: 'new' | 'in_progress' | 'on_hold' | 'resolved' | 'closed'
              verdict?: 'true_positive' | 'benign_positive' | 'false_positive' | 'inconclusive' | 'duplicate'
              agency: string
              gone: number
              alerts: number
            }[]
            truePositives: {
              incidents: number
              alerts: number
            }
          }
        }
      }[]
    }
  }
  /** Hold changed rules and those of now against stored events: which incidents appear, vanish, change */
  'POST /backtests': {
    body: {
      /** Files of the rules folder, by their path below it. */
      files: {
        path: string
        text: string
      }[]
      /** They are the whole folder: what is not among them is gone. */
      whole?: boolean | undefined
      /** Paths of files that are gone. */
      remove?: string[] | undefined
      /** Rules that run after the change, whatever their stage and switches: drafts. */
      live?: string[] | undefined
      /** Run every rule, not only those that differ: for rules that were others meanwhile. */
      full?: boolean | undefined
      budget?: {
        /** Default 600. */
        cpuSeconds?: number | undefined
        /** Default 100,000. */
        matches?: number | undefined
      } | undefined
      from?: string | undefined
      to?: string | undefined
    }
    answer: {
      id: string
      kind: 'rules' | 'exception'
      from: string
      to: string
      state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled'
      progress: {
        /** Of `of`. */
        done: number
        of: number
        read: number
        matched: number
      }
      createdAt: string
      finishedAt?: string
      reason?: string
      result?: {
        /** Not all was read: the budget that ended first. */
        incomplete?: 'cpu' | 'matches'
        /** Events that the search of the store let through. */
        read: number
        /** Of them, those that a rule in question matches. */
        matched: number
        cpuMs: number
        alerts: {
          before: number
          after: number
          gone: number
          new: number
          changed: number
        }
        appear: {
          /** Of all, also where fewer are told. */
          total: number
          items: {
            title: string
            titleVi: string
            level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
            priority: number
            agency: string
            entity: {
              kind: string
              value: string
            }
            firstEventAt: string
            lastEventAt: string
            rules: {
              id: string
              title: string
              titleVi: string
            }[]
            alerts: {
              before: number
              after: number
            }
            was?: {
              level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
              priority: number
            }
            evidence: {
              gone: {
                id: string
                rule: {
                  id: string
                  title: string
                  titleVi?: string
                  level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                }
                '@timestamp': string
                agency: string
                count: number
                evidence: {
                  record: string
                  '@timestamp': string
                  original: string
                }[]
              }[]
              new: {
                id: string
                rule: {
                  id: string
                  title: string
                  titleVi?: string
                  level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                }
                '@timestamp': string
                agency: string
                count: number
                evidence: {
                  record: string
                  '@timestamp': string
                  original: string
                }[]
              }[]
              changed: {
                id: string
                rule: {
                  id: string
                  title: string
                  titleVi?: string
                  level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                }
                '@timestamp': string
                agency: string
                count: number
                evidence: {
                  record: string
                  '@timestamp': string
                  original: string
                }[]
              }[]
            }
          }[]
        }
        vanish: {
          /** Of all, also where fewer are told. */
          total: number
          items: {
            title: string
            titleVi: string
            level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
            priority: number
            agency: string
            entity: {
              kind: string
              value: string
            }
            firstEventAt: string
            lastEventAt: string
            rules: {
              id: string
              title: string
              titleVi: string
            }[]
            alerts: {
              before: number
              after: number
            }
            was?: {
              level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
              priority: number
            }
            evidence: {
              gone: {
                id: string
                rule: {
                  id: string
                  title: string
                  titleVi?: string
                  level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                }
                '@timestamp': string
                agency: string
                count: number
                evidence: {
                  record: string
                  '@timestamp': string
                  original: string
                }[]
              }[]
              new: {
                id: string
                rule: {
                  id: string
                  title: string
                  titleVi?: string
                  level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                }
                '@timestamp': string
                agency: string
                count: number
                evidence: {
                  record: string
                  '@timestamp': string
                  original: string
                }[]
              }[]
              changed: {
                id: string
                rule: {
                  id: string
                  title: string
                  titleVi?: string
                  level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                }
                '@timestamp': string
                agency: string
                count: number
                evidence: {
                  record: string
                  '@timestamp': string
                  original: string
                }[]
              }[]
            }
          }[]
        }
        change: {
          /** Of all, also where fewer are told. */
          total: number
          items: {
            title: string
            titleVi: string
            level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
            priority: number
            agency: string
            entity: {
              kind: string
              value: string
            }
            firstEventAt: string
            lastEventAt: string
            rules: {
              id: string
              title: string
              titleVi: string
            }[]
            alerts: {
              before: number
              after: number
            }
            was?: {
              level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
              priority: number
            }
            evidence: {
              gone: {
                id: string
                rule: {
                  id: string
                  title: string
                  titleVi?: string
                  level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                }
                '@timestamp': string
                agency: string
                count: number
                evidence: {
                  record: string
                  '@timestamp': string
                  original: string
                }[]
              }[]
              new: {
                id: string
                rule: {
                  id: string
                  title: string
                  titleVi?: string
                  level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                }
                '@timestamp': string
                agency: string
                count: number
                evidence: {
                  record: string
                  '@timestamp': string
                  original: string
                }[]
              }[]
              changed: {
                id: string
                rule: {
                  id: string
                  title: string
                  titleVi?: string
                  level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                }
                '@timestamp': string
                agency: string
                count: number
                evidence: {
                  record: string
                  '@timestamp': string
                  original: string
                }[]
              }[]
            }
          }[]
        }
        /** Of the incidents about the same hosts, addresses and users, those that stay as they are. */
        unchanged: number
        rules: {
          id: string
          title: string
          titleVi?: string
          level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
          change: 'added' | 'removed' | 'changed'
          alerts: {
            before: number
            after: number
          }
          hidden: {
            before: number
            after: number
          }
        }[]
        problems: {
          path: string
          line: number
          column: number
          severity: 'error' | 'warning'
          code: string
          message: string
        }[]
        hiddenBy: {
          filter: string
          rule: string
          events: number
        }[]
        /** Where the alerts that would be gone stand today, and what was decided about them. */
        fate: {
          alerts: number
          /** In no incident. */
          elsewhere: number
          /** Of all, also where fewer are told. */
          total: number
          incidents: {
            id: string
            number: number
            title: string
            titleVi: string
            state: 'new' | 'in_progress' | 'on_hold' | 'resolved' | 'closed'
            verdict?: 'true_positive' | 'benign_positive' | 'false_positive' | 'inconclusive' | 'duplicate'
            agency: string
            gone: number
            alerts: number
          }[]
          truePositives: {
            incidents: number
            alerts: number
          }
        }
      }
    }
  }
  /** Ends one of your backtests, or forgets it */
  'DELETE /backtests/{id}': {
    params: {
      id: string
    }
    answer: null
  }
  /** How far one of your backtests is, and what came of it */
  'GET /backtests/{id}': {
    params: {
      id: string
    }
    answer: {
      id: string
      kind: 'rules' | 'exception'
      from: string
      to: string
      state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled'
      progress: {
        /** Of `of`. */
        done: number
        of: number
        read: number
        matched: number
      }
      createdAt: string
      finishedAt?: string
      reason?: string
      result?: {
        /** Not all was read: the budget that ended first. */
        incomplete?: 'cpu' | 'matches'
        /** Events that the search of the store let through. */
        read: number
        /** Of them, those that a rule in question matches. */
        matched: number
        cpuMs: number
        alerts: {
          before: number
          after: number
          gone: number
          new: number
          changed: number
        }
        appear: {
          /** Of all, also where fewer are told. */
          total: number
          items: {
            title: string
            titleVi: string
            level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
            priority: number
            agency: string
            entity: {
              kind: string
              value: string
            }
            firstEventAt: string
            lastEventAt: string
            rules: {
              id: string
              title: string
              titleVi: string
            }[]
            alerts: {
              before: number
              after: number
            }
            was?: {
              level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
              priority: number
            }
            evidence: {
              gone: {
                id: string
                rule: {
                  id: string
                  title: string
                  titleVi?: string
                  level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                }
                '@timestamp': string
                agency: string
                count: number
                evidence: {
                  record: string
                  '@timestamp': string
                  original: string
                }[]
              }[]
              new: {
                id: string
                rule: {
                  id: string
                  title: string
                  titleVi?: string
                  level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                }
                '@timestamp': string
                agency: string
                count: number
                evidence: {
                  record: string
                  '@timestamp': string
                  original: string
                }[]
              }[]
              changed: {
                id: string
                rule: {
                  id: string
                  title: string
                  titleVi?: string
                  level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                }
                '@timestamp': string
                agency: string
                count: number
                evidence: {
                  record: string
                  '@timestamp': string
                  original: string
                }[]
              }[]
            }
          }[]
        }
        vanish: {
          /** Of all, also where fewer are told. */
          total: number
          items: {
            title: string
            titleVi: string
            level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
            priority: number
            agency: string
            entity: {
              kind: string
              value: string
            }
            firstEventAt: string
            lastEventAt: string
            rules: {
              id: string
              title: string
              titleVi: string
            }[]
            alerts: {
              before: number
              after: number
            }
            was?: {
              level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
              priority: number
            }
            evidence: {
              gone: {
                id: string
                rule: {
                  id: string
                  title: string
                  titleVi?: string
                  level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                }
                '@timestamp': string
                agency: string
                count: number
                evidence: {
                  record: string
                  '@timestamp': string
                  original: string
                }[]
              }[]
              new: {
                id: string
                rule: {
                  id: string
                  title: string
                  titleVi?: string
                  level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                }
                '@timestamp': string
                agency: string
                count: number
                evidence: {
                  record: string
                  '@timestamp': string
                  original: string
                }[]
              }[]
              changed: {
                id: string
                rule: {
                  id: string
                  title: string
                  titleVi?: string
                  level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                }
                '@timestamp': string
                agency: string
                count: number
                evidence: {
                  record: string
                  '@timestamp': string
                  original: string
                }[]
              }[]
            }
          }[]
        }
        change: {
          /** Of all, also where fewer are told. */
          total: number
          items: {
            title: string
            titleVi: string
            level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
            priority: number
            agency: string
            entity: {
              kind: string
              value: string
            }
            firstEventAt: string
            lastEventAt: string
            rules: {
              id: string
              title: string
              titleVi: string
            }[]
            alerts: {
              before: number
              after: number
            }
            was?: {
              level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
              priority: number
            }
            evidence: {
              gone: {
                id: string
                rule: {
                  id: string
                  title: string
                  titleVi?: string
                  level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                }
                '@timestamp': string
                agency: string
                count: number
                evidence: {
                  record: string
                  '@timestamp': string
                  original: string
                }[]
              }[]
              new: {
                id: string
                rule: {
                  id: string
                  title: string
                  titleVi?: string
                  level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                }
                '@timestamp': string
                agency: string
                count: number
                evidence: {
                  record: string
                  '@timestamp': string
                  original: string
                }[]
              }[]
              changed: {
                id: string
                rule: {
                  id: string
                  title: string
                  titleVi?: string
                  level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                }
                '@timestamp': string
                agency: string
                count: number
                evidence: {
                  record: string
                  '@timestamp': string
                  original: string
                }[]
              }[]
            }
          }[]
        }
        /** Of the incidents about the same hosts, addresses and users, those that stay as they are. */
        unchanged: number
        rules: {
          id: string
          title: string
          titleVi?: string
          level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
          change: 'added' | 'removed' | 'changed'
          alerts: {
            before: number
            after: number
          }
          hidden: {
            before: number
            after: number
          }
        }[]
        problems: {
          path: string
          line: number
          column: number
          severity: 'error' | 'warning'
          code: string
          message: string
        }[]
        hiddenBy: {
          filter: string
          rule: string
          events: number
        }[]
        /** Where the alerts that would be gone stand today, and what was decided about them. */
        fate: {
          alerts: number
          /** In no incident. */
          elsewhere: number
          /** Of all, also where fewer are told. */
          total: number
          incidents: {
            id: string
            number: number
            title: string
            titleVi: string
            state: 'new' | 'in_progress' | 'on_hold' | 'resolved' | 'closed'
            verdict?: 'true_positive' | 'benign_positive' | 'false_positive' | 'inconclusive' | 'duplicate'
            agency: string
            gone: number
            alerts: number
          }[]
          truePositives: {
            incidents: number
            alerts: number
          }
        }
      }
    }
  }
  /** What is blocked, a line each, for firewalls: Bearer, or Basic with the token as password */
  'GET /blocklists/{list}': {
    params: {
      list: 'ip' | 'domain' | 'url' | 'url-with-scheme' | 'hash'
    }
    answer: Blob
  }
  /** Blocks of the asker’s agencies, the newest first */
  'GET /blocks': {
    query?: {
      state?: 'requested' | 'approved' | 'refused' | 'lifted' | 'expired' | undefined
      limit?: number | undefined
      cursor?: string | undefined
    }
    answer: {
      items: {
        id: string
        incidentId: string
        agency: string
        kind: 'ip' | 'domain' | 'url' | 'hash'
        value: string
        everywhere: boolean
        reason: string
        state: 'requested' | 'approved' | 'refused' | 'lifted' | 'expired'
        requestedBy: string
        requestedAt: string
        decidedBy?: string
        decidedAt?: string
        expiresAt: string
      }[]
      next?: string
    }
  }
  /** What no list ever holds, whoever asks: the file’s entries, and the networks of the registry’s sources */
  'GET /blocks/never': {
    answer: {
      networks: string[]
      domains: string[]
      domainsBelow: string[]
      hashes: string[]
    }
  }
  /** Agree: in the lists from now on. Never by who asked */
  'POST /blocks/{id}/approve': {
    params: {
      id: string
    }
    answer: {
      id: string
      incidentId: string
      agency: string
      kind: 'ip' | 'domain' | 'url' | 'hash'
      value: string
      everywhere: boolean
      reason: string
      state: 'requested' | 'approved' | 'refused' | 'lifted' | 'expired'
      requestedBy: string
      requestedAt: string
      decidedBy?: string
      decidedAt?: string
      expiresAt: string
    }
  }
  /** Take it out of the lists */
  'POST /blocks/{id}/lift': {
    params: {
      id: string
    }
    answer: {
      id: string
      incidentId: string
      agency: string
      kind: 'ip' | 'domain' | 'url' | 'hash'
      value: string
      everywhere: boolean
      reason: string
      state: 'requested' | 'approved' | 'refused' | 'lifted' | 'expired'
      requestedBy: string
      requestedAt: string
      decidedBy?: string
      decidedAt?: string
      expiresAt: string
    }
  }
  /** Do not agree; who asked may take it back so */
  'POST /blocks/{id}/refuse': {
    params: {
      id: string
    }
    answer: {
      id: string
      incidentId: string
      agency: string
      kind: 'ip' | 'domain' | 'url' | 'hash'
      value: string
      everywhere: boolean
      reason: string
      state: 'requested' | 'approved' | 'refused' | 'lifted' | 'expired'
      requestedBy: string
      requestedAt: string
      decidedBy?: string
      decidedAt?: string
      expiresAt: string
    }
  }
  /** Candidates: what incidents of two agencies or more of the asker show in the last 7 days */
  'GET /campaigns': {
    answer: {
      items: {
        kind: 'host' | 'user' | 'ip' | 'url' | 'email' | 'sha256' | 'sha1' | 'md5'
        /** Hostile text. */
        value: string
        firstAt: string
        lastAt: string
        agencies: string[]
        /** Ids. */
        incidents: string[]
      }[]
    }
  }
  /** What became of every record: accepted = evaluated + unrouted + failed + dead letters + repeats */
  'GET /completeness': {
    query?: {
      from?: string | undefined
      to?: string | undefined
    }
    answer: {
      /** Whole hours of receipt, UTC: the range that was asked for, and what it began and ended in. */
      from: string
      to: string
      outcomes: {
        /** `evaluated`; `unrouted`: evaluated, but of no known log source; `failed`: detection broke on it; `dead:<code>`; `repeat`: sent again; `dropped` before the spool. */
        what: string
        records: number
      }[]
      /** Correlations that were offered anything, and what became of that; what is absent is 0. */
      correlations: {
        rule: string
        /** Contributions that took part: an event in each group it belongs to, or a match of another correlation. */
        counted?: number
        /** Of them, those further behind their group than the lateness: what they would have stood beside may be forgotten. */
        late?: number
        /** Of them, those that left a full group before their time. */
        truncated?: number
        /** Of them, those of groups that were ended before their time for want of room. */
        evicted?: number
        /** Matches without a field that the correlation groups by or measures: they took no part. */
        skipped?: number
      }[]
      /** Positions of the log worked off, and those with a known end, ever: equal, or something was lost. */
      positions?: {
        worked: number
        counted: number
      }
    }
  }
  /** Tactics and techniques of ATT&CK with the rules that are about them and the incidents that were */
  'GET /coverage': {
    query?: {
      days?: number | undefined
    }
    answer: {
      version: string
      tactics: {
        key: string
        id: string
        en: string
        vi: string
        rules: number
      }[]
      techniques: {
        id: string
        name: string
        tactics: string[]
        rules: {
          id: string
          title: string
          titleVi?: string
          standing: 'live' | 'no_events' | 'shadow' | 'off' | 'never_fires'
        }[]
        incidents: number
      }[]
      unknown: string[]
    }
  }
  /** The same as a layer of ATT&CK Navigator */
  'GET /coverage/navigator': {
    query?: {
      days?: number | undefined
    }
    answer: Record<string, unknown>
  }
  /** Records that became no event, whole and with the reason, newest first */
  'GET /dead-letters': {
    query?: {
      limit?: number | undefined
      cursor?: string | undefined
    }
    answer: {
      items: {
        record: string
        seq: number
        source: string
        agency: string
        receivedAt: string
        code: string
        reason: string
        /** The raw bytes, base64. */
        bytes: string
        origin: {
          input: string
          address: string
          agency?: string
          stream?: string
          certificate?: string
        }
      }[]
      next?: string
    }
  }
  /** Sends records through once more, after the parser or the source was mended; each is stored once */
  'POST /dead-letters/replay': {
    body: {
      records: string[]
    }
    answer: {
      replayed: number
    }
  }
  /** Legal deadlines of the asker’s incidents that nothing was reported for yet, the nearest first */
  'GET /deadlines': {
    answer: {
      items: {
        key: string
        vi: string
        en: string
        document: {
          vi: string
          en: string
        }
        article: string
        state: 'running' | 'paused' | 'warning' | 'overdue' | 'met' | 'late'
        dueAt: string
        warnAt: string
        report?: {
          deadline: string
          at: string
          author: string
          reference: string
        }
        incidentId: string
        number: number
        agency: string
      }[]
    }
  }
  /** What a search with `| count` or `| histogram` counts, exactly. Is itself a record of the audit. */
  'GET /events/aggregate': {
    query: {
      from?: string | undefined
      to?: string | undefined
      q: string
    }
    answer: {
      from: string
      to: string
      kind: 'count' | 'histogram'
      by: string[]
      /** Of a count. */
      groups?: {
        values: string[]
        count: number
      }[]
      /** Of a count: there are further groups. */
      more?: boolean
      /** Of a histogram. */
      intervalMs?: number
      /** Of a histogram, at most 2000; those without events are left out. */
      buckets?: {
        from: string
        count: number
        groups?: {
          values: string[]
          count: number
        }[]
      }[]
    }
  }
  /** Names of the fields of the newest 500 events of a time range, for completion */
  'GET /events/fields': {
    query?: {
      from?: string | undefined
      to?: string | undefined
    }
    answer: {
      items: string[]
    }
  }
  /** Events that are meant, newest first; by default of the last 24 hours. Is itself a record of the audit. */
  'GET /events/search': {
    query?: {
      from?: string | undefined
      to?: string | undefined
      q?: string | undefined
      limit?: number | undefined
      cursor?: string | undefined
    }
    answer: {
      items: Record<string, unknown>[]
      next?: string
      from: string
      to: string
    }
  }
  /** The 20 most frequent values of a field that begin so, for completion. A record of the audit. */
  'GET /events/values': {
    query: {
      from?: string | undefined
      to?: string | undefined
      field: string
      prefix?: string | undefined
    }
    answer: {
      items: {
        value: string
        count: number
      }[]
    }
  }
  /** One event, by `soc.record` */
  'GET /events/{id}': {
    params: {
      id: string
    }
    answer: Record<string, unknown>
  }
  /** One event with what is hidden elsewhere. A record of the audit, with the reason. */
  'POST /events/{id}/reveal': {
    params: {
      id: string
    }
    body: {
      /** Why it has to be seen. */
      reason: string
    }
    answer: Record<string, unknown>
  }
  /** Exceptions, the newest first, with what each has hidden */
  'GET /exceptions': {
    query?: {
      state?: 'pending' | 'in_force' | 'expired' | 'revoked' | undefined
      rule?: string | undefined
    }
    answer: {
      items: {
        id: string
        title: string
        /** Sigma filters, as they were written. */
        filter: string
        rules: 'any' | string[]
        agencies: 'all' | string[]
        owner: string
        reason: string
        /** Id of the alert that it was made from. */
        alert?: string
        createdAt: string
        createdBy: string
        /** Absent: never. */
        expiresAt?: string
        expiresSoon: boolean
        expiredAt?: string
        revoked?: {
          at: string
          by: string
          reason: string
        }
        state: 'pending' | 'in_force' | 'expired' | 'revoked'
        /** Place in the log from which it is in force. */
        position?: number
        /** Why it does nothing: it does not load any more, or its rule is gone. */
        problem?: string
        /** Matches that it kept out so far, of the agencies that the asker sees. */
        hidden: {
          events: number
          lastAt?: string
          rules: {
            rule: string
            events: number
          }[]
          days: {
            day: string
            events: number
          }[]
        }
      }[]
    }
  }
  /** Put an exception in force */
  'POST /exceptions': {
    body: {
      /** Sigma filters, in YAML. */
      filter: string
      agencies: 'all' | string[]
      /** Who answers for it. */
      owner: string
      reason: string
      /** A time, or in so many words `never`. */
      expiresAt: string
      alert?: string | undefined
    }
    answer: {
      id: string
      title: string
      /** Sigma filters, as they were written. */
      filter: string
      rules: 'any' | string[]
      agencies: 'all' | string[]
      owner: string
      reason: string
      /** Id of the alert that it was made from. */
      alert?: string
      createdAt: string
      createdBy: string
      /** Absent: never. */
      expiresAt?: string
      expiresSoon: boolean
      expiredAt?: string
      revoked?: {
        at: string
        by: string
        reason: string
      }
      state: 'pending' | 'in_force' | 'expired' | 'revoked'
      /** Place in the log from which it is in force. */
      position?: number
      /** Why it does nothing: it does not load any more, or its rule is gone. */
      problem?: string
      /** Matches that it kept out so far, of the agencies that the asker sees. */
      hidden: {
        events: number
        lastAt?: string
        rules: {
          rule: string
          events: number
        }[]
        days: {
          day: string
          events: number
        }[]
      }
    }
  }
  /** The filter that would keep out what raised an alert, or the newest of a rule; nothing is saved */
  'POST /exceptions/draft': {
    body: {
      alert?: string | undefined
      rule?: string | undefined
      /** Instead of those that matched. */
      fields?: string[] | undefined
      /** For all rules of the log source. */
      rules?: 'any' | undefined
    }
    answer: {
      alert: string
      title: string
      filter: string
      rules: string[]
      agency: string
      fields: {
        field: string
        value: string
        matched: boolean
        chosen: boolean
      }[]
    }
  }
  /** What an exception would have hidden; nothing is saved */
  'POST /exceptions/dry-run': {
    body: {
      /** Sigma filters, in YAML. */
      filter: string
      agencies: 'all' | string[]
      budget?: {
        /** Default 600. */
        cpuSeconds?: number | undefined
        /** Default 100,000. */
        matches?: number | undefined
      } | undefined
      from?: string | undefined
      to?: string | undefined
    }
    answer: {
      id: string
      kind: 'rules' | 'exception'
      from: string
      to: string
      state: 'waiting' | 'running' | 'done' | 'failed' | 'cancelled'
      progress: {
        /** Of `of`. */
        done: number
        of: number
        read: number
        matched: number
      }
      createdAt: string
      finishedAt?: string
      reason?: string
      result?: {
        /** Not all was read: the budget that ended first. */
        incomplete?: 'cpu' | 'matches'
        /** Events that the search of the store let through. */
        read: number
        /** Of them, those that a rule in question matches. */
        matched: number
        cpuMs: number
        alerts: {
          before: number
          after: number
          gone: number
          new: number
          changed: number
        }
        appear: {
          /** Of all, also where fewer are told. */
          total: number
          items: {
            title: string
            titleVi: string
            level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
            priority: number
            agency: string
            entity: {
              kind: string
              value: string
            }
            firstEventAt: string
            lastEventAt: string
            rules: {
              id: string
              title: string
              titleVi: string
            }[]
            alerts: {
              before: number
              after: number
            }
            was?: {
              level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
              priority: number
            }
            evidence: {
              gone: {
                id: string
                rule: {
                  id: string
                  title: string
                  titleVi?: string
                  level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                }
                '@timestamp': string
                agency: string
                count: number
                evidence: {
                  record: string
                  '@timestamp': string
                  original: string
                }[]
              }[]
              new: {
                id: string
                rule: {
                  id: string
                  title: string
                  titleVi?: string
                  level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                }
                '@timestamp': string
                agency: string
                count: number
                evidence: {
                  record: string
                  '@timestamp': string
                  original: string
                }[]
              }[]
              changed: {
                id: string
                rule: {
                  id: string
                  title: string
                  titleVi?: string
                  level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                }
                '@timestamp': string
                agency: string
                count: number
                evidence: {
                  record: string
                  '@timestamp': string
                  original: string
                }[]
              }[]
            }
          }[]
        }
        vanish: {
          /** Of all, also where fewer are told. */
          total: number
          items: {
            title: string
            titleVi: string
            level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
            priority: number
            agency: string
            entity: {
              kind: string
              value: string
            }
            firstEventAt: string
            lastEventAt: string
            rules: {
              id: string
              title: string
              titleVi: string
            }[]
            alerts: {
              before: number
              after: number
            }
            was?: {
              level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
              priority: number
            }
            evidence: {
              gone: {
                id: string
                rule: {
                  id: string
                  title: string
                  titleVi?: string
                  level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                }
                '@timestamp': string
                agency: string
                count: number
                evidence: {
                  record: string
                  '@timestamp': string
                  original: string
                }[]
              }[]
              new: {
                id: string
                rule: {
                  id: string
                  title: string
                  titleVi?: string
                  level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                }
                '@timestamp': string
                agency: string
                count: number
                evidence: {
                  record: string
                  '@timestamp': string
                  original: string
                }[]
              }[]
              changed: {
                id: string
                rule: {
                  id: string
                  title: string
                  titleVi?: string
                  level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                }
                '@timestamp': string
                agency: string
                count: number
                evidence: {
                  record: string
                  '@timestamp': string
                  original: string
                }[]
              }[]
            }
          }[]
        }
        change: {
          /** Of all, also where fewer are told. */
          total: number
          items: {
            title: string
            titleVi: string
            level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
            priority: number
            agency: string
            entity: {
              kind: string
              value: string
            }
            firstEventAt: string
            lastEventAt: string
            rules: {
              id: string
              title: string
              titleVi: string
            }[]
            alerts: {
              before: number
              after: number
            }
            was?: {
              level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
              priority: number
            }
            evidence: {
              gone: {
                id: string
                rule: {
                  id: string
                  title: string
                  titleVi?: string
                  level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                }
                '@timestamp': string
                agency: string
                count: number
                evidence: {
                  record: string
                  '@timestamp': string
                  original: string
                }[]
              }[]
              new: {
                id: string
                rule: {
                  id: string
                  title: string
                  titleVi?: string
                  level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                }
                '@timestamp': string
                agency: string
                count: number
                evidence: {
                  record: string
                  '@timestamp': string
                  original: string
                }[]
              }[]
              changed: {
                id: string
                rule: {
                  id: string
                  title: string
                  titleVi?: string
                  level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
                }
                '@timestamp': string
                agency: string
                count: number
                evidence: {
                  record: string
                  '@timestamp': string
                  original: string
                }[]
              }[]
            }
          }[]
        }
        /** Of the incidents about the same hosts, addresses and users, those that stay as they are. */
        unchanged: number
        rules: {
          id: string
          title: string
          titleVi?: string
          level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
          change: 'added' | 'removed' | 'changed'
          alerts: {
            before: number
            after: number
          }
          hidden: {
            before: number
            after: number
          }
        }[]
        problems: {
          path: string
          line: number
          column: number
          severity: 'error' | 'warning'
          code: string
          message: string
        }[]
        hiddenBy: {
          filter: string
          rule: string
          events: number
        }[]
        /** Where the alerts that would be gone stand today, and what was decided about them. */
        fate: {
          alerts: number
          /** In no incident. */
          elsewhere: number
          /** Of all, also where fewer are told. */
          total: number
          incidents: {
            id: string
            number: number
            title: string
            titleVi: string
            state: 'new' | 'in_progress' | 'on_hold' | 'resolved' | 'closed'
            verdict?: 'true_positive' | 'benign_positive' | 'false_positive' | 'inconclusive' | 'duplicate'
            agency: string
            gone: number
            alerts: number
          }[]
          truePositives: {
            incidents: number
            alerts: number
          }
        }
      }
    }
  }
  /** One exception with its history */
  'GET /exceptions/{id}': {
    params: {
      id: string
    }
    answer: {
      id: string
      title: string
      /** Sigma filters, as they were written. */
      filter: string
      rules: 'any' | string[]
      agencies: 'all' | string[]
      owner: string
      reason: string
      /** Id of the alert that it was made from. */
      alert?: string
      createdAt: string
      createdBy: string
      /** Absent: never. */
      expiresAt?: string
      expiresSoon: boolean
      expiredAt?: string
      revoked?: {
        at: string
        by: string
        reason: string
      }
      state: 'pending' | 'in_force' | 'expired' | 'revoked'
      /** Place in the log from which it is in force. */
      position?: number
      /** Why it does nothing: it does not load any more, or its rule is gone. */
      problem?: string
      /** Matches that it kept out so far, of the agencies that the asker sees. */
      hidden: {
        events: number
        lastAt?: string
        rules: {
          rule: string
          events: number
        }[]
        days: {
          day: string
          events: number
        }[]
      }
      history: {
        at: string
        actor: string
        code: string
        params: Record<string, string | number>
        before?: Record<string, unknown>
        after?: Record<string, unknown>
      }[]
    }
  }
  /** Another owner, reason or end; what it hides does not change */
  'PATCH /exceptions/{id}': {
    params: {
      id: string
    }
    body: {
      /** Who answers for it. */
      owner?: string | undefined
      reason?: string | undefined
      /** A time, or in so many words `never`. */
      expiresAt?: string | undefined
    }
    answer: {
      id: string
      title: string
      /** Sigma filters, as they were written. */
      filter: string
      rules: 'any' | string[]
      agencies: 'all' | string[]
      owner: string
      reason: string
      /** Id of the alert that it was made from. */
      alert?: string
      createdAt: string
      createdBy: string
      /** Absent: never. */
      expiresAt?: string
      expiresSoon: boolean
      expiredAt?: string
      revoked?: {
        at: string
        by: string
        reason: string
      }
      state: 'pending' | 'in_force' | 'expired' | 'revoked'
      /** Place in the log from which it is in force. */
      position?: number
      /** Why it does nothing: it does not load any more, or its rule is gone. */
      problem?: string
      /** Matches that it kept out so far, of the agencies that the asker sees. */
      hidden: {
        events: number
        lastAt?: string
        rules: {
          rule: string
          events: number
        }[]
        days: {
          day: string
          events: number
        }[]
      }
    }
  }
  /** End an exception; it stays in the list with its history */
  'POST /exceptions/{id}/revoke': {
    params: {
      id: string
    }
    body: {
      reason: string
    }
    answer: {
      id: string
      title: string
      /** Sigma filters, as they were written. */
      filter: string
      rules: 'any' | string[]
      agencies: 'all' | string[]
      owner: string
      reason: string
      /** Id of the alert that it was made from. */
      alert?: string
      createdAt: string
      createdBy: string
      /** Absent: never. */
      expiresAt?: string
      expiresSoon: boolean
      expiredAt?: string
      revoked?: {
        at: string
        by: string
        reason: string
      }
      state: 'pending' | 'in_force' | 'expired' | 'revoked'
      /** Place in the log from which it is in force. */
      position?: number
      /** Why it does nothing: it does not load any more, or its rule is gone. */
      problem?: string
      /** Matches that it kept out so far, of the agencies that the asker sees. */
      hidden: {
        events: number
        lastAt?: string
        rules: {
          rule: string
          events: number
        }[]
        days: {
          day: string
          events: number
        }[]
      }
    }
  }
  /** Your exports */
  'GET /exports': {
    answer: {
      items: {
        id: string
        q: string
        from: string
        to: string
        format: 'ndjson' | 'csv' | 'parquet'
        state: 'running' | 'done' | 'failed' | 'cancelled'
        /** Written so far. */
        events: number
        /** Counted at the start. */
        total: number
        bytes: number
        createdAt: string
        expiresAt?: string
        reason?: string
      }[]
    }
  }
  /** Writes the events of a search into a file, in the background. Is a record of the audit, as is each download. */
  'POST /exports': {
    body: {
      /** The search language: docs/search.md. */
      q: string
      from: string
      to: string
      format: 'ndjson' | 'csv' | 'parquet'
    }
    answer: {
      id: string
      q: string
      from: string
      to: string
      format: 'ndjson' | 'csv' | 'parquet'
      state: 'running' | 'done' | 'failed' | 'cancelled'
      /** Written so far. */
      events: number
      /** Counted at the start. */
      total: number
      bytes: number
      createdAt: string
      expiresAt?: string
      reason?: string
    }
  }
  /** Ends one of your exports and deletes its file */
  'DELETE /exports/{id}': {
    params: {
      id: string
    }
    answer: null
  }
  /** How far one of your exports has come */
  'GET /exports/{id}': {
    params: {
      id: string
    }
    answer: {
      id: string
      q: string
      from: string
      to: string
      format: 'ndjson' | 'csv' | 'parquet'
      state: 'running' | 'done' | 'failed' | 'cancelled'
      /** Written so far. */
      events: number
      /** Counted at the start. */
      total: number
      bytes: number
      createdAt: string
      expiresAt?: string
      reason?: string
    }
  }
  /** The file of a finished export */
  'GET /exports/{id}/file': {
    params: {
      id: string
    }
    answer: Blob
  }
  /** Techniques seen in incidents without a live rule, log sources without a rule, rules whose alerts cannot come */
  'GET /gaps': {
    query?: {
      days?: number | undefined
    }
    answer: {
      techniques: {
        id: string
        name: string
        incidents: number
      }[]
      logSources: {
        product?: string
        category?: string
        service?: string
        events: number
      }[]
      /** Events of no known log source. */
      unrouted: number
      rules: {
        id: string
        title: string
        titleVi?: string
        /** `no_events`, or the code of `neverFires`. */
        why: string
        logsource?: {
          product?: string
          category?: string
          service?: string
        }
      }[]
    }
  }
  /** What shifts told the next, the newest first */
  'GET /handover/notes': {
    query?: {
      days?: number | undefined
      limit?: number | undefined
    }
    answer: {
      items: {
        id: number
        at: string
        author: string
        body: string
      }[]
    }
  }
  /** Tell the next shift something; it is neither edited nor deleted */
  'POST /handover/notes': {
    body: {
      body: string
    }
    answer: {
      id: number
      at: string
      author: string
      body: string
    }
  }
  /** Legal holds, those that were lifted as well; newest first */
  'GET /holds': {
    answer: {
      items: {
        id: string
        agency?: string
        system?: string
        fromDay: string
        toDay?: string
        reason: string
        placedAt: string
        placedBy: string
        liftedAt?: string
        liftedBy?: string
        liftedReason?: string
      }[]
    }
  }
  /** Place a legal hold: no purge touches these days until it is lifted */
  'POST /holds': {
    body: {
      agency?: string | undefined
      system?: string | undefined
      /** Of receipt, UTC. */
      fromDay: string
      /** Of receipt, UTC. */
      toDay?: string | undefined
      /** Who asked for it, and on what ground. */
      reason: string
    }
    answer: {
      id: string
      agency?: string
      system?: string
      fromDay: string
      toDay?: string
      reason: string
      placedAt: string
      placedBy: string
      liftedAt?: string
      liftedBy?: string
      liftedReason?: string
    }
  }
  /** Lift a legal hold: the next purge deletes what is past its retention */
  'POST /holds/{id}/lift': {
    params: {
      id: string
    }
    body: {
      /** Who asked for it, and on what ground. */
      reason: string
    }
    answer: {
      id: string
      agency?: string
      system?: string
      fromDay: string
      toDay?: string
      reason: string
      placedAt: string
      placedBy: string
      liftedAt?: string
      liftedBy?: string
      liftedReason?: string
    }
  }
  /** Incidents, by priority or by their latest change */
  'GET /incidents': {
    query?: {
      state?: ('new' | 'in_progress' | 'on_hold' | 'resolved' | 'closed')[] | undefined
      level?: ('informational' | 'low' | 'medium' | 'high' | 'critical')[] | undefined
      agency?: string | undefined
      assignee?: string | undefined
      q?: string | undefined
      sort?: 'priority' | 'updated' | undefined
      limit?: number | undefined
      cursor?: string | undefined
    }
    answer: {
      items: {
        id: string
        number: number
        /** Rises with every change that the history records; the ETag. */
        version: number
        agency: string
        system?: string
        title: string
        titleVi: string
        state: 'new' | 'in_progress' | 'on_hold' | 'resolved' | 'closed'
        verdict?: 'true_positive' | 'benign_positive' | 'false_positive' | 'inconclusive' | 'duplicate'
        level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
        priority: number
        priorityReasons: string[]
        assignee?: string
        /** Id of the incident that has its alerts now. */
        mergedInto?: string
        /** States it came to, oldest first. */
        life: {
          state: 'new' | 'in_progress' | 'on_hold' | 'resolved' | 'closed'
          at: string
        }[]
        legal: {
          serious?: boolean
          nationalSecurity?: boolean
          personalData?: boolean
          group?: string
          detectedAt?: string
        }
        entity: {
          kind: string
          value: string
        }
        entities: {
          kind: string
          value: string
        }[]
        rules: {
          id: string
          title: string
          titleVi: string
          level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
          count: number
        }[]
        attack: string[]
        alertCount: number
        firstEventAt: string
        lastEventAt: string
        createdAt: string
        updatedAt: string
      }[]
      next?: string
      /** How many fit the filters, counted up to 10000, for words less far; on the first page. */
      total?: number
      /** There may be more than `total`. */
      totalIsAtLeast?: boolean
    }
  }
  /** Decide about all incidents that fit a filter, or about those named; answered at once with a job */
  'POST /incidents/bulk': {
    body: {
      filter?: {
        state?: ('new' | 'in_progress' | 'on_hold' | 'resolved' | 'closed')[] | undefined
        level?: ('informational' | 'low' | 'medium' | 'high' | 'critical')[] | undefined
        agency?: string | undefined
        /** A user; empty: nobody. */
        assignee?: string | undefined
        q?: string | undefined
      } | undefined
      ids?: string[] | undefined
      /** How many the asker saw: refused where they are others by now. */
      expected?: number | undefined
      change: {
        state?: 'new' | 'in_progress' | 'on_hold' | 'resolved' | 'closed' | undefined
        verdict?: 'true_positive' | 'benign_positive' | 'false_positive' | 'inconclusive' | 'duplicate' | null | undefined
        assignee?: string | null | undefined
      }
    }
    answer: {
      id: string
      state: 'running' | 'done' | 'undoing' | 'undone'
      at: string
      finishedAt?: string
      total: number
      /** Still to be done. */
      remaining: number
      /** changed, unchanged, undone, changed_since, or the code of why not. */
      results: Record<string, number>
    }
  }
  /** How many incidents each level and each state would leave in the list, all else of its filters as it is */
  'GET /incidents/counts': {
    query?: {
      state?: ('new' | 'in_progress' | 'on_hold' | 'resolved' | 'closed')[] | undefined
      level?: ('informational' | 'low' | 'medium' | 'high' | 'critical')[] | undefined
      agency?: string | undefined
      assignee?: string | undefined
      q?: string | undefined
    }
    answer: {
      levels: {
        level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
        count: number
        /** There may be more than `count`. */
        isAtLeast?: boolean
      }[]
      states: {
        state: 'new' | 'in_progress' | 'on_hold' | 'resolved' | 'closed'
        count: number
        /** There may be more than `count`. */
        isAtLeast?: boolean
      }[]
    }
  }
  /** One incident with its newest alerts, their raw lines and proof, and its history */
  'GET /incidents/{id}': {
    params: {
      id: string
    }
    answer: {
      id: string
      number: number
      /** Rises with every change that the history records; the ETag. */
      version: number
      agency: string
      system?: string
      title: string
      titleVi: string
      state: 'new' | 'in_progress' | 'on_hold' | 'resolved' | 'closed'
      verdict?: 'true_positive' | 'benign_positive' | 'false_positive' | 'inconclusive' | 'duplicate'
      level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
      priority: number
      priorityReasons: string[]
      assignee?: string
      /** Id of the incident that has its alerts now. */
      mergedInto?: string
      /** States it came to, oldest first. */
      life: {
        state: 'new' | 'in_progress' | 'on_hold' | 'resolved' | 'closed'
        at: string
      }[]
      legal: {
        serious?: boolean
        nationalSecurity?: boolean
        personalData?: boolean
        group?: string
        detectedAt?: string
      }
      entity: {
        kind: string
        value: string
      }
      entities: {
        kind: string
        value: string
      }[]
      rules: {
        id: string
        title: string
        titleVi: string
        level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
        count: number
      }[]
      attack: string[]
      alertCount: number
      firstEventAt: string
      lastEventAt: string
      createdAt: string
      updatedAt: string
      /** The newest; the rest are at /incidents/{id}/alerts. */
      alerts: {
        id: string
        version: number
        rule: {
          id: string
          title: string
          titleVi?: string
          level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
          hash: string
          tags: string[]
          author?: string
          license?: string
          path: string
        }
        '@timestamp': string
        seq: number
        agency: string
        system?: string
        entities: {
          kind: string
          value: string
        }[]
        group: Record<string, string>
        evidence: {
          record: string
          seq: number
          '@timestamp': string
          /** The raw line, verbatim. It is hostile text. */
          original: string
          rule: string
          proof: {
            selection: string
            field: string
            eventField: string
            modifiers: string[]
            value: string
            matched: string
            /** [start, end) in `original`, UTF-16 units. */
            span?: number[]
          }[]
        }[]
        count: number
        /** It tells of `count` alerts of its rule that day, beyond what the rule may raise. */
        beyondBudget?: {
          day: string
          perDay: number
        }
      }[]
      /** Oldest first, at most the newest 500. */
      history: {
        at: string
        actor: string
        code: string
        params: Record<string, string | number>
        before?: Record<string, unknown>
        after?: Record<string, unknown>
      }[]
    }
  }
  /** Decide: state, verdict, assignee */
  'PATCH /incidents/{id}': {
    params: {
      id: string
    }
    body: {
      state?: 'new' | 'in_progress' | 'on_hold' | 'resolved' | 'closed' | undefined
      verdict?: 'true_positive' | 'benign_positive' | 'false_positive' | 'inconclusive' | 'duplicate' | null | undefined
      assignee?: string | null | undefined
    }
    answer: {
      id: string
      number: number
      /** Rises with every change that the history records; the ETag. */
      version: number
      agency: string
      system?: string
      title: string
      titleVi: string
      state: 'new' | 'in_progress' | 'on_hold' | 'resolved' | 'closed'
      verdict?: 'true_positive' | 'benign_positive' | 'false_positive' | 'inconclusive' | 'duplicate'
      level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
      priority: number
      priorityReasons: string[]
      assignee?: string
      /** Id of the incident that has its alerts now. */
      mergedInto?: string
      /** States it came to, oldest first. */
      life: {
        state: 'new' | 'in_progress' | 'on_hold' | 'resolved' | 'closed'
        at: string
      }[]
      legal: {
        serious?: boolean
        nationalSecurity?: boolean
        personalData?: boolean
        group?: string
        detectedAt?: string
      }
      entity: {
        kind: string
        value: string
      }
      entities: {
        kind: string
        value: string
      }[]
      rules: {
        id: string
        title: string
        titleVi: string
        level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
        count: number
      }[]
      attack: string[]
      alertCount: number
      firstEventAt: string
      lastEventAt: string
      createdAt: string
      updatedAt: string
    }
  }
  /** All alerts of an incident, newest event first */
  'GET /incidents/{id}/alerts': {
    params: {
      id: string
    }
    query?: {
      limit?: number | undefined
      cursor?: string | undefined
    }
    answer: {
      items: {
        id: string
        version: number
        rule: {
          id: string
          title: string
          titleVi?: string
          level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
          hash: string
          tags: string[]
          author?: string
          license?: string
          path: string
        }
        '@timestamp': string
        seq: number
        agency: string
        system?: string
        entities: {
          kind: string
          value: string
        }[]
        group: Record<string, string>
        evidence: {
          record: string
          seq: number
          '@timestamp': string
          /** The raw line, verbatim. It is hostile text. */
          original: string
          rule: string
          proof: {
            selection: string
            field: string
            eventField: string
            modifiers: string[]
            value: string
            matched: string
            /** [start, end) in `original`, UTF-16 units. */
            span?: number[]
          }[]
        }[]
        count: number
        /** It tells of `count` alerts of its rule that day, beyond what the rule may raise. */
        beyondBudget?: {
          day: string
          perDay: number
        }
      }[]
      next?: string
    }
  }
  /** Files kept with it */
  'GET /incidents/{id}/attachments': {
    params: {
      id: string
    }
    answer: {
      items: {
        id: number
        name: string
        bytes: number
        sha256: string
        at: string
        author: string
      }[]
    }
  }
  /** Keep a file with it: the body, at most 25 MiB, is the file */
  'POST /incidents/{id}/attachments': {
    params: {
      id: string
    }
    query: {
      name: string
    }
    body: Blob
    answer: {
      id: number
      name: string
      bytes: number
      sha256: string
      at: string
      author: string
    }
  }
  /** The bytes of a file, to be saved */
  'GET /incidents/{id}/attachments/{attachment}': {
    params: {
      id: string
      attachment: number
    }
    answer: Blob
  }
  /** What was asked to be blocked for it, the newest first, and what could be */
  'GET /incidents/{id}/blocks': {
    params: {
      id: string
    }
    answer: {
      items: {
        id: string
        incidentId: string
        agency: string
        kind: 'ip' | 'domain' | 'url' | 'hash'
        value: string
        everywhere: boolean
        reason: string
        state: 'requested' | 'approved' | 'refused' | 'lifted' | 'expired'
        requestedBy: string
        requestedAt: string
        decidedBy?: string
        decidedAt?: string
        expiresAt: string
      }[]
      candidates: {
        kind: 'ip' | 'domain' | 'url' | 'hash'
        value: string
        never: boolean
      }[]
    }
  }
  /** Ask that firewalls stop one of its observables; in force once a second person approves */
  'POST /incidents/{id}/blocks': {
    params: {
      id: string
    }
    body: {
      kind: 'ip' | 'domain' | 'url' | 'hash'
      value: string
      reason: string
      /** How long; the setting containment.daysMax at most. */
      days: number
      /** For every agency, not only the incident’s: for who sees all. */
      everywhere?: boolean | undefined
    }
    answer: {
      id: string
      incidentId: string
      agency: string
      kind: 'ip' | 'domain' | 'url' | 'hash'
      value: string
      everywhere: boolean
      reason: string
      state: 'requested' | 'approved' | 'refused' | 'lifted' | 'expired'
      requestedBy: string
      requestedAt: string
      decidedBy?: string
      decidedAt?: string
      expiresAt: string
    }
  }
  /** Dry run: who stands in the stored events with it, by default of the last 7 days. A record of the audit. */
  'GET /incidents/{id}/blocks/impact': {
    params: {
      id: string
    }
    query: {
      kind: 'ip' | 'domain' | 'url' | 'hash'
      value: string
      from?: string | undefined
      to?: string | undefined
    }
    answer: {
      from: string
      to: string
      events: number
      agencies: {
        items: {
          value: string
          count: number
        }[]
        more: boolean
      }
      users: {
        items: {
          value: string
          count: number
        }[]
        more: boolean
      }
      hosts: {
        items: {
          value: string
          count: number
        }[]
        more: boolean
      }
    }
  }
  /** Time to detect, acknowledge and resolve, and the legal deadlines that apply */
  'GET /incidents/{id}/clocks': {
    params: {
      id: string
    }
    answer: {
      detectMs: number
      service: {
        key: 'acknowledge' | 'resolve'
        state: 'running' | 'paused' | 'warning' | 'overdue' | 'met' | 'late'
        elapsedMs: number
        targetMs: number
        hours: 'always' | 'working'
        dueAt?: string
        doneAt?: string
      }[]
      legal: {
        key: string
        vi: string
        en: string
        document: {
          vi: string
          en: string
        }
        article: string
        state: 'running' | 'paused' | 'warning' | 'overdue' | 'met' | 'late'
        dueAt: string
        warnAt: string
        report?: {
          deadline: string
          at: string
          author: string
          reference: string
        }
      }[]
    }
  }
  /** Comments, oldest first */
  'GET /incidents/{id}/comments': {
    params: {
      id: string
    }
    query?: {
      after?: number | undefined
    }
    answer: {
      items: {
        id: number
        at: string
        author: string
        /** Markdown, as written. It is hostile until rendered. */
        body: string
      }[]
      next?: number
    }
  }
  /** Add a comment, in Markdown; `@name` makes that user watch the incident */
  'POST /incidents/{id}/comments': {
    params: {
      id: string
    }
    body: {
      body: string
    }
    answer: {
      id: number
      at: string
      author: string
      /** Markdown, as written. It is hostile until rendered. */
      body: string
    }
  }
  /** Everything the incident rests on, as ZIP: raw records, events, alerts with proof, history, files, hashes */
  'GET /incidents/{id}/evidence': {
    params: {
      id: string
    }
    answer: Blob
  }
  /** Answer what the law asks: serious, national security, personal data, kind, time of detection */
  'PUT /incidents/{id}/legal': {
    params: {
      id: string
    }
    body: {
      serious?: boolean | undefined
      nationalSecurity?: boolean | undefined
      personalData?: boolean | undefined
      group?: string | undefined
      detectedAt?: string | undefined
    }
    answer: {
      id: string
      number: number
      /** Rises with every change that the history records; the ETag. */
      version: number
      agency: string
      system?: string
      title: string
      titleVi: string
      state: 'new' | 'in_progress' | 'on_hold' | 'resolved' | 'closed'
      verdict?: 'true_positive' | 'benign_positive' | 'false_positive' | 'inconclusive' | 'duplicate'
      level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
      priority: number
      priorityReasons: string[]
      assignee?: string
      /** Id of the incident that has its alerts now. */
      mergedInto?: string
      /** States it came to, oldest first. */
      life: {
        state: 'new' | 'in_progress' | 'on_hold' | 'resolved' | 'closed'
        at: string
      }[]
      legal: {
        serious?: boolean
        nationalSecurity?: boolean
        personalData?: boolean
        group?: string
        detectedAt?: string
      }
      entity: {
        kind: string
        value: string
      }
      entities: {
        kind: string
        value: string
      }[]
      rules: {
        id: string
        title: string
        titleVi: string
        level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
        count: number
      }[]
      attack: string[]
      alertCount: number
      firstEventAt: string
      lastEventAt: string
      createdAt: string
      updatedAt: string
    }
  }
  /** Incidents that it is linked with, as far as the asker sees them */
  'GET /incidents/{id}/links': {
    params: {
      id: string
    }
    answer: {
      items: {
        incidentId: string
        number: number
        title: string
        titleVi: string
        relation: 'related' | 'follows' | 'campaign'
        at: string
        author: string
      }[]
    }
  }
  /** Link it with another incident; of two agencies, for who sees both */
  'POST /incidents/{id}/links': {
    params: {
      id: string
    }
    body: {
      incidentId: string
      relation: 'related' | 'follows' | 'campaign'
    }
    answer: null
  }
  /** Take the links between two incidents away */
  'DELETE /incidents/{id}/links/{other}': {
    params: {
      id: string
      other: string
    }
    answer: null
  }
  /** Take the alerts of another incident of the same agency into this one */
  'POST /incidents/{id}/merge': {
    params: {
      id: string
    }
    body: {
      source: string
    }
    answer: {
      source: {
        id: string
        number: number
        /** Rises with every change that the history records; the ETag. */
        version: number
        agency: string
        system?: string
        title: string
        titleVi: string
        state: 'new' | 'in_progress' | 'on_hold' | 'resolved' | 'closed'
        verdict?: 'true_positive' | 'benign_positive' | 'false_positive' | 'inconclusive' | 'duplicate'
        level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
        priority: number
        priorityReasons: string[]
        assignee?: string
        /** Id of the incident that has its alerts now. */
        mergedInto?: string
        /** States it came to, oldest first. */
        life: {
          state: 'new' | 'in_progress' | 'on_hold' | 'resolved' | 'closed'
          at: string
        }[]
        legal: {
          serious?: boolean
          nationalSecurity?: boolean
          personalData?: boolean
          group?: string
          detectedAt?: string
        }
        entity: {
          kind: string
          value: string
        }
        entities: {
          kind: string
          value: string
        }[]
        rules: {
          id: string
          title: string
          titleVi: string
          level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
          count: number
        }[]
        attack: string[]
        alertCount: number
        firstEventAt: string
        lastEventAt: string
        createdAt: string
        updatedAt: string
      }
      target: {
        id: string
        number: number
        /** Rises with every change that the history records; the ETag. */
        version: number
        agency: string
        system?: string
        title: string
        titleVi: string
        state: 'new' | 'in_progress' | 'on_hold' | 'resolved' | 'closed'
        verdict?: 'true_positive' | 'benign_positive' | 'false_positive' | 'inconclusive' | 'duplicate'
        level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
        priority: number
        priorityReasons: string[]
        assignee?: string
        /** Id of the incident that has its alerts now. */
        mergedInto?: string
        /** States it came to, oldest first. */
        life: {
          state: 'new' | 'in_progress' | 'on_hold' | 'resolved' | 'closed'
          at: string
        }[]
        legal: {
          serious?: boolean
          nationalSecurity?: boolean
          personalData?: boolean
          group?: string
          detectedAt?: string
        }
        entity: {
          kind: string
          value: string
        }
        entities: {
          kind: string
          value: string
        }[]
        rules: {
          id: string
          title: string
          titleVi: string
          level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
          count: number
        }[]
        attack: string[]
        alertCount: number
        firstEventAt: string
        lastEventAt: string
        createdAt: string
        updatedAt: string
      }
    }
  }
  /** Hosts, accounts, addresses, URLs, mail addresses and hashes in its alerts, at most 200 */
  'GET /incidents/{id}/observables': {
    params: {
      id: string
    }
    answer: {
      items: {
        kind: 'host' | 'user' | 'ip' | 'url' | 'email' | 'sha256' | 'sha1' | 'md5'
        /** Hostile text. */
        value: string
        firstAt: string
        lastAt: string
      }[]
    }
  }
  /** A report about the incident: PDF or DOCX as offices send it, STIX 2.1, or its alerts as CSV */
  'GET /incidents/{id}/report': {
    params: {
      id: string
    }
    query: {
      format: 'pdf' | 'docx' | 'stix' | 'csv'
      lang?: 'vi' | 'en' | undefined
    }
    answer: Blob
  }
  /** Note that the report a deadline asks for went out, and when; the first one counts */
  'POST /incidents/{id}/reports': {
    params: {
      id: string
    }
    body: {
      deadline: string
      at?: string | undefined
      /** Number of the letter, or how it went. */
      reference: string
    }
    answer: {
      deadline: string
      at: string
      author: string
      reference: string
    }
  }
  /** Handled incidents like it, what both share, and what they turned out to be */
  'GET /incidents/{id}/similar': {
    params: {
      id: string
    }
    query?: {
      limit?: number | undefined
    }
    answer: {
      items: {
        incident: {
          id: string
          number: number
          /** Rises with every change that the history records; the ETag. */
          version: number
          agency: string
          system?: string
          title: string
          titleVi: string
          state: 'new' | 'in_progress' | 'on_hold' | 'resolved' | 'closed'
          verdict?: 'true_positive' | 'benign_positive' | 'false_positive' | 'inconclusive' | 'duplicate'
          level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
          priority: number
          priorityReasons: string[]
          assignee?: string
          /** Id of the incident that has its alerts now. */
          mergedInto?: string
          /** States it came to, oldest first. */
          life: {
            state: 'new' | 'in_progress' | 'on_hold' | 'resolved' | 'closed'
            at: string
          }[]
          legal: {
            serious?: boolean
            nationalSecurity?: boolean
            personalData?: boolean
            group?: string
            detectedAt?: string
          }
          entity: {
            kind: string
            value: string
          }
          entities: {
            kind: string
            value: string
          }[]
          rules: {
            id: string
            title: string
            titleVi: string
            level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
            count: number
          }[]
          attack: string[]
          alertCount: number
          firstEventAt: string
          lastEventAt: string
          createdAt: string
          updatedAt: string
        }
        score: number
        sharedRules: string[]
        sharedObservables: {
          kind: 'host' | 'user' | 'ip' | 'url' | 'email' | 'sha256' | 'sha1' | 'md5'
          /** Hostile text. */
          value: string
        }[]
        sameEntity: boolean
      }[]
      verdicts: Record<string, number>
      suggestion?: 'true_positive' | 'benign_positive' | 'false_positive' | 'inconclusive' | 'duplicate'
    }
  }
  /** Take some alerts, by id or by rule, out into an incident of their own */
  'POST /incidents/{id}/split': {
    params: {
      id: string
    }
    body: {
      alerts?: string[] | undefined
      rules?: string[] | undefined
    }
    answer: {
      source: {
        id: string
        number: number
        /** Rises with every change that the history records; the ETag. */
        version: number
        agency: string
        system?: string
        title: string
        titleVi: string
        state: 'new' | 'in_progress' | 'on_hold' | 'resolved' | 'closed'
        verdict?: 'true_positive' | 'benign_positive' | 'false_positive' | 'inconclusive' | 'duplicate'
        level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
        priority: number
        priorityReasons: string[]
        assignee?: string
        /** Id of the incident that has its alerts now. */
        mergedInto?: string
        /** States it came to, oldest first. */
        life: {
          state: 'new' | 'in_progress' | 'on_hold' | 'resolved' | 'closed'
          at: string
        }[]
        legal: {
          serious?: boolean
          nationalSecurity?: boolean
          personalData?: boolean
          group?: string
          detectedAt?: string
        }
        entity: {
          kind: string
          value: string
        }
        entities: {
          kind: string
          value: string
        }[]
        rules: {
          id: string
          title: string
          titleVi: string
          level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
          count: number
        }[]
        attack: string[]
        alertCount: number
        firstEventAt: string
        lastEventAt: string
        createdAt: string
        updatedAt: string
      }
      target: {
        id: string
        number: number
        /** Rises with every change that the history records; the ETag. */
        version: number
        agency: string
        system?: string
        title: string
        titleVi: string
        state: 'new' | 'in_progress' | 'on_hold' | 'resolved' | 'closed'
        verdict?: 'true_positive' | 'benign_positive' | 'false_positive' | 'inconclusive' | 'duplicate'
        level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
        priority: number
        priorityReasons: string[]
        assignee?: string
        /** Id of the incident that has its alerts now. */
        mergedInto?: string
        /** States it came to, oldest first. */
        life: {
          state: 'new' | 'in_progress' | 'on_hold' | 'resolved' | 'closed'
          at: string
        }[]
        legal: {
          serious?: boolean
          nationalSecurity?: boolean
          personalData?: boolean
          group?: string
          detectedAt?: string
        }
        entity: {
          kind: string
          value: string
        }
        entities: {
          kind: string
          value: string
        }[]
        rules: {
          id: string
          title: string
          titleVi: string
          level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
          count: number
        }[]
        attack: string[]
        alertCount: number
        firstEventAt: string
        lastEventAt: string
        createdAt: string
        updatedAt: string
      }
    }
  }
  /** What is to be done: the steps of the playbooks for its rules, then tasks of its own */
  'GET /incidents/{id}/tasks': {
    params: {
      id: string
    }
    answer: {
      items: {
        key: string
        title: string
        titleVi: string
        playbook?: string
        phase?: string
        doneAt?: string
        doneBy?: string
      }[]
    }
  }
  /** Add a task of its own */
  'POST /incidents/{id}/tasks': {
    params: {
      id: string
    }
    body: {
      title: string
    }
    answer: {
      key: string
      title: string
      titleVi: string
      playbook?: string
      phase?: string
      doneAt?: string
      doneBy?: string
    }
  }
  /** Tick a task, or take the tick back; the key of a task is `<playbook>/<step>` */
  'PATCH /incidents/{id}/tasks/{playbook}/{step}': {
    params: {
      id: string
      playbook: string
      step: string
    }
    body: {
      done: boolean
    }
    answer: {
      key: string
      title: string
      titleVi: string
      playbook?: string
      phase?: string
      doneAt?: string
      doneBy?: string
    }
  }
  /** Give a merged incident its alerts back */
  'POST /incidents/{id}/unmerge': {
    params: {
      id: string
    }
    answer: {
      source: {
        id: string
        number: number
        /** Rises with every change that the history records; the ETag. */
        version: number
        agency: string
        system?: string
        title: string
        titleVi: string
        state: 'new' | 'in_progress' | 'on_hold' | 'resolved' | 'closed'
        verdict?: 'true_positive' | 'benign_positive' | 'false_positive' | 'inconclusive' | 'duplicate'
        level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
        priority: number
        priorityReasons: string[]
        assignee?: string
        /** Id of the incident that has its alerts now. */
        mergedInto?: string
        /** States it came to, oldest first. */
        life: {
          state: 'new' | 'in_progress' | 'on_hold' | 'resolved' | 'closed'
          at: string
        }[]
        legal: {
          serious?: boolean
          nationalSecurity?: boolean
          personalData?: boolean
          group?: string
          detectedAt?: string
        }
        entity: {
          kind: string
          value: string
        }
        entities: {
          kind: string
          value: string
        }[]
        rules: {
          id: string
          title: string
          titleVi: string
          level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
          count: number
        }[]
        attack: string[]
        alertCount: number
        firstEventAt: string
        lastEventAt: string
        createdAt: string
        updatedAt: string
      }
      target: {
        id: string
        number: number
        /** Rises with every change that the history records; the ETag. */
        version: number
        agency: string
        system?: string
        title: string
        titleVi: string
        state: 'new' | 'in_progress' | 'on_hold' | 'resolved' | 'closed'
        verdict?: 'true_positive' | 'benign_positive' | 'false_positive' | 'inconclusive' | 'duplicate'
        level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
        priority: number
        priorityReasons: string[]
        assignee?: string
        /** Id of the incident that has its alerts now. */
        mergedInto?: string
        /** States it came to, oldest first. */
        life: {
          state: 'new' | 'in_progress' | 'on_hold' | 'resolved' | 'closed'
          at: string
        }[]
        legal: {
          serious?: boolean
          nationalSecurity?: boolean
          personalData?: boolean
          group?: string
          detectedAt?: string
        }
        entity: {
          kind: string
          value: string
        }
        entities: {
          kind: string
          value: string
        }[]
        rules: {
          id: string
          title: string
          titleVi: string
          level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
          count: number
        }[]
        attack: string[]
        alertCount: number
        firstEventAt: string
        lastEventAt: string
        createdAt: string
        updatedAt: string
      }
    }
  }
  /** Who watches it */
  'GET /incidents/{id}/watchers': {
    params: {
      id: string
    }
    answer: {
      items: string[]
    }
  }
  /** Have a user watch it no longer */
  'DELETE /incidents/{id}/watchers/{name}': {
    params: {
      id: string
      name: string
    }
    answer: null
  }
  /** Have a user watch it, oneself or a colleague */
  'PUT /incidents/{id}/watchers/{name}': {
    params: {
      id: string
      name: string
    }
    answer: null
  }
  /** What the feeds say of one address, network, name, link or hash, and of the names above or the networks around it */
  'GET /indicators': {
    query: {
      value: string
      kind?: 'domain' | 'hash' | 'ip' | 'url' | undefined
    }
    answer: {
      items: {
        feed: string
        kind: 'domain' | 'hash' | 'ip' | 'url'
        value: string
        level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
        confidence?: number
        tlp?: 'clear' | 'green' | 'amber' | 'amber+strict' | 'red'
        validFrom?: string
        validUntil?: string
        /** Hostile text. */
        name?: string
      }[]
    }
  }
  /** Feeds in force */
  'GET /indicators/feeds': {
    answer: {
      items: {
        name: string
        /** SHA-256 of its lines: which version it is. */
        hash: string
        indicators: number
        /** Of them, those that came with the last import. */
        fresh: number
        importedAt: string
        importedBy: string
      }[]
    }
  }
  /** Take a feed out of force */
  'DELETE /indicators/feeds/{name}': {
    params: {
      name: string
    }
    answer: null
  }
  /** Import a feed: the body, at most 256 MiB, is the file; in force from a position of the log on */
  'PUT /indicators/feeds/{name}': {
    params: {
      name: string
    }
    query?: {
      format?: 'csv' | 'stix' | 'misp' | undefined
      level?: 'informational' | 'low' | 'medium' | 'high' | 'critical' | undefined
      confidence?: number | undefined
      tlp?: 'clear' | 'green' | 'amber' | 'amber+strict' | 'red' | undefined
      validDays?: number | undefined
      mode?: 'replace' | 'add' | undefined
    }
    body: Blob
    answer: {
      name: string
      /** SHA-256 of its lines: which version it is. */
      hash: string
      indicators: number
      /** Of them, those that came with the last import. */
      fresh: number
      importedAt: string
      importedBy: string
      format: string
      /** By code: bad_value, too_broad, unknown_kind, pattern_unsupported … */
      refused: Record<string, {
        count: number
      }>
    }
  }
  /** Your hunts, the newest first */
  'GET /indicators/hunts': {
    answer: {
      items: {
        id: string
        feed: string
        part: 'all' | 'fresh'
        /** What it finds raises alerts. */
        raises: boolean
        from: string
        to: string
        at: string
        state: 'running' | 'done' | 'failed' | 'stopped'
        indicators: number
        /** Looked at so far, the newest first. */
        events: number
        hits: number
        /** Event time down to which it has come. */
        reached?: string
        finishedAt?: string
      }[]
    }
  }
  /** Look through the stored events for what a feed has, or for what its last import brought, in the background */
  'POST /indicators/hunts': {
    body: {
      /** a-z, 0-9 and dashes */
      feed: string
      /** Default fresh: what came with the last import. */
      part?: 'all' | 'fresh' | undefined
      /** Default true: what is found raises alerts, as if the feed had been there. */
      raise?: boolean | undefined
      from?: string | undefined
      to?: string | undefined
    }
    answer: {
      id: string
      feed: string
      part: 'all' | 'fresh'
      /** What it finds raises alerts. */
      raises: boolean
      from: string
      to: string
      at: string
      state: 'running' | 'done' | 'failed' | 'stopped'
      indicators: number
      /** Looked at so far, the newest first. */
      events: number
      hits: number
      /** Event time down to which it has come. */
      reached?: string
      finishedAt?: string
    }
  }
  /** How far a hunt of yours is */
  'GET /indicators/hunts/{id}': {
    params: {
      id: string
    }
    answer: {
      id: string
      feed: string
      part: 'all' | 'fresh'
      /** What it finds raises alerts. */
      raises: boolean
      from: string
      to: string
      at: string
      state: 'running' | 'done' | 'failed' | 'stopped'
      indicators: number
      /** Looked at so far, the newest first. */
      events: number
      hits: number
      /** Event time down to which it has come. */
      reached?: string
      finishedAt?: string
    }
  }
  /** What a hunt of yours has found, at most the first 10,000 */
  'GET /indicators/hunts/{id}/hits': {
    params: {
      id: string
    }
    query?: {
      after?: number | undefined
      limit?: number | undefined
    }
    answer: {
      items: {
        n: number
        record: string
        agency: string
        at: string
        field: string
        kind: string
        value: string
        level: string
      }[]
      /** Ask again with `after`. */
      next?: number
    }
  }
  /** Where the chain of Merkle roots ends, who signs it, and what was purged */
  'GET /integrity': {
    answer: {
      head: {
        n: number
        hash: string
      }
      keys: {
        id: string
        at: string
        pem: string
      }[]
      purged: {
        day: string
        levels: string
        at: string
        keptDays: number
      }[]
    }
  }
  /** The whole chain, signed, as NDJSON: with the public key it is all that verifying elsewhere needs */
  'GET /integrity/chain': {
    answer: Blob
  }
  /** Holds every raw line of a day against the chain */
  'GET /integrity/days/{day}': {
    params: {
      day: string
    }
    answer: Blob
  }
  /** That one event stood in the log: a proof that holds without this product */
  'GET /integrity/proofs/{record}': {
    params: {
      record: string
    }
    answer: unknown
  }
  /** How far a job of the asker is */
  'GET /jobs/{id}': {
    params: {
      id: string
    }
    answer: {
      id: string
      state: 'running' | 'done' | 'undoing' | 'undone'
      at: string
      finishedAt?: string
      total: number
      /** Still to be done. */
      remaining: number
      /** changed, unchanged, undone, changed_since, or the code of why not. */
      results: Record<string, number>
    }
  }
  /** Put back what a job changed, except where somebody changed it since */
  'POST /jobs/{id}/undo': {
    params: {
      id: string
    }
    answer: {
      id: string
      state: 'running' | 'done' | 'undoing' | 'undone'
      at: string
      finishedAt?: string
      total: number
      /** Still to be done. */
      remaining: number
      /** changed, unchanged, undone, changed_since, or the code of why not. */
      results: Record<string, number>
    }
  }
  /** The legal profiles: documents, kinds of incident, deadlines with what they rest on */
  'GET /legal': {
    answer: {
      items: {
        key: string
        vi: string
        en: string
        documents: {
          key: string
          vi: string
          en: string
          from: string
          to?: string
        }[]
        groups: {
          key: string
          vi: string
          en: string
        }[]
        deadlines: {
          key: string
          vi: string
          en: string
          when: string
          withinMs: number
          document: {
            vi: string
            en: string
          }
          article: string
        }[]
      }[]
    }
  }
  /** Open a session; the cookie is its only key */
  'POST /login': {
    body: {
      name: string
      password: string
      /** Of the second factor. */
      code?: string | undefined
    }
    answer: {
      name: string
      displayName: string
      role: string
      agencies: 'all' | string[]
      /** What this asker may do. */
      actions: string[]
      mustChangePassword: boolean
      /** A code is asked for at log-in. */
      secondFactor: boolean
    }
  }
  /** How one may log in: by password, and where it is set up by single sign-on */
  'GET /login/methods': {
    answer: {
      password: boolean
      signOn?: {
        /** What the button says. */
        vi: string
        en: string
        /** Where it leads: a link to be followed, not a request to be made. */
        start: string
        /** Ends the session with the provider, after POST /logout. */
        end: string
      }
    }
  }
  /** Go to the single sign-on */
  'GET /login/sign-on': {
    answer: null
  }
  /** The way back from the single sign-on: opens a session, or says why not as `?signOn=` of the page */
  'GET /login/sign-on/callback': {
    answer: null
  }
  /** Go to where the provider ends its own session */
  'GET /login/sign-on/end': {
    answer: null
  }
  /** Close the session */
  'POST /logout': {
    answer: null
  }
  /** Who asks */
  'GET /me': {
    answer: {
      name: string
      displayName: string
      role: string
      agencies: 'all' | string[]
      /** What this asker may do. */
      actions: string[]
      mustChangePassword: boolean
      /** A code is asked for at log-in. */
      secondFactor: boolean
    }
  }
  /** What you are told, where and when */
  'GET /me/notifications': {
    answer: {
      settings: {
        language: 'vi' | 'en'
        addresses: {
          mail?: string
          chat?: string
        }
        levelMin: 'informational' | 'low' | 'medium' | 'high' | 'critical'
        quiet?: {
          /** HH:MM. */
          from: string
          /** HH:MM. */
          to: string
        }
        urgentInQuiet: boolean
      }
      /** Ways that are set up. */
      ways: ('mail' | 'chat')[]
      /** The newest. */
      messages: {
        id: string
        user: string
        way: 'mail' | 'chat'
        at: string
        notices: number
        attempts: number
        state: 'pending' | 'sent' | 'failed' | 'dropped'
        sentAt?: string
        error?: string
      }[]
    }
  }
  /** Say what you are told, where and when */
  'PUT /me/notifications': {
    body: {
      language: 'vi' | 'en'
      addresses: {
        mail?: string | undefined
        chat?: string | undefined
      }
      levelMin: 'informational' | 'low' | 'medium' | 'high' | 'critical'
      quiet?: {
        /** HH:MM. */
        from: string
        /** HH:MM. */
        to: string
      } | undefined
      urgentInQuiet: boolean
    }
    answer: {
      settings: {
        language: 'vi' | 'en'
        addresses: {
          mail?: string
          chat?: string
        }
        levelMin: 'informational' | 'low' | 'medium' | 'high' | 'critical'
        quiet?: {
          /** HH:MM. */
          from: string
          /** HH:MM. */
          to: string
        }
        urgentInQuiet: boolean
      }
      /** Ways that are set up. */
      ways: ('mail' | 'chat')[]
      /** The newest. */
      messages: {
        id: string
        user: string
        way: 'mail' | 'chat'
        at: string
        notices: number
        attempts: number
        state: 'pending' | 'sent' | 'failed' | 'dropped'
        sentAt?: string
        error?: string
      }[]
    }
  }
  /** Send yourself a message by a way, to see whether it arrives */
  'POST /me/notifications/trial': {
    body: {
      way: 'mail' | 'chat'
    }
    answer: {
      id: string
    }
  }
  /** Change the password; every other session of the user ends */
  'PATCH /me/password': {
    body: {
      current: string
      password: string
    }
    answer: {
      name: string
      displayName: string
      role: string
      agencies: 'all' | string[]
      /** What this asker may do. */
      actions: string[]
      mustChangePassword: boolean
      /** A code is asked for at log-in. */
      secondFactor: boolean
    }
  }
  /** Begin a second factor: a secret for an authenticator app, in force once a code of it is confirmed */
  'POST /me/second-factor': {
    body: {
      password: string
    }
    answer: {
      secret: string
      uri: string
    }
  }
  /** Confirm it with a code; from now on log-in asks for one, and every other session ends */
  'PUT /me/second-factor': {
    body: {
      code: string
    }
    answer: {
      name: string
      displayName: string
      role: string
      agencies: 'all' | string[]
      /** What this asker may do. */
      actions: string[]
      mustChangePassword: boolean
      /** A code is asked for at log-in. */
      secondFactor: boolean
    }
  }
  /** Messages that were sent, or are to be, newest first; kept for 30 days */
  'GET /notifications': {
    query?: {
      limit?: number | undefined
    }
    answer: {
      items: {
        id: string
        user: string
        way: 'mail' | 'chat'
        at: string
        notices: number
        attempts: number
        state: 'pending' | 'sent' | 'failed' | 'dropped'
        sentAt?: string
        error?: string
      }[]
    }
  }
  /** Who is told of what, as the file of the rules has it */
  'GET /notifications/rules': {
    answer: {
      gatherMs: number
      perHour: number
      retryMs: number[]
      rules: {
        key: string
        about: string[]
        levels?: ('informational' | 'low' | 'medium' | 'high' | 'critical')[]
        rules?: string[]
        agencies?: string[]
        to: {
          roles: string[]
          users: string[]
          people: string[]
        }
        by: ('mail' | 'chat')[]
        urgent: boolean
        digest?: {
          everyMs?: number
          minuteOfDay?: number
        }
      }[]
    }
  }
  /** Try one that failed again */
  'POST /notifications/{id}/resend': {
    params: {
      id: string
    }
    answer: null
  }
  /** Figures of what is open now, and of what was opened in a time (default the last 30 days) */
  'GET /overview': {
    query?: {
      from?: string | undefined
      to?: string | undefined
    }
    answer: {
      from: string
      to: string
      open: {
        agency: string
        level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
        state: 'new' | 'in_progress' | 'on_hold' | 'resolved' | 'closed'
        count: number
        unassigned: number
      }[]
      days: {
        day: string
        level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
        count: number
      }[]
      agencies: {
        agency: string
        created: number
        acknowledged: number
        handled: number
        /** Mean, in milliseconds. */
        detectMs?: number
        /** Mean, in milliseconds. */
        acknowledgeMs?: number
        /** Mean, in milliseconds. */
        resolveMs?: number
      }[]
      verdicts: {
        verdict: 'true_positive' | 'benign_positive' | 'false_positive' | 'inconclusive' | 'duplicate'
        count: number
      }[]
      rules: {
        rule: string
        title?: string
        titleVi?: string
        incidents: number
        truePositive: number
        falsePositive: number
      }[]
    }
  }
  /** Agencies, systems and sources with their days, as they are in force */
  'GET /registry': {
    answer: {
      /** Number of the revision that was read. */
      base: number
      timeZone: string
      agencies: {
        key: string
        vi: string
        en: string
        aliases?: string[]
        kind: string
        validFrom?: string
        validTo?: string
        parents: {
          agency: string
          from?: string
          to?: string
        }[]
        successorOf: string[]
        levels: {
          level: number
          status: string
          basis: string
          from?: string
          to?: string
        }[]
      }[]
      systems: {
        key: string
        vi: string
        en: string
        aliases?: string[]
        roles: {
          owner: {
            agency: string
            basis?: string
            from?: string
            to?: string
          }[]
          operator: {
            agency: string
            basis?: string
            from?: string
            to?: string
          }[]
          supervisor: {
            agency: string
            basis?: string
            from?: string
            to?: string
          }[]
        }
        levels: {
          level: number
          status: string
          basis: string
          from?: string
          to?: string
        }[]
      }[]
      sources: {
        addresses: string[]
        certificate?: string
        hostname?: string
        stream?: string
        agency?: string
        system?: string
        kind?: string
        health?: {
          expected?: boolean
          silentMinutes?: number
          fallenPercent?: number
          driftSeconds?: number
        }
        from?: string
        to?: string
      }[]
      calendar: {
        from: string
        to: string
        workingHours: {
          days: number[]
          hours: string[]
          from?: string
          to?: string
        }[]
        holidays: {
          date: string
          days?: number
          vi: string
          en: string
        }[]
        workingDays: {
          date: string
          days?: number
          vi: string
          en: string
        }[]
      }
      /** How senders are judged of which nothing else is said. */
      health: {
        expected?: boolean
        silentMinutes?: number
        fallenPercent?: number
        driftSeconds?: number
      }
    }
  }
  /** Put changes of the registry in force, with who made them and why */
  'POST /registry/changes': {
    body: {
      /** Number of the revision that was read. */
      base: number
      /** Made one after another, and put in force at once. */
      changes: {
        kind: 'add_agency' | 'end_agency' | 'add_system' | 'role' | 'level' | 'add_source' | 'move_source' | 'end_source' | 'names' | 'holiday' | 'working_day' | 'remove_day' | 'calendar_end' | 'health'
        /** First day, in the time zone of the registry, on which it is so, or on which what ends is no more. */
        from?: string | undefined
        key?: string | undefined
        vi?: string | undefined
        en?: string | undefined
        type?: string | undefined
        parent?: string | undefined
        successors?: string[] | undefined
        role?: 'owner' | 'operator' | 'supervisor' | undefined
        agency?: string | undefined
        system?: string | undefined
        level?: number | undefined
        status?: 'proposed' | 'approved' | undefined
        basis?: string | undefined
        match?: {
          address?: string | undefined
          certificate?: string | undefined
          hostname?: string | undefined
          stream?: string | undefined
        } | undefined
        source?: number | undefined
        aliases?: string[] | undefined
        days?: number | undefined
        expected?: boolean | undefined
        silentMinutes?: number | undefined
        fallenPercent?: number | undefined
        driftSeconds?: number | undefined
      }[]
      why: string
    }
    answer: {
      /** Position of the log from which it counts. */
      seq: number
      number: number
    }
  }
  /** What differs between two of them; without `to`, up to the newest */
  'GET /registry/diff': {
    query: {
      from: number
      to?: number | undefined
    }
    answer: {
      from: number
      to: number
      hunks: {
        oldStart: number
        newStart: number
        lines: string[]
      }[]
    }
  }
  /** What changes would make of the registry, and of those who send now; nothing is changed */
  'POST /registry/preview': {
    body: {
      /** Number of the revision that was read. */
      base: number
      /** Made one after another, and put in force at once. */
      changes: {
        kind: 'add_agency' | 'end_agency' | 'add_system' | 'role' | 'level' | 'add_source' | 'move_source' | 'end_source' | 'names' | 'holiday' | 'working_day' | 'remove_day' | 'calendar_end' | 'health'
        /** First day, in the time zone of the registry, on which it is so, or on which what ends is no more. */
        from?: string | undefined
        key?: string | undefined
        vi?: string | undefined
        en?: string | undefined
        type?: string | undefined
        parent?: string | undefined
        successors?: string[] | undefined
        role?: 'owner' | 'operator' | 'supervisor' | undefined
        agency?: string | undefined
        system?: string | undefined
        level?: number | undefined
        status?: 'proposed' | 'approved' | undefined
        basis?: string | undefined
        match?: {
          address?: string | undefined
          certificate?: string | undefined
          hostname?: string | undefined
          stream?: string | undefined
        } | undefined
        source?: number | undefined
        aliases?: string[] | undefined
        days?: number | undefined
        expected?: boolean | undefined
        silentMinutes?: number | undefined
        fallenPercent?: number | undefined
        driftSeconds?: number | undefined
      }[]
    }
    answer: {
      hunks: {
        oldStart: number
        newStart: number
        lines: string[]
      }[]
      touched: {
        of: 'agencies' | 'systems' | 'sources' | 'calendar' | 'health'
        key?: string
        /** `validTo`, `levels`, `roles.owner` …; `all` of what is new. */
        part: string
      }[]
      /** Who sent so far and would be somebody else's, by address alone; at most 200. */
      moved: {
        source: string
        before: {
          agency: string
          system?: string
        }
        after: {
          agency: string
          system?: string
        }
      }[]
      /** Something is dated before today: what is stored already keeps its agency. */
      past: boolean
    }
  }
  /** Every registry that was in force, newest first: who changed it, when and why */
  'GET /registry/revisions': {
    query?: {
      limit?: number | undefined
    }
    answer: {
      items: {
        number: number
        at: string
        /** Position of the log from which it counts. */
        seq: number
        /** Empty: the file was changed by hand. */
        by: string
        why: string
      }[]
    }
  }
  /** Reports that were made by themselves, newest first; for who sees all agencies, which they are about */
  'GET /reports': {
    query?: {
      limit?: number | undefined
    }
    answer: {
      items: {
        id: number
        period: 'week' | 'month'
        from: string
        to: string
        language: 'vi' | 'en'
        format: 'pdf' | 'docx' | 'csv'
        bytes: number
        sha256: string
        at: string
      }[]
    }
  }
  /** A report about a stretch of days, over the agencies that the asker sees; without days the last whole week or month */
  'GET /reports/period': {
    query: {
      period?: 'week' | 'month' | undefined
      from?: string | undefined
      to?: string | undefined
      format: 'pdf' | 'docx' | 'csv'
      lang?: 'vi' | 'en' | undefined
    }
    answer: Blob
  }
  /** One of them */
  'GET /reports/{id}/file': {
    params: {
      id: number
    }
    answer: Blob
  }
  /** How long the log is kept and by what law, what the next purges delete, and how the disk and the proof stand */
  'GET /retention': {
    answer: {
      /** Of receipt, UTC. */
      today: string
      levels: {
        level: number
        /** As set. */
        days: number
        law?: {
          level: number
          months: number
          document: {
            vi: string
            en: string
          }
          article: string
          from?: string
          /** The first moment at which it no longer holds. */
          to?: string
        }
        /** Of receipt, UTC. */
        keptFrom: string
      }[]
      /** Of every time, as the legal profiles have them. */
      laws: {
        level: number
        months: number
        document: {
          vi: string
          en: string
        }
        article: string
        from?: string
        /** The first moment at which it no longer holds. */
        to?: string
      }[]
      /** What is there, by the levels that are kept together. */
      kept: {
        levels: string
        days: number
        /** Of receipt, UTC. */
        oldest: string
        /** Of receipt, UTC. */
        newest: string
      }[]
      /** That events and alerts take. */
      bytes?: number
      /** What is due within 30 days, or was due and is held. */
      purges: {
        /** Of receipt, UTC. */
        on: string
        /** Of receipt, UTC. */
        day: string
        /** Digits; 0: records of no level. */
        levels: string
        /** Ids of holds that keep it. */
        holds: string[]
      }[]
      lastPurge?: {
        at: string
        /** Of receipt, UTC. */
        day: string
        /** Digits; 0: records of no level. */
        levels: string
      }
      /** Newest first. */
      verifications: {
        at: string
        /** Of receipt, UTC. */
        day: string
        ok: boolean
        records: number
        breaks: number
      }[]
      chain: {
        entries: number
      }
      disk: {
        freeBytes: number
        totalBytes: number
        bytesPerDay: number | null
        fullInDays: number | null
      }
    }
  }
  /** The rules in force, without their text, and what was refused */
  'GET /rules': {
    answer: {
      items: {
        id: string
        title: string
        titleVi?: string
        descriptionVi?: string
        /** What to look at first. */
        triageVi?: string
        kind: 'detection' | 'correlation'
        level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
        status: string
        /** SHA-256 of the text. */
        hash: string
        description?: string
        author?: string
        license?: string
        /** It is switched off: why. */
        disabled?: string
        /** Agencies it is switched off for, and why. */
        disabledIn?: Record<string, string>
        state: 'draft' | 'shadow' | 'live' | 'retired'
        budget?: {
          perDay: number
        }
        owner?: string
        /** The last change of its state or budget. */
        changed?: {
          by?: string
          since?: string
          why?: string
        }
        /** No event of the known sources can make it fire: why. */
        neverFires?: {
          code: string
          message: string
        }
        tags: string[]
        falsepositives: string[]
        logsource?: {
          product?: string
          category?: string
          service?: string
        }
        path: string
        /** Since start. */
        stats?: {
          /** Events on which its condition was run. */
          evaluated: number
          /** Time that took, estimated from a sample. */
          nanos: number
          matches: number
          /** Events that would have matched, but for a filter or an exception. */
          hidden: number
          alerts: number
          /** Alerts that did not go out: off for their agency, or beyond its budget. */
          withheld: number
        }
      }[]
      problems: {
        path: string
        line: number
        column: number
        severity: 'error' | 'warning'
        code: string
        message: string
        rule?: string
      }[]
      /** That went through detection since start. */
      events: number
    }
  }
  /** Save a new rule as a draft: it is in the rules folder and does not run */
  'POST /rules': {
    body: {
      /** Sigma, in YAML. */
      text: string
      /** For whoever reads the history. */
      why: string
    }
    answer: {
      id: string
      /** Position of the log from which it holds. */
      seq: number
    }
  }
  /** What is wrong with the text of a rule, by line and column, as `soc rules check` has it; nothing is saved */
  'POST /rules/check': {
    body: {
      /** Sigma, in YAML. */
      text: string
      /** Id of the rule it is to replace. */
      rule?: string | undefined
    }
    answer: {
      problems: {
        line: number
        column: number
        severity: 'error' | 'warning'
        code: string
        message: string
      }[]
      /** Those of the text that load. */
      rules: {
        id: string
        title: string
        titleVi?: string
        level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
        kind: 'detection' | 'correlation'
      }[]
    }
  }
  /** Rules all of whose matches another rule has as well, proven from their predicates */
  'GET /rules/overlaps': {
    answer: {
      items: {
        rule: string
        other: string
        kind: 'duplicate' | 'shadowed'
      }[]
    }
  }
  /** What speaks for and against each rule, most alerts first: tests, verdicts, cost, log source, last alert */
  'GET /rules/quality': {
    query?: {
      days?: number | undefined
    }
    answer: {
      items: {
        rule: string
        title: string
        titleVi?: string
        /** Whether its alerts can come: `no_events`: of its log source none came. */
        standing: 'live' | 'no_events' | 'shadow' | 'off' | 'never_fires'
        neverFires?: {
          code: string
          message: string
        }
        /** Cases beside the rules that expect it to alert, and that come close and do not. */
        tests: {
          positive: number
          negative: number
        }
        alerts: number
        incidents: number
        verdicts: {
          /** Null: not decided yet. */
          verdict: 'true_positive' | 'benign_positive' | 'false_positive' | 'inconclusive' | 'duplicate' | null
          incidents: number
          alerts: number
        }[]
        /** True positives of all incidents decided as true, benign or false; null: none is. */
        precision: number | null
        /** Event time of its newest alert in an incident. */
        lastFired?: string
        /** Of its log source; absent of a correlation. */
        events?: number
        /** Since start. */
        cost?: {
          evaluated: number
          nanos: number
          nanosPerEvent: number
        }
        attack: {
          tactics: string[]
          techniques: string[]
        }
      }[]
    }
  }
  /** Hold the text of a rule against log lines, which go through the parsers first; nothing is saved */
  'POST /rules/try': {
    body: {
      /** Sigma, in YAML. */
      text: string
      /** Id of the rule it is to replace. */
      rule?: string | undefined
      lines: string[]
    }
    answer: {
      problems: {
        line: number
        column: number
        severity: 'error' | 'warning'
        code: string
        message: string
      }[]
      /** Those of the text that load. */
      rules: {
        id: string
        title: string
        titleVi?: string
        level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
        kind: 'detection' | 'correlation'
      }[]
      lines: {
        /** Why no event came of it: `code: reason`. */
        unread?: string
        rules: {
          id: string
          proof: {
            selection: string
            field: string
            eventField: string
            modifiers: string[]
            value: string
            matched: string
            /** [start, end) in `original`, UTF-16 units. */
            span?: number[]
          }[]
        }[]
      }[]
      /** Of correlations. */
      alerts: {
        rule: string
        count: number
        group: Record<string, string>
        lines: number[]
      }[]
    }
  }
  /** One rule with its text */
  'GET /rules/{id}': {
    params: {
      id: string
    }
    answer: {
      id: string
      title: string
      titleVi?: string
      descriptionVi?: string
      /** What to look at first. */
      triageVi?: string
      kind: 'detection' | 'correlation'
      level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
      status: string
      /** SHA-256 of the text. */
      hash: string
      description?: string
      author?: string
      license?: string
      /** It is switched off: why. */
      disabled?: string
      /** Agencies it is switched off for, and why. */
      disabledIn?: Record<string, string>
      state: 'draft' | 'shadow' | 'live' | 'retired'
      budget?: {
        perDay: number
      }
      owner?: string
      /** The last change of its state or budget. */
      changed?: {
        by?: string
        since?: string
        why?: string
      }
      /** No event of the known sources can make it fire: why. */
      neverFires?: {
        code: string
        message: string
      }
      tags: string[]
      falsepositives: string[]
      logsource?: {
        product?: string
        category?: string
        service?: string
      }
      path: string
      /** Since start. */
      stats?: {
        /** Events on which its condition was run. */
        evaluated: number
        /** Time that took, estimated from a sample. */
        nanos: number
        matches: number
        /** Events that would have matched, but for a filter or an exception. */
        hidden: number
        alerts: number
        /** Alerts that did not go out: off for their agency, or beyond its budget. */
        withheld: number
      }
      text: string
    }
  }
  /** How many alerts the rule may raise of an agency in a day, and whom it concerns; null: as many as there are */
  'PUT /rules/{id}/budget': {
    params: {
      id: string
    }
    body: {
      perDay: number | null
      owner?: string | undefined
      /** For whoever reads the history. */
      why?: string | undefined
    }
    answer: {
      /** Position of the log from which it holds. */
      seq: number
    }
  }
  /** Events of a detection rule's log source, and which version of it they were held against, or why against none */
  'GET /rules/{id}/completeness': {
    params: {
      id: string
    }
    query?: {
      from?: string | undefined
      to?: string | undefined
    }
    answer: {
      rule: string
      /** Whole hours of receipt, UTC: the range that was asked for, and what it began and ended in. */
      from: string
      to: string
      /** Events of the rule's log source. */
      events: number
      /** Of them, those that were held against the rule. */
      evaluated: number
      stretches: {
        what: 'evaluated' | 'disabled' | 'not_in_force' | 'failed'
        /** SHA-256 of the rule's text then. */
        hash?: string
        /** Hash of the rules, pipelines and registry in force. */
        bundle: string
        firstHour: string
        lastHour: string
        events: number
      }[]
      /** Of a correlation that was offered anything. */
      correlated?: {
        /** Contributions that took part: an event in each group it belongs to, or a match of another correlation. */
        counted?: number
        /** Of them, those further behind their group than the lateness: what they would have stood beside may be forgotten. */
        late?: number
        /** Of them, those that left a full group before their time. */
        truncated?: number
        /** Of them, those of groups that were ended before their time for want of room. */
        evicted?: number
        /** Matches without a field that the correlation groups by or measures: they took no part. */
        skipped?: number
      }
    }
  }
  /** What leads from one revision to another */
  'GET /rules/{id}/diff': {
    params: {
      id: string
    }
    query: {
      from: number
      to?: number | undefined
    }
    answer: {
      from: number
      to: number
      before: {
        state: 'draft' | 'shadow' | 'live' | 'retired'
        /** Alerts a day. */
        budget?: number
        owner?: string
        /** It is switched off: why. */
        disabled?: string
        /** Agencies it is switched off for, and why. */
        disabledIn?: Record<string, string>
      }
      after: {
        state: 'draft' | 'shadow' | 'live' | 'retired'
        /** Alerts a day. */
        budget?: number
        owner?: string
        /** It is switched off: why. */
        disabled?: string
        /** Agencies it is switched off for, and why. */
        disabledIn?: Record<string, string>
      }
      hunks: {
        oldStart: number
        newStart: number
        lines: string[]
      }[]
    }
  }
  /** Drops each predicate of the rule in turn and asks whether a test beside it notices */
  'GET /rules/{id}/mutation': {
    params: {
      id: string
    }
    answer: {
      mutants: number
      noticed: number
      survivors: {
        path: string
        line: number
        column: number
        /** As it is written: `Image|endswith`, or a value of it. */
        dropped: string
      }[]
    }
  }
  /** The same of one rule */
  'GET /rules/{id}/quality': {
    params: {
      id: string
    }
    query?: {
      days?: number | undefined
    }
    answer: {
      rule: string
      title: string
      titleVi?: string
      /** Whether its alerts can come: `no_events`: of its log source none came. */
      standing: 'live' | 'no_events' | 'shadow' | 'off' | 'never_fires'
      neverFires?: {
        code: string
        message: string
      }
      /** Cases beside the rules that expect it to alert, and that come close and do not. */
      tests: {
        positive: number
        negative: number
      }
      alerts: number
      incidents: number
      verdicts: {
        /** Null: not decided yet. */
        verdict: 'true_positive' | 'benign_positive' | 'false_positive' | 'inconclusive' | 'duplicate' | null
        incidents: number
        alerts: number
      }[]
      /** True positives of all incidents decided as true, benign or false; null: none is. */
      precision: number | null
      /** Event time of its newest alert in an incident. */
      lastFired?: string
      /** Of its log source; absent of a correlation. */
      events?: number
      /** Since start. */
      cost?: {
        evaluated: number
        nanos: number
        nanosPerEvent: number
      }
      attack: {
        tactics: string[]
        techniques: string[]
      }
    }
  }
  /** Put the text of a former revision back into the rules folder; settings stay */
  'POST /rules/{id}/restore': {
    params: {
      id: string
    }
    body: {
      revision: number
      /** For whoever reads the history. */
      why?: string | undefined
    }
    answer: {
      /** Position of the log from which it holds. */
      seq: number
    }
  }
  /** How the rule came to be as it is: its text and settings at each position where they changed, newest first */
  'GET /rules/{id}/revisions': {
    params: {
      id: string
    }
    answer: {
      items: {
        number: number
        /** Position of the log from which it is in force. */
        seq: number
        at: string
        /** Hash of all rules, pipelines and the registry there. */
        bundle: string
        path: string
        /** SHA-256 of the text; empty: the rule was gone. */
        hash: string
        settings: {
          state: 'draft' | 'shadow' | 'live' | 'retired'
          /** Alerts a day. */
          budget?: number
          owner?: string
          /** It is switched off: why. */
          disabled?: string
          /** Agencies it is switched off for, and why. */
          disabledIn?: Record<string, string>
        }
        /** Empty: a file was changed by hand. */
        by: string
        why: string
      }[]
    }
  }
  /** One revision with its text */
  'GET /rules/{id}/revisions/{number}': {
    params: {
      id: string
      number: number
    }
    answer: {
      number: number
      /** Position of the log from which it is in force. */
      seq: number
      at: string
      /** Hash of all rules, pipelines and the registry there. */
      bundle: string
      path: string
      /** SHA-256 of the text; empty: the rule was gone. */
      hash: string
      settings: {
        state: 'draft' | 'shadow' | 'live' | 'retired'
        /** Alerts a day. */
        budget?: number
        owner?: string
        /** It is switched off: why. */
        disabled?: string
        /** Agencies it is switched off for, and why. */
        disabledIn?: Record<string, string>
      }
      /** Empty: a file was changed by hand. */
      by: string
      why: string
      text: string
    }
  }
  /** What the rule raised in shadow: by day, by entity, and the newest alerts, which nobody else sees */
  'GET /rules/{id}/shadow': {
    params: {
      id: string
    }
    query?: {
      days?: number | undefined
      limit?: number | undefined
    }
    answer: {
      days: {
        day: string
        alerts: number
        withdrawn: number
      }[]
      entities: {
        agency: string
        /** Empty: of those not told apart. */
        kind: string
        value: string
        alerts: number
        withdrawn: number
      }[]
      alerts: {
        id: string
        version: number
        rule: {
          id: string
          title: string
          titleVi?: string
          level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
          hash: string
          tags: string[]
          author?: string
          license?: string
          path: string
        }
        '@timestamp': string
        seq: number
        agency: string
        system?: string
        entities: {
          kind: string
          value: string
        }[]
        group: Record<string, string>
        evidence: {
          record: string
          seq: number
          '@timestamp': string
          /** The raw line, verbatim. It is hostile text. */
          original: string
          rule: string
          proof: {
            selection: string
            field: string
            eventField: string
            modifiers: string[]
            value: string
            matched: string
            /** [start, end) in `original`, UTF-16 units. */
            span?: number[]
          }[]
        }[]
        count: number
        /** It tells of `count` alerts of its rule that day, beyond what the rule may raise. */
        beyondBudget?: {
          day: string
          perDay: number
        }
      }[]
    }
  }
  /** Move the rule along its life: draft, shadow, live, retired */
  'POST /rules/{id}/state': {
    params: {
      id: string
    }
    body: {
      state: 'draft' | 'shadow' | 'live' | 'retired'
      /** For whoever reads the history. */
      why?: string | undefined
    }
    answer: {
      /** Position of the log from which it holds. */
      seq: number
    }
  }
  /** Exceptions that would hide what was judged benign and nothing that was true; a threshold from what was seen */
  'GET /rules/{id}/suggestions': {
    params: {
      id: string
    }
    query?: {
      days?: number | undefined
      alertsPerDay?: number | undefined
    }
    answer: {
      /** That were looked at, the newest. */
      alerts: number
      exceptions: {
        conditions: {
          field: string
          value: string
        }[]
        /** Of the alerts looked at: benign or false, and undecided. None that was true. */
        hides: {
          noise: number
          open: number
        }
        of: {
          noise: number
          open: number
          threat: number
        }
        /** A Sigma filter document, to be looked at and put into the rules folder by a person. */
        filter: string
      }[]
      threshold?: {
        now: number
        /** The least at which no more than `alertsPerDay` come and every group judged true still does. */
        suggested?: number
        alertsPerDay: number
        days: number
        /** False: there were more events than are looked at; the newest were. */
        complete: boolean
        /** Over groups: the most that one window of theirs held. */
        peaks: {
          p50: number
          p90: number
          p99: number
          max: number
        }
        steps: {
          threshold: number
          /** That reach it. */
          groups: number
          /** That would have come. */
          alerts: number
        }[]
      }
    }
  }
  /** Switch the rule off or on, everywhere or for some agencies */
  'POST /rules/{id}/switch': {
    params: {
      id: string
    }
    body: {
      off: boolean
      agencies?: string[] | undefined
      /** For whoever reads the history. */
      why?: string | undefined
    }
    answer: {
      /** Position of the log from which it holds. */
      seq: number
    }
  }
  /** Another text of the rule: a new version, in force at once where the rule runs */
  'PUT /rules/{id}/text': {
    params: {
      id: string
    }
    body: {
      /** Sigma, in YAML. */
      text: string
      /** For whoever reads the history. */
      why: string
      /** `hash` of the text that was edited. */
      base: string
    }
    answer: {
      /** Position of the log from which it holds. */
      seq: number
    }
  }
  /** Shippers and their ways to this collector, of each shipper the one to take first */
  'GET /shipping': {
    answer: {
      items: {
        shipper: string
        transport: string
        /** Of the collector. */
        input: string
        /** By what the collector knows whose the records are. */
        identity: 'address' | 'token'
        /** The collector's answer means that a record is on its disk. */
        acknowledges: boolean
        /** Versions that were run as written; absent: none. */
        tested?: string
      }[]
    }
  }
  /** The configuration of one sender, filled in, and what else is to be done for it. Changes nothing. */
  'GET /shipping/{shipper}/{transport}': {
    params: {
      shipper: string
      transport: string
    }
    query: {
      agency: string
      system?: string | undefined
      host: string
      address?: string | undefined
      stream?: string | undefined
    }
    answer: {
      shipper: string
      transport: string
      /** Of the collector. */
      input: string
      /** By what the collector knows whose the records are. */
      identity: 'address' | 'token'
      /** The collector's answer means that a record is on its disk. */
      acknowledges: boolean
      /** Versions that were run as written; absent: none. */
      tested?: string
      stream: string
      /** For the sender; with `soc_TOKEN` where a token belongs. */
      configuration: string
      /** Where it belongs on the sender. */
      file: string
      /** What to put the token in place of, where there is one. */
      tokenPlace?: string
      /** File on the sender with the collector's authority. */
      ca?: string
      after: {
        vi: string
        en: string
      }
      /** Line that the registry's `sources` lacks. */
      registryLine?: string
      /** Lines that the collector's `soc.yaml` lacks. */
      settings: string[]
    }
  }
  /** Who sends, when last, and what became of it: received = events + deadLetters + repeats */
  'GET /sources': {
    query?: {
      limit?: number | undefined
      cursor?: string | undefined
    }
    answer: {
      items: {
        source: string
        agency: string
        system?: string
        /** `silent`, `fallen` (volume), `drifting` (clock): there is an alert. `learning`: too new to be judged. `muted`: not expected to send, or under maintenance. `unregistered`: of no agency, never judged. */
        state: 'healthy' | 'silent' | 'fallen' | 'drifting' | 'learning' | 'muted' | 'unregistered'
        /** Receive time less event time of the newest record with a time of its own. */
        lagSeconds?: number
        /** Median of half an hour; positive: its clock is ahead. */
        clockDriftSeconds?: number
        /** In the last whole hour. */
        recordsLastHour?: number
        /** Median of that hour of the week, in the weeks before. */
        recordsUsual?: number
        /** Silence that is told just now; absent while it is not judged. */
        silentAfterSeconds?: number
        firstSeen: string
        lastSeen: string
        events: number
        deadLetters: number
        /** Records whose content was not understood: dead letters, and events with `error.code`. */
        parseFailures: number
        /** Records sent again under an identity that was stored before. */
        repeats: number
        /** Lost before the spool, where the protocol cannot wait (UDP). */
        dropped: number
        bytes: number
        /** Since start: times it was held up, turned away (429) or dropped (UDP), its agency being over its quota. */
        throttled: number
      }[]
      next?: string
    }
  }
  /** Changes of incidents as they happen (Server-Sent Events); `Last-Event-ID` tells again what was missed */
  'GET /stream': {
    answer: Blob
  }
  /** Tokens in force; never their secrets */
  'GET /tokens': {
    answer: {
      items: {
        id: string
        kind: 'ingest' | 'api'
        name: string
        agencies: 'all' | string[]
        scopes: string[]
        createdAt: string
        createdBy: string
        expiresAt?: string
        lastUsedAt?: string
        addresses?: string[]
      }[]
    }
  }
  /** Make a token; its text is in this answer and nowhere else */
  'POST /tokens': {
    body: {
      kind: 'ingest' | 'api'
      /** What it is for. */
      name: string
      /** Of an ingest token: whose logs. */
      agency?: string | undefined
      agencies?: 'all' | string[] | undefined
      scopes?: ('wall:read' | 'incidents:read' | 'incidents:comment' | 'incidents:write' | 'incidents:merge' | 'events:read' | 'events:export' | 'rules:read' | 'rules:tune' | 'exceptions:write' | 'sources:read' | 'dead_letters:read' | 'dead_letters:replay' | 'agencies:read' | 'metrics:read' | 'audit:read' | 'indicators:read' | 'indicators:write' | 'blocklists:read' | 'reports:read')[] | undefined
      expiresAt?: string | undefined
      /** Addresses and networks (CIDR) that it may be used from; of an api token. */
      addresses?: string[] | undefined
    }
    answer: {
      id: string
      kind: 'ingest' | 'api'
      name: string
      agencies: 'all' | string[]
      scopes: string[]
      createdAt: string
      createdBy: string
      expiresAt?: string
      lastUsedAt?: string
      addresses?: string[]
      token: string
    }
  }
  /** Revoke a token, at once */
  'DELETE /tokens/{id}': {
    params: {
      id: string
    }
    answer: null
  }
  /** All users */
  'GET /users': {
    answer: {
      items: {
        name: string
        displayName: string
        role: 'administrator' | 'lead' | 'analyst' | 'analyst_l1' | 'detection_engineer' | 'agency_sysadmin' | 'agency_viewer' | 'auditor'
        agencies: 'all' | string[]
        mustChange: boolean
        disabled: boolean
        createdAt: string
        /** The single sign-on that vouches for them. */
        issuer?: string
      }[]
    }
  }
  /** Add a user, with a one-time password to be handed over */
  'POST /users': {
    body: {
      /** a-z, 0-9, dot, dash, underscore. */
      name: string
      displayName: string
      role: 'administrator' | 'lead' | 'analyst' | 'analyst_l1' | 'detection_engineer' | 'agency_sysadmin' | 'agency_viewer' | 'auditor'
      agencies: 'all' | string[]
    }
    answer: {
      name: string
      displayName: string
      role: 'administrator' | 'lead' | 'analyst' | 'analyst_l1' | 'detection_engineer' | 'agency_sysadmin' | 'agency_viewer' | 'auditor'
      agencies: 'all' | string[]
      mustChange: boolean
      disabled: boolean
      createdAt: string
      /** The single sign-on that vouches for them. */
      issuer?: string
      /** One-time password, shown here and nowhere else. */
      password: string
    }
  }
  /** Change a user; takes effect in their open sessions too */
  'PATCH /users/{name}': {
    params: {
      name: string
    }
    body: {
      displayName?: string | undefined
      role?: 'administrator' | 'lead' | 'analyst' | 'analyst_l1' | 'detection_engineer' | 'agency_sysadmin' | 'agency_viewer' | 'auditor' | undefined
      agencies?: 'all' | string[] | undefined
      disabled?: boolean | undefined
      /** The next log-in asks for no code. */
      resetSecondFactor?: boolean | undefined
      /** Give a new one-time password. */
      resetPassword?: boolean | undefined
    }
    answer: {
      name: string
      displayName: string
      role: 'administrator' | 'lead' | 'analyst' | 'analyst_l1' | 'detection_engineer' | 'agency_sysadmin' | 'agency_viewer' | 'auditor'
      agencies: 'all' | string[]
      mustChange: boolean
      disabled: boolean
      createdAt: string
      /** The single sign-on that vouches for them. */
      issuer?: string
      /** One-time password, shown here and nowhere else. */
      password?: string
    }
  }
  /** What a user is told, where and when */
  'GET /users/{name}/notifications': {
    params: {
      name: string
    }
    answer: {
      settings: {
        language: 'vi' | 'en'
        addresses: {
          mail?: string
          chat?: string
        }
        levelMin: 'informational' | 'low' | 'medium' | 'high' | 'critical'
        quiet?: {
          /** HH:MM. */
          from: string
          /** HH:MM. */
          to: string
        }
        urgentInQuiet: boolean
      }
      /** Ways that are set up. */
      ways: ('mail' | 'chat')[]
      /** The newest. */
      messages: {
        id: string
        user: string
        way: 'mail' | 'chat'
        at: string
        notices: number
        attempts: number
        state: 'pending' | 'sent' | 'failed' | 'dropped'
        sentAt?: string
        error?: string
      }[]
    }
  }
  /** Say what a user is told, where and when */
  'PUT /users/{name}/notifications': {
    params: {
      name: string
    }
    body: {
      language: 'vi' | 'en'
      addresses: {
        mail?: string | undefined
        chat?: string | undefined
      }
      levelMin: 'informational' | 'low' | 'medium' | 'high' | 'critical'
      quiet?: {
        /** HH:MM. */
        from: string
        /** HH:MM. */
        to: string
      } | undefined
      urgentInQuiet: boolean
    }
    answer: {
      settings: {
        language: 'vi' | 'en'
        addresses: {
          mail?: string
          chat?: string
        }
        levelMin: 'informational' | 'low' | 'medium' | 'high' | 'critical'
        quiet?: {
          /** HH:MM. */
          from: string
          /** HH:MM. */
          to: string
        }
        urgentInQuiet: boolean
      }
      /** Ways that are set up. */
      ways: ('mail' | 'chat')[]
      /** The newest. */
      messages: {
        id: string
        user: string
        way: 'mail' | 'chat'
        at: string
        notices: number
        attempts: number
        state: 'pending' | 'sent' | 'failed' | 'dropped'
        sentAt?: string
        error?: string
      }[]
    }
  }
  /** Figures for a wallboard: open incidents by agency and level, the last 30 days, legal deadlines that passed */
  'GET /wall': {
    answer: {
      from: string
      to: string
      /** Of the centre. */
      names: {
        vi: string
        en: string
      }
      /** That there are now. */
      agencies: {
        key: string
        names: {
          vi: string
          en: string
        }
      }[]
      open: {
        agency: string
        level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
        count: number
      }[]
      days: {
        day: string
        level: 'informational' | 'low' | 'medium' | 'high' | 'critical'
        count: number
      }[]
      /** Legal deadlines that passed without a report. */
      overdue: number
    }
  }
  /** Webhooks; never their secrets */
  'GET /webhooks': {
    answer: {
      items: {
        id: string
        url: string
        agencies: 'all' | string[]
        codes: string[]
        enabled: boolean
        createdAt: string
        createdBy: string
      }[]
    }
  }
  /** Tell a URL of changes from now on */
  'POST /webhooks': {
    body: {
      url: string
      agencies: 'all' | string[]
      /** Empty: all. */
      codes?: string[] | undefined
    }
    answer: {
      id: string
      url: string
      agencies: 'all' | string[]
      codes: string[]
      enabled: boolean
      createdAt: string
      createdBy: string
      /** Signs; shown here and nowhere else. */
      secret: string
    }
  }
  /** Remove a webhook with its log */
  'DELETE /webhooks/{id}': {
    params: {
      id: string
    }
    answer: null
  }
  /** What was sent and how it ended, newest first; kept for 30 days */
  'GET /webhooks/{id}/deliveries': {
    params: {
      id: string
    }
    query?: {
      limit?: number | undefined
    }
    answer: {
      items: {
        id: string
        webhook: string
        at: string
        attempts: number
        state: 'pending' | 'delivered' | 'failed'
        /** When a pending one is tried next. */
        nextAt?: string
        status?: number
        error?: string
      }[]
    }
  }
  /** Send one again, under the same id */
  'POST /webhooks/{id}/deliveries/{delivery}/redeliver': {
    params: {
      id: string
      delivery: string
    }
    answer: null
  }
  /** A new secret, which signs beside the former one until the next */
  'POST /webhooks/{id}/secret': {
    params: {
      id: string
    }
    answer: {
      /** Signs; shown here and nowhere else. */
      secret: string
    }
  }
}
