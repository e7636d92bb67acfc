/** The notes of the API, through this page's own server. */

export interface Note {
  id: number;
  text: string;
}

export function listNotes(): Promise<Note[]> {
  return call("/api/notes");
}

export function addNote(text: string): Promise<Note> {
  return call("/api/notes", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ text }),
  });
}

async function call<T>(path: string, init?: RequestInit): Promise<T> {
  const answer = await fetch(path, init);
  if (answer.ok) return answer.json();
  const { detail } = await answer.json().catch(() => ({}));
  throw new Error(typeof detail === "string" ? detail : `the server said ${answer.status}`);
}
