"""--mode=evaluate --samples: images from anywhere, scored against a data set."""

from tfmodels import files
from tfmodels.errors import InputError
from tfmodels.evaluation import sample_files
from tfmodels.launcher import final_scores, output, quiet
from tfmodels.progress import activity


def score(path, settings, out):
    """Prints the scorecard of the images, and writes it as JSON if `out` is given.

    Args:
        path: folder of PNGs or .npz file, see `sample_files.read`.
        settings: Config that names the data set; its training split is what copies are searched in.
        out: file name, or empty.

    Returns:
        Exit code 0.
    """
    target = output.target(out)
    images = sample_files.read(path)
    quiet.import_tensorflow()
    from tfmodels.evaluation import baselines, extractors, stand_ins
    dataset, data = settings.dataset, settings.load("image", wants=("label",))
    height, width, channels = data.image_shape
    if images.shape[1:3] != (height, width):
        raise InputError(f"{path} has images of {images.shape[2]}x{images.shape[1]} pixels, "
                         f"{dataset} of {width}x{height}: expected the same size, since scaling "
                         "changes the scores")
    images = sample_files.with_channels(images, channels)
    real, train = (baselines.first_images(data.splits[split]) for split in ("test", "train"))
    with activity.of("scores"):
        by = extractors.of(data)
        beside = stand_ins.baselines(len(images), real, train, by)
        card = stand_ins.judged(images, real, train, by, beside)
        result = {"images": str(path), "dataset": dataset,
                  **final_scores.as_test_entries({"errors": {}} | card)}
        result |= final_scores.baselines(beside, result["errors"])
    final_scores.show(result)
    print(f"{len(images):,} images of {path} against {len(real):,} test images of {dataset}, by "
          f"extractor {card['extractor'][:12]}")
    if target:
        files.write_json(target, result)
        print(f"written to {target}")
    return 0
