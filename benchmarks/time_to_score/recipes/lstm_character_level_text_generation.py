"""keras.io/examples/generative/lstm_character_level_text_generation (Chollet 2015): 40 epochs.

Windows of 40 characters, every 3 characters, an LSTM of 128 units, the character after the window;
batches of 128, RMSprop at 0.01. Its corpus has 600,893 characters, in lower case.

The page writes 1,600 characters after each epoch, one prediction at a time; that is left out here,
in its favour. It scores nothing: the validation text is scored here while the clock stands still.
"""

from common import after_each_epoch, arguments, running_text

_EPOCHS, _LENGTH, _EVERY = 40, 40, 3
_SCORED = 2048  # windows at a time


def main():
    """Trains; scores are nats per character of the validation text, each after 40 others."""
    data, log = arguments()
    import keras
    import numpy as np
    from keras import layers

    text, validation = (running_text(data, part).lower() for part in ("train", "validation"))
    characters = sorted(set(text + validation))
    ids = {character: number for number, character in enumerate(characters)}
    one_hot = np.eye(len(characters), dtype=bool)

    def windows(text, every):
        numbers = np.array([ids[character] for character in text])
        return np.lib.stride_tricks.sliding_window_view(numbers, _LENGTH + 1)[::every]

    train = windows(text, _EVERY)
    x, y = one_hot[train[:, :-1]], one_hot[train[:, -1]]
    model = keras.Sequential([
        keras.Input(shape=(_LENGTH, len(characters))),
        layers.LSTM(128),
        layers.Dense(len(characters), activation="softmax")])
    model.compile(loss="categorical_crossentropy",
                  optimizer=keras.optimizers.RMSprop(learning_rate=0.01))

    def nats():
        found = []
        scored = windows(text[-_LENGTH:] + validation, 1)
        for first in range(0, len(scored), _SCORED):
            some = scored[first:first + _SCORED]
            likely = model.predict_on_batch(one_hot[some[:, :-1]])
            found.append(likely[np.arange(len(some)), some[:, -1]])
        return -np.log(np.maximum(np.concatenate(found), keras.config.epsilon())).mean()
    model.fit(x, y, batch_size=128, epochs=_EPOCHS,
              callbacks=[after_each_epoch(lambda _: log.score_aside(nats))])


if __name__ == "__main__":
    main()
