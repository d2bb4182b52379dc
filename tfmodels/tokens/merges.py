"""Learns the merges of byte-pair encoding from counted pieces of text."""

import collections
import heapq


def learn_merges(pieces, letters, limit):
    """Joins the most frequent pair of tokens again and again (Sennrich et al. 2016, algorithm 1).

    Pairs of equal frequency are taken in the order of their tokens. It ends early when no pair
    occurs twice.

    Args:
        pieces: {sequence of token ids below `letters`: how often it occurs}; no pair is counted
            across two pieces.
        letters: number of tokens at the start; the first merge makes the token of this id.
        limit: most merges.

    Returns:
        List of pairs (left id, right id), the first merge in front.
    """
    words = [list(piece) for piece in pieces]
    weights = list(pieces.values())
    counts = collections.Counter()
    places = collections.defaultdict(set)  # pair -> words that may hold it
    for index, word in enumerate(words):
        for pair in zip(word, word[1:], strict=False):
            counts[pair] += weights[index]
            places[pair].add(index)
    queue = [(-count, pair) for pair, count in counts.items()]
    heapq.heapify(queue)
    merges = []
    while queue and len(merges) < limit:
        count, pair = heapq.heappop(queue)
        if -count != counts[pair]:  # it fell since; its true count waits its turn
            if counts[pair] > 0:
                heapq.heappush(queue, (-counts[pair], pair))
            continue
        if -count < 2:
            break
        made = letters + len(merges)
        merges.append(pair)
        changed = set()
        for index in places.pop(pair):
            changed |= _merge(words[index], pair, made, weights[index], counts, places, index)
        for new in changed:
            heapq.heappush(queue, (-counts[new], new))
    return merges


def _merge(word, pair, made, weight, counts, places, index):
    """Merges a pair in one word, in place; returns the pairs that it brought about."""
    before = list(zip(word, word[1:], strict=False))
    start = 0
    while start < len(word) - 1:
        if (word[start], word[start + 1]) == pair:
            word[start:start + 2] = [made]
        start += 1
    after = list(zip(word, word[1:], strict=False))
    for old in before:
        counts[old] -= weight
    for new in after:
        counts[new] += weight
        places[new].add(index)
    return {new for new in after if made in new}
