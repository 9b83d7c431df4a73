-- Codes are found by the e-mail that they prove, in the form in which e-mails are compared: a look-up for an e-mail that nobody has is the same one.
ALTER TABLE codes ADD COLUMN email_key text NOT NULL;
CREATE INDEX codes_of_email ON codes (email_key, purpose, id DESC);

-- Profile photos that are in use. A file of the bucket that has no row here was left by a crash, and the nightly job removes it.
CREATE TABLE photos (
  key        text PRIMARY KEY,
  width      integer NOT NULL,
  height     integer NOT NULL,
  created_at timestamptz NOT NULL
);
