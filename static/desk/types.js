// @ts-check
// The shapes of what the room tells a desk, as odr/mediation/service.py writes them; types only.

/**
 * @typedef {object} StepState
 * @property {string} key
 * @property {string} title
 * @property {boolean} done
 * @property {number | null} begun_ms
 * @property {number | null} elapsed_s
 *
 * @typedef {object} SeatState
 * @property {string} seat
 * @property {string} role
 * @property {string} label
 * @property {boolean} waiting
 * @property {boolean} admitted
 * @property {boolean} connected
 * @property {null | "same" | "doubt" | "different"} identity
 * @property {string} quality
 * @property {string[]} taps
 *
 * @typedef {{key: string, text: string, text_hash?: string, done?: boolean}} Item
 * @typedef {{id: string, number: number, text: string, answers: Record<string, string>}} Fact
 * @typedef {import("./money.js").Instalment} Instalment
 *
 * @typedef {object} Terms
 * @property {number} total_fen
 * @property {Instalment[]} instalments
 * @property {string} payee_account
 * @property {string} method
 * @property {boolean} acceleration
 * @property {string} penalty
 * @property {string} fee_burden
 * @property {string[]} extra
 * @property {Promises} [promises]
 *
 * @typedef {object} Promises
 * @property {string} [responsibility]
 * @property {number} [grace_days]
 * @property {{guarantor: string, kind: string, until: string | null}} [guarantee]
 * @property {{what: string, by: string, due: string, place: string}} [delivery]
 * @property {{by: string, manner: string, due: string}} [apology]
 * @property {{what: string, applicant_fen: number, respondent_fen: number}} [costs]
 * @property {string} [remainder]
 * @property {string | null} [contracted]
 *
 * @typedef {object} ClauseState
 * @property {string} key
 * @property {string[]} lines
 * @property {string} text_hash
 * @property {string} by
 * @property {number} since the version in which it came to say this
 * @property {boolean} changed
 * @property {Record<string, string>} answers
 * @property {Record<string, string>} reasons
 *
 * @typedef {object} ProposalState
 * @property {string} id
 * @property {number} number
 * @property {Terms} terms
 * @property {string} text_hash
 * @property {Record<string, string>} answers
 * @property {Record<string, string>} reasons
 * @property {ClauseState[]} clauses
 * @property {{level: string, text: string, article: string}[]} remarks only for the desk
 * @property {string[]} left_out
 *
 * @typedef {object} AgreementState
 * @property {string} id
 * @property {string} status
 * @property {string} content_hash
 * @property {{field: string, name: string, status: string, mine: boolean}[]} fields
 * @property {number} pages
 *
 * @typedef {{kind: string, by: string, text: string, t_ms: number, at?: string}} NoteState
 *
 * @typedef {object} RoomState
 * @property {number} version
 * @property {string} status
 * @property {string} step
 * @property {number} step_index
 * @property {StepState[]} steps
 * @property {{seat: string, role: string, label: string, admitted: boolean}} me
 * @property {null | {side: string, seats: string[], inside: boolean, elapsed_s: number, asked: boolean, recorded: boolean, answers: Record<string, string>, mine: string | null}} [caucus]
 * @property {SeatState[]} seats
 * @property {string} read
 * @property {string} law
 * @property {{title: string, text: string, items: Item[]}} card items only for parties
 * @property {Fact[]} facts
 * @property {ProposalState | null} proposal
 * @property {AgreementState | null} agreement
 * @property {{on: boolean, bytes: number, t_ms: number, head: string, head_seq: number}} recording
 * @property {string[]} missing
 * @property {NoteState[]} notes
 * @property {string | null} outcome
 *
 * @typedef {(type: string, body?: Record<string, unknown>) => Promise<boolean>} Act
 */

export {};
