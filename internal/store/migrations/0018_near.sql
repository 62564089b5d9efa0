-- Which texts the published version of an article is made of, where vectors
-- are searched in the database: embeddings know texts only by their hash.
CREATE TABLE article_texts (
  article_id TEXT NOT NULL REFERENCES articles (id),
  place      BIGINT NOT NULL,
  version    BIGINT NOT NULL,
  hash       TEXT NOT NULL,
  PRIMARY KEY (article_id, place)
) {strict};

CREATE INDEX article_texts_hash ON article_texts (hash);
