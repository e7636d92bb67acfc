// Notes that are written down a little later.
export const notes = (): { take: (note: string) => void; all: string[] } => {
  const all: string[] = [];
  return { all, take: (note) => setTimeout(() => all.push(note), 20) };
};
