"""Word vectors beside gensim's and people's judgements."""
