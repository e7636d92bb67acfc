export function title(name) {
  if (name === "") {
    return "nobody";
  }
  return `for ${name}`;
}

export function footer() {
  return "never";
}
