/** The notes of the API, the newest first, through this page's own server. */

export interface Note {
  id: number;
  title: string;
}

export function listNotes(): Promise<Note[]> {
  return call("/api/notes");
}

export function addNote(title: string): Promise<Note> {
  return call("/api/notes", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ title }),
  });
}

async function call<T>(path: string, init?: RequestInit): Promise<T> {
  const answer = await fetch(path, init);
  if (answer.ok) return answer.json();
  const { detail } = await answer.json().catch(() => ({}));
  throw new Error(typeof detail === "string" ? detail : `the server said ${answer.status}`);
}
