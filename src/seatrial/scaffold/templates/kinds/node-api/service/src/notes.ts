/** Notes, kept in memory: they are gone when the service ends. */

export interface NewNote {
  title: string;
  text: string;
}

export interface Note extends NewNote {
  id: number;
  created_at: string;
}

export const LONGEST_TITLE = 120;

export class Notes {
  readonly #notes = new Map<number, Note>();
  #last = 0;

  /** The notes that were added last, the newest first. */
  newest(limit: number): Note[] {
    return [...this.#notes.values()].reverse().slice(0, limit);
  }

  get(id: number): Note | undefined {
    return this.#notes.get(id);
  }

  add({ title, text }: NewNote): Note {
    const note = { id: ++this.#last, title, text, created_at: new Date().toISOString() };
    this.#notes.set(note.id, note);
    return note;
  }

  /** Whether there was such a note. */
  remove(id: number): boolean {
    return this.#notes.delete(id);
  }
}

/** The new note that a client sent, or nothing where that is none. */
export function newNote(body: unknown): NewNote | undefined {
  if (typeof body !== "object" || body === null) return undefined;
  const { title, text = "" } = body as Record<string, unknown>;
  if (typeof title !== "string" || typeof text !== "string") return undefined;
  const trimmed = title.trim();
  if (!trimmed || trimmed.length > LONGEST_TITLE) return undefined;
  return { title: trimmed, text };
}
