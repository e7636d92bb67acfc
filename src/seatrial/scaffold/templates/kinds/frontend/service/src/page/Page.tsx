import { type FormEvent, useEffect, useState } from "react";

import { addNote, listNotes, type Note } from "./notes.ts";

export function Page() {
  const [notes, setNotes] = useState<Note[]>([]);
  const [title, setTitle] = useState("");
  const [problem, setProblem] = useState("");

  async function attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      setProblem("");
    } catch (error) {
      setProblem(error instanceof Error ? error.message : String(error));
    }
  }

  useEffect(() => {
    void attempt(async () => setNotes(await listNotes()));
  }, []);

  function submit(event: FormEvent): void {
    event.preventDefault();
    void attempt(async () => {
      const added = await addNote(title);
      setNotes((before) => [added, ...before]);
      setTitle("");
    });
  }

  return (
    <main>
      <h1>Notes</h1>
      {problem && <p role="alert">{problem}</p>}
      <ul>
        {notes.map((note) => (
          <li key={note.id}>{note.title}</li>
        ))}
      </ul>
      <form onSubmit={submit}>
        <input
          aria-label="New note"
          value={title}
          onChange={(event) => setTitle(event.target.value)}
          required
        />
        <button>Add</button>
      </form>
    </main>
  );
}
