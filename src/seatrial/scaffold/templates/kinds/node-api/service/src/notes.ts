/** Notes, kept in memory: they are gone when the service ends. */

export interface Note {
  id: number;
  text: string;
}

export const LONGEST = 500;

export class Notes {
  readonly #notes = new Map<number, Note>();

  all(): Note[] {
    return [...this.#notes.values()];
  }

  get(id: number): Note | undefined {
    return this.#notes.get(id);
  }

  add(text: string): Note {
    const note = { id: this.#notes.size + 1, text };
    this.#notes.set(note.id, note);
    return note;
  }
}

/** The text of a new note as a client sent it, or nothing where that is none. */
export function textOf(body: unknown): string | undefined {
  if (typeof body !== "object" || body === null || !("text" in body)) return undefined;
  const { text } = body;
  if (typeof text !== "string" || text.length > LONGEST) return undefined;
  return text.trim() || undefined;
}
