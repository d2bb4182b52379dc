"""What TensorBoard calls the scalars, pictures and texts of a run, and says of them.

All else goes by plain names (`accuracy`, metrics.json's `test_accuracy`); here, once, each gets a
tag `GROUP/NAME` and a description, which the Scalars, Images and Text pages show. A page's groups
are sorted by name and only the first two are open: the names are chosen for that order. Training
and validation share a tag, and so a chart.

A name that is not in the table needs no entry: one that ends with `loss` is a loss, any other a
metric, a picture or an example.
"""

import re

PLUGINS = SCALARS, PICTURES, TEXTS = "scalars", "images", "text"  # their names in TensorBoard

_TABLE = {
    SCALARS: {
        "loss": {
            "loss": "What a step makes smaller; the experiment's page says which loss it is.",
            "d_loss": "Loss of the discriminator; 2 log 2 = 1.39 nats where it can only guess.",
            "g_loss": "Loss of the generator, by what the other network thinks of its images.",
            "category_loss": "Cross-entropy in nats of telling an image's category.",
            "critic_loss": "Weighted gradient penalty minus the Wasserstein estimate.",
            "gradient_penalty": "Mean of (norm of the critic's gradient - 1)², as it should be "
                                "near 0; 1 is a flat critic.",
        },
        "metrics": {
            "accuracy": "Fraction of the answers that are right.",
            "r2": "Share of the variance that is predicted; 1 is best, 0 is the mean.",
            "rmse": "Root of the mean squared error, in the unit of the label.",
            "mae": "Mean absolute error, in the unit of the label.",
            "token_accuracy": "Fraction of the tokens that are right, given those before.",
            "perplexity": "exp(loss): among how many equally likely tokens the choice is.",
            "bits_per_char": "Bits needed to tell a character, line ends included.",
            "exact_match": "Fraction of the sources whose whole written text is a recorded one.",
            "chrf": "Character n-gram F-score, 0 to 100 (Popović 2015).",
            "bleu": "Word n-gram precision, 0 to 100 (Papineni et al. 2002).",
            "mse": "Mean squared error of pixels in [0, 1].",
            "elbo": "Lower bound of an image's log-likelihood in nats: log likelihood minus kl.",
            "log_likelihood": "Log-likelihood in nats of an image, given its code.",
            "kl": "Divergence in nats of an image's code from the prior.",
            "importance_bound": "Importance-weighted bound of the log-likelihood in nats.",
            "wasserstein_estimate": "Mean critic's score of real images above that of samples.",
            "d_real_accuracy": "Fraction of the real images that the discriminator tells.",
            "d_fake_accuracy": "Fraction of the samples that the discriminator tells.",
            "frechet_distance": "Distance of the features' mean and covariance from those of real "
                                "images; lower is better (Heusel et al. 2017).",
            "kernel_distance": "Unbiased distance of features from those of real images; 0 is "
                               "best (Bińkowski et al. 2018).",
            "precision": "Fraction of the samples that look like some real image.",
            "density": "How many real images a sample looks like, over those expected.",
            "recall": "Fraction of the real images that look like some sample.",
            "coverage": "Fraction of the real images that have a sample near them.",
            "sample_diversity": "Distance between two samples over that between two real images; "
                                "near 0 is collapse.",
            "nearest_train_ratio": "Distance to the nearest training image, over that of real "
                                   "held-out images; near 0 are copies.",
            "near_copy_share": "Fraction of the samples nearer to a training image than 99% of "
                               "real held-out images.",
            "classifier_score": "Inception score by the digit classifier (Salimans et al. 2016).",
            "confident_share": "Fraction of the samples given a class with more than 90% "
                               "probability.",
            "classes_present": "How many classes the samples show.",
            "class_evenness": "Entropy of the samples' classes over that of even ones; 1 is best.",
            "rarest_class_share": "Fraction of the samples that show the rarest class.",
        },
        "training": {
            "examples_per_second": "Training examples per second, without validation and saving.",
            "learning_rate": "Step size of the optimizer now.",
            "gradient_norm": "L2 norm of all gradients of the last step.",
            "weight_norm": "L2 norm of all trained variables.",
        },
    },
    PICTURES: {"pictures": {
        "samples": "Images drawn from 64 noise vectors, the same at every step.",
        "samples_over_steps": "The samples of each validation, one after the other.",
        "samples_by_class": "Images drawn of each class, a column for each.",
        "latent_interpolation": "Each row walks from one random latent vector to another.",
        "latent_traversals": "Each row moves one latent dimension from -3 to 3.",
        "latent_manifold": "The first two latent dimensions, at quantiles of the prior.",
        "denoising": "Each row leads from noise to an image.",
        "reconstructions": "Rows of validation images, each above a row of their reconstructions.",
        "confusion_matrix": "How the classes of validation examples are told.",
        "worst_mistakes": "Wrong answers given with the most confidence: true class > answer.",
        "predictions": "What is predicted of validation rows against what is true.",
        "attention": "How much the token of each row looks at that of each column, mean of the "
                     "heads.",
    }},
    TEXTS: {
        "examples": {
            "worst_mistakes": "Wrong answers given with the most confidence: true class > answer.",
            "largest_errors": "Rows whose number is predicted worst: true > predicted.",
            "texts_greedy": "Continuations by the likeliest token each time.",
            "texts_sampled": "Continuations at temperature 0.8.",
            "written_training": "What is written of training sources, beside what is recorded.",
            "written_held_out": "What is written of validation sources, beside what is recorded.",
            "filled": "Sentences with hidden words, and the likeliest words for each.",
            "nearest_words": "Words, and those whose vectors are nearest.",
        },
        "test": {"scores": "Scores beside those of the baselines, 95% intervals in brackets."},
        "training": {
            "manifest": "Settings, versions, data and machine: the run's manifest.json.",
            "transfer": "Which layers another run gave, and which not.",
            "collapse": "What went wrong with adversarial training, and the answer.",
            "errors": "Scores and pictures that failed, and why.",
        },
    },
}
_TEST = "test_"
_GROUPS = {plugin: {*groups, "test"} for plugin, groups in _TABLE.items()}
_KNOWN = {plugin: {name: (group, description) for group, entries in groups.items()
                   for name, description in entries.items()}
          for plugin, groups in _TABLE.items()}
_OTHERS = {SCALARS: "metrics", PICTURES: "pictures", TEXTS: "examples"}


def tag_of(plugin, name):
    """Returns the tag and the description of what has a plain name.

    Args:
        plugin: `SCALARS`, `PICTURES` or `TEXTS`.
        name: such as `accuracy`, `test_accuracy`, `learning_rate/generator` or `attention_0`.
    """
    plain = name.removeprefix(_TEST)
    stem = re.sub(r"_\d+$", "", plain.partition("/")[0])
    other = "loss" if plugin == SCALARS and stem.endswith("loss") else _OTHERS[plugin]
    group, description = _KNOWN[plugin].get(
        stem, (other, stem.replace("_", " ") + ", see the experiment's page."))
    if plain != name:
        group = "test"
        description += " Of the export on the test split, after the last step."
    return f"{group}/{plain}", description


def is_tag(plugin, name):
    """Tells whether a name has its group already; events of earlier versions have plain names."""
    group, slash, _ = name.partition("/")
    return bool(slash) and group in _GROUPS[plugin]
