"""Makes the tiny GPT-2 of this folder with Hugging Face's libraries, and records what it answers.

    pip install transformers==5.* torch tokenizers
    python tests/models/gpt2_tiny/make.py

A byte-pair tokenizer of 600 tokens and a network of 2 blocks learn the project's licence by heart
a little, so that greedy continuations are no toss-up. The layout is that of the published weights:
config.json, model.safetensors, vocab.json, merges.txt. `answers.npz` holds, for each prompt, the
tokens, the logits and the greedy continuation that transformers' own code gives.
"""

import json
import pathlib

import numpy as np
import tokenizers
import torch
import transformers

FOLDER = pathlib.Path(__file__).parent
PROMPTS = ["Licensed under the Apache License", "You may reproduce", "  two  spaces\n\nI'll: 42%",
           "naïve 🙂"]
CONTEXT, CONTINUED = 64, 40


def main():
    """Writes the files."""
    text = (FOLDER.parents[1] / "LICENSE").read_text()
    bpe = tokenizers.ByteLevelBPETokenizer()
    bpe.train_from_iterator([text], 600, special_tokens=["<|endoftext|>"], show_progress=False)
    vocabulary, merges = _as_published(bpe)
    (FOLDER / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False))
    (FOLDER / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n")
    tokens = transformers.GPT2TokenizerFast(vocab=vocabulary, merges=[
        tuple(line.split()) for line in merges])

    end = vocabulary["<|endoftext|>"]
    torch.manual_seed(0)
    model = transformers.GPT2LMHeadModel(transformers.GPT2Config(
        vocab_size=len(vocabulary), n_positions=CONTEXT, n_embd=32, n_layer=2, n_head=4,
        bos_token_id=end, eos_token_id=end))
    ids = torch.tensor(tokens(text)["input_ids"])
    optimizer = torch.optim.AdamW(model.parameters(), 3e-3)
    for _ in range(300):
        starts = torch.randint(len(ids) - CONTEXT, (16,))
        batch = torch.stack([ids[start:start + CONTEXT] for start in starts])
        loss = model(batch, labels=batch).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(f"loss {loss.item():.3f} nats per token")
    model.eval().save_pretrained(FOLDER)
    (FOLDER / "generation_config.json").unlink(missing_ok=True)

    answers = {}
    with torch.no_grad():
        for number, prompt in enumerate(PROMPTS):
            prompt_ids = torch.tensor([tokens(prompt)["input_ids"]])
            continued = model.generate(prompt_ids, attention_mask=torch.ones_like(prompt_ids),
                                       do_sample=False, pad_token_id=end,
                                       min_new_tokens=CONTINUED, max_new_tokens=CONTINUED)[0]
            answers |= {f"tokens_{number}": prompt_ids[0].numpy(),
                        f"logits_{number}": model(prompt_ids).logits[0].numpy(),
                        f"continued_{number}": continued.numpy(),
                        f"text_{number}": np.array(tokens.decode(continued).encode())}
    np.savez_compressed(FOLDER / "answers.npz", prompts=np.array(
        [prompt.encode() for prompt in PROMPTS]), **answers)


def _as_published(bpe):
    """Returns the vocabulary and the merges with <|endoftext|> as the last token, as GPT-2's."""
    model = json.loads(bpe.to_str())["model"]
    order = sorted(model["vocab"], key=model["vocab"].get)
    order = [token for token in order if token != "<|endoftext|>"] + ["<|endoftext|>"]
    return ({token: number for number, token in enumerate(order)},
            [" ".join(pair) for pair in model["merges"]])


if __name__ == "__main__":
    main()
