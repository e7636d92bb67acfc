CREATE TABLE notes (
    id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title      text        NOT NULL CHECK (title <> ''),
    text       text        NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
